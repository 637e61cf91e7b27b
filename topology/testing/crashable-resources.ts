/**
 * Ports of one process that can die: from the chosen effect on, no call is answered any more, and none changes anything.
 *
 * Every writing call counts as one effect with two sides: a crash `before` it leaves the store as it was, a crash
 * `after` it has changed the store and lost the answer. That is all that a process can do to its stores by dying. What it
 * tells of itself every second is no effect: how often that comes is nobody's promise, and nothing is decided by it.
 */
import { runPositionsTable } from '../../sinks/rows/run-positions.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import type { Ledger } from '../model/ports/ledger.ts'
import type { ObjectStore } from '../model/ports/object-store.ts'
import type { RowStore } from '../model/ports/row-store.ts'
import type { Resources } from '../model/run-handle.ts'

export interface CrashPoint {
  /** Number of the effect, counted from 1. */
  readonly effect: number
  readonly side: 'before' | 'after'
}

export interface CrashableResources extends Resources {
  /** Effects so far. */
  readonly effects: () => number
  /** Resolves when the crash has happened. */
  readonly crashed: Promise<void>
  /** Dies now. */
  readonly crash: () => void
}

const never = <T>(): Promise<T> => new Promise(() => undefined)

export const crashableResources = (resources: Resources, point?: CrashPoint): CrashableResources => {
  let effects = 0
  let isDead = false
  let tell!: () => void
  const crashed = new Promise<void>((resolve) => {
    tell = resolve
  })
  const die = (): void => {
    isDead = true
    tell()
  }
  const reading = async <T>(call: () => Promise<T>): Promise<T> => {
    if (isDead) return never()
    const answer = await call()
    return isDead ? never() : answer
  }
  const writing = async <T>(call: () => Promise<T>): Promise<T> => {
    if (isDead) return never()
    effects += 1
    const isHere = point !== undefined && effects === point.effect
    if (isHere && point.side === 'before') {
      die()
      return never()
    }
    const answer = await call()
    if (isHere) die()
    return isDead ? never() : answer
  }
  const calls: Calls = { reading, writing }
  const logs = Object.entries(resources.logs).map(([name, log]) => [name, crashableLog(log, calls)] as const)
  return {
    effects: () => effects,
    crashed,
    crash: die,
    logs: Object.fromEntries(logs),
    rows: crashableRows(resources.rows, calls),
    ledger: crashableLedger(resources.ledger, calls),
    objects: crashableObjects(resources.objects, calls),
  }
}

/** What a call of a process that may die goes through. */
interface Calls {
  readonly reading: <T>(call: () => Promise<T>) => Promise<T>
  readonly writing: <T>(call: () => Promise<T>) => Promise<T>
}

const crashableLog = (log: EventLog, { reading, writing }: Calls): EventLog => ({
  id: log.id,
  topic: log.topic,
  partitions: log.partitions,
  bounds: (partition) => reading(() => log.bounds(partition)),
  fetch: (partition, from, options) => reading(() => log.fetch(partition, from, options)),
  offsetAt: (partition, timeMs) => reading(() => log.offsetAt(partition, timeMs)),
  append: (records) => writing(() => log.append(records)),
  release: (partition, before) => reading(() => log.release(partition, before)),
  // A dead member is told of shares as before, and does nothing about them.
  ...(log.join && { join: (group, listener) => reading(() => log.join!(group, listener)) }),
  ...(log.latency && { latency: () => log.latency!() }),
  ...(log.retentionMs && { retentionMs: () => reading(() => log.retentionMs!()) }),
  ...(log.leaderEpochAt && { leaderEpochAt: (partition, at) => reading(() => log.leaderEpochAt!(partition, at)) }),
  close: () => Promise.resolve(),
})

const crashableRows = (rows: RowStore, { reading, writing }: Calls): RowStore => ({
  name: rows.name,
  ensureTable: (table) => reading(() => rows.ensureTable(table)),
  write: (table, written, stamps) => {
    const call = table.name === runPositionsTable.name ? reading : writing
    return call(() => rows.write(table, written, stamps))
  },
  read: (table, keys) => reading(() => rows.read(table, keys)),
  scan: (table, range) => rows.scan(table, range),
  ...(rows.latency && { latency: () => rows.latency!() }),
  close: () => Promise.resolve(),
})

const crashableLedger = (ledger: Ledger, { reading, writing }: Calls): Ledger => ({
  read: (key) => reading(() => ledger.read(key)),
  compareAndSet: (key, expected, next) => writing(() => ledger.compareAndSet(key, expected, next)),
  keys: (topology) => reading(() => ledger.keys(topology)),
  close: () => Promise.resolve(),
})

const crashableObjects = (objects: ObjectStore, { reading, writing }: Calls): ObjectStore => ({
  name: objects.name,
  create: (key, body, metadata) => writing(() => objects.create(key, body, metadata)),
  replace: (key, etag, body, metadata) => writing(() => objects.replace(key, etag, body, metadata)),
  head: (key) => reading(() => objects.head(key)),
  read: (key) => reading(() => objects.read(key)),
  list: (prefix) => objects.list(prefix),
  ...(objects.latency && { latency: () => objects.latency!() }),
  close: () => Promise.resolve(),
})
