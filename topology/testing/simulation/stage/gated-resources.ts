/**
 * The ports of one party, behind gates: each call waits before it takes effect, and before its answer is heard. Who dies
 * in between has done it, or not, and never knows.
 */
import type { EventLog } from '../../../model/ports/event-log.ts'
import type { Ledger } from '../../../model/ports/ledger.ts'
import type { ObjectStore } from '../../../model/ports/object-store.ts'
import type { RowStore } from '../../../model/ports/row-store.ts'
import type { NewRecord } from '../../../model/record.ts'
import type { Resources } from '../../../model/run-handle.ts'
import { LedgerNotes } from '../report/ledger-notes.ts'
import type { Note } from '../trace.ts'
import type { Party } from './party.ts'
import type { ProcessClock } from './process-clock.ts'

export interface GatedParty {
  readonly party: Party
  readonly clock: ProcessClock
  /** Absent: nobody reads. */
  readonly note?: Note | undefined
  /** How long the log takes to bring records, ms. Default 0. */
  readonly slowMs?: (() => number) | undefined
  /** How it becomes a member of the group of a spout's log. Absent: it has all partitions. */
  readonly joinAs?: ((spout: string) => EventLog['join']) | undefined
}

/** What those hear who wait at the end of a partition. */
export const bellOf = (log: EventLog, partition: number): string => `${log.id} ${partition}`

const call = async <Result>(party: Party, work: () => Promise<Result>): Promise<Result> => {
  await party.pass()
  let answer: Result
  try {
    answer = await work()
  } catch (error) {
    await party.pass()
    throw error
  }
  await party.pass()
  return answer
}

export const gatedResources = (resources: Resources, gated: GatedParty): Resources => ({
  logs: Object.fromEntries(
    Object.entries(resources.logs).map(([spout, log]) => [spout, gatedLog(log, gated, gated.joinAs?.(spout))]),
  ),
  rows: gatedRows(resources.rows, gated),
  ledger: gatedLedger(resources.ledger, gated),
  objects: gatedObjects(resources.objects, gated),
})

const textOfRecord = ({ value }: NewRecord): string => (value === null ? 'no value' : new TextDecoder().decode(value))

const gatedLog = (log: EventLog, { party, clock, note, slowMs }: GatedParty, join: EventLog['join']): EventLog => ({
  ...(join === undefined ? {} : { join }),
  ...(log.leaderEpochAt === undefined
    ? {}
    : { leaderEpochAt: (place, at) => call(party, () => log.leaderEpochAt!(place, at)) }),
  id: log.id,
  topic: log.topic,
  partitions: log.partitions,
  bounds: (place) => call(party, () => log.bounds(place)),
  fetch: async (place, from, { maxBytes, waitMs, signal }) => {
    await party.pass()
    const batch = await log.fetch(place, from, { maxBytes, waitMs: 0 })
    // A look at one record is quick.
    if (slowMs !== undefined && batch.records.length > 0 && maxBytes > 1) await clock.sleep(slowMs(), signal)
    if (batch.to > from || waitMs <= 0) return batch
    // It waits by the clock of who waits: a process that stands still hears of no record.
    await clock.nap(bellOf(log, place), waitMs, signal)
    return await log.fetch(place, from, { maxBytes, waitMs: 0 })
  },
  offsetAt: (place, timeMs) => call(party, () => log.offsetAt(place, timeMs)),
  append: (records) =>
    call(party, async () => {
      const places = await log.append(records)
      note?.('record', party.name, () => `appends to ${log.topic}: ${records.map(textOfRecord).join(', ')}`)
      return places
    }),
  release: async () => {},
  close: async () => {},
})

const gatedRows = (rows: RowStore, { party, note }: GatedParty): RowStore => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  write: (table, written, stamps) =>
    call(party, () => {
      note?.('call', party.name, () => `writes ${table.name} ${JSON.stringify(written)} @${String(stamps)}`)
      return rows.write(table, written, stamps)
    }),
  read: (table, keys) => call(party, () => rows.read(table, keys)),
  async *scan(table, range) {
    await party.pass()
    yield* rows.scan(table, range)
  },
  close: async () => {},
})

// The same calls in the same order whether somebody reads the notes or not.
const gatedLedger = (ledger: Ledger, { party, note }: GatedParty): Ledger => {
  const notes = note === undefined ? undefined : new LedgerNotes()
  return {
    ...(ledger.tickMs === undefined ? {} : { tickMs: ledger.tickMs }),
    read: (key) =>
      call(party, async () => {
        const doc = await ledger.read(key)
        notes?.saw(key, doc)
        return doc
      }),
    compareAndSet: (key, expected, next) =>
      call(party, async () => {
        let told = 'no answer'
        try {
          const answer = await ledger.compareAndSet(key, expected, next)
          told = answer
          return answer
        } finally {
          note?.('decision', party.name, () => notes?.told(key, expected, next, told) ?? '')
        }
      }),
    keys: (topology) => ledger.keys(topology),
    close: async () => {},
  }
}

const gatedObjects = (objects: ObjectStore, { party, note }: GatedParty): ObjectStore => ({
  name: objects.name,
  create: (key, body, metadata) =>
    call(party, async () => {
      const answer = await objects.create(key, body, metadata)
      note?.('call', party.name, () => `creates ${key}: ${answer}`)
      return answer
    }),
  replace: (key, etag, body, metadata) =>
    call(party, async () => {
      const answer = await objects.replace(key, etag, body, metadata)
      note?.('call', party.name, () => `rewrites ${key}: ${answer}`)
      return answer
    }),
  head: (key) => call(party, () => objects.head(key)),
  read: (key) => call(party, () => objects.read(key)),
  list: (prefix) => objects.list(prefix),
  close: async () => {},
})
