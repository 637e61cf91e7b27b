/**
 * Every call that leaves a process waits at a gate, before it takes effect and before its answer comes back, until the
 * schedule opens it. What lies between two gates runs at once, so one seed is one history.
 */

import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import type { Ledger } from '../../topology/model/ports/ledger.ts'
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'
import type { Random } from '../../topology/model/ports/random.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import type { Resources } from '../../topology/model/run-handle.ts'

interface Waiting {
  readonly owner: string
  readonly open: () => void
}

export class Gates {
  #waiting: Waiting[] = []

  /** Waits until the schedule lets this call of the owner go on. */
  pass(owner: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ owner, open: resolve }))
  }

  /** Opens one gate of those that may move; false when none waits. */
  openOne(random: Random, mayMove: (owner: string) => boolean): boolean {
    const free = this.#waiting.filter((one) => mayMove(one.owner))
    const chosen = free[Math.floor(random.next() * free.length)]
    if (chosen === undefined) return false
    this.#waiting = this.#waiting.filter((one) => one !== chosen)
    chosen.open()
    return true
  }

  /** The calls of a process that died never go on. */
  forget(owner: string): void {
    this.#waiting = this.#waiting.filter((one) => one.owner !== owner)
  }
}

const documentText = (doc: LedgerDocument): string => {
  const lanes = Object.entries(doc.lanes).map(
    ([id, { sink, at, to, declared, seq, slot }]) =>
      `${sink} ${id}: ${at}..${declared ?? ''}|${to ?? ''} seq ${seq} slot ${slot}`,
  )
  return `ver ${doc.ver} rules ${doc.rules} ${lanes.join(', ')}`
}

/** What every call of one process goes through. */
interface Process {
  readonly owner: string
  readonly pass: () => Promise<void>
  /** Waits before the call, and before its answer. */
  readonly call: <Result>(work: () => Promise<Result>) => Promise<Result>
  readonly note: (text: () => string) => void
}

/** The ports of one process, behind gates. */
export const gatedResources = (
  resources: Resources,
  gates: Gates,
  owner: string,
  note: (text: () => string) => void,
  join?: EventLog['join'],
): Resources => {
  const pass = (): Promise<void> => gates.pass(owner)
  const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await pass()
    const [answer] = await Promise.allSettled([work()])
    await pass()
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  }
  const process: Process = { owner, pass, call, note }
  const logs = Object.entries(resources.logs).map(([name, log]) => [name, gatedLog(log, process, join)] as const)
  return {
    logs: Object.fromEntries(logs),
    rows: gatedRows(resources.rows, process),
    ledger: gatedLedger(resources.ledger, process),
    objects: gatedObjects(resources.objects, process),
  }
}

const gatedLog = (log: EventLog, { pass, call }: Process, join: EventLog['join']): EventLog => ({
  ...(join === undefined ? {} : { join }),
  id: log.id,
  topic: log.topic,
  partitions: log.partitions,
  bounds: (place) => call(() => log.bounds(place)),
  fetch: async (place, from, options) => {
    await pass()
    return await log.fetch(place, from, options)
  },
  offsetAt: (place, timeMs) => call(() => log.offsetAt(place, timeMs)),
  append: (records) => call(() => log.append(records)),
  release: async () => {},
  close: async () => {},
})

const gatedRows = (rows: RowStore, { owner, pass, call, note }: Process): RowStore => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  write: (table, written, stamps) =>
    call(() => {
      note(() => `${owner} writes ${table.name} ${JSON.stringify(written)} @${String(stamps)}`)
      return rows.write(table, written, stamps)
    }),
  read: (table, keys) => call(() => rows.read(table, keys)),
  async *scan(table, range) {
    await pass()
    yield* rows.scan(table, range)
  },
  close: async () => {},
})

const gatedLedger = (ledger: Ledger, { owner, call, note }: Process): Ledger => ({
  read: (key) => call(() => ledger.read(key)),
  compareAndSet: (key, expected, next) =>
    call(async () => {
      const answer = await ledger.compareAndSet(key, expected, next)
      note(() => `${owner} sets the document: ${answer} ${documentText(next)}`)
      return answer
    }),
  keys: (topology) => ledger.keys(topology),
  close: async () => {},
})

const gatedObjects = (objects: ObjectStore, { call }: Process): ObjectStore => ({
  name: objects.name,
  create: (key, body, metadata) => call(() => objects.create(key, body, metadata)),
  replace: (key, etag, body, metadata) => call(() => objects.replace(key, etag, body, metadata)),
  head: (key) => call(() => objects.head(key)),
  read: (key) => call(() => objects.read(key)),
  list: (prefix) => objects.list(prefix),
  close: async () => {},
})
