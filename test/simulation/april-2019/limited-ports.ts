/**
 * The servers of that night: a broker whose latency rises for everybody with what is fetched, rows and objects that take
 * only so much. They keep the ports' contracts; nothing is ever lost by them.
 */
import { createMemoryObjects } from '../../../sinks/objects/memory/memory-objects.ts'
import { createMemoryLedger } from '../../../sinks/rows/memory/memory-ledger.ts'
import { createMemoryRows, type MemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { EventLog } from '../../../topology/model/ports/event-log.ts'
import type { Ledger } from '../../../topology/model/ports/ledger.ts'
import type { ObjectStore } from '../../../topology/model/ports/object-store.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { createMemoryLog, type MemoryLog } from '../../../topology/spouts/memory/memory-log.ts'
import type { Night } from './draw-night.ts'
import { SharedLine, SharedServer } from './shared-server.ts'

export interface LimitedPorts {
  readonly memoryLog: MemoryLog
  readonly broker: SharedServer
  readonly log: EventLog
  readonly rows: RowStore
  /** The same rows for somebody whose reading costs nothing. */
  readonly storedRows: MemoryRows
  readonly ledger: Ledger
  readonly objects: ObjectStore
  /** Appends that the running topology made itself. */
  readonly appends: () => number
}

/** Told of each document that the ledger has taken. */
export type SeenDocument = (partition: number, doc: LedgerDocument) => void

export const limitedPorts = (clock: Clock, night: Night, seen: SeenDocument): LimitedPorts => {
  const { limits, partitions } = night
  const memoryLog = createMemoryLog({ clock, partitions, topic: 'events', id: 'april' })
  const broker = new SharedServer(clock, limits.fetchedEventsPerSecond, 5)
  const storedRows = createMemoryRows()
  let appends = 0
  const noteAppends = (count: number): void => {
    appends += count
  }
  return {
    ...{ memoryLog, broker },
    log: limitedLog(memoryLog, broker, noteAppends),
    storedRows,
    rows: limitedRows(storedRows, clock, limits.eventRowsPerSecond),
    ledger: seenLedger(createMemoryLedger(), seen),
    objects: limitedObjects(clock, limits.objectBytesPerSecond),
    appends: () => appends,
  }
}

const limitedLog = (log: MemoryLog, broker: SharedServer, noteAppends: (count: number) => void): EventLog => ({
  id: log.id,
  topic: log.topic,
  partitions: log.partitions,
  bounds: async (place) => {
    await broker.serve(0)
    return log.bounds(place)
  },
  fetch: async (place, from, options) => {
    const batch = await log.fetch(place, from, options)
    // An answer without records costs a broker next to nothing.
    if (batch.records.length > 0) await broker.serve(batch.records.length, options.signal)
    return batch
  },
  offsetAt: (place, timeMs) => log.offsetAt(place, timeMs),
  append: (records) => {
    noteAppends(records.length)
    return log.append(records)
  },
  release: (place, before) => log.release(place, before),
  latency: () => ({ meanMs: broker.baseMs, recentMs: broker.waitMs }),
  close: () => Promise.resolve(),
})

// A row of sums stands for one, however many events are in it; a row of an event for a thousand.
const otherRowsCost = 0.001

const limitedRows = (rows: RowStore, clock: Clock, perSecond: number): RowStore => {
  const server = new SharedServer(clock, perSecond, 4)
  return {
    name: rows.name,
    ensureTable: (table) => rows.ensureTable(table),
    write: async (table, written, stamps) => {
      await server.serve(written.length * (table.name === 'events' ? 1 : otherRowsCost))
      await rows.write(table, written, stamps)
    },
    read: async (table, keys) => {
      await server.serve(0)
      return rows.read(table, keys)
    },
    scan: (table, range) => rows.scan(table, range),
    close: () => Promise.resolve(),
  }
}

const seenLedger = (ledger: Ledger, seen: SeenDocument): Ledger => ({
  read: (key) => ledger.read(key),
  compareAndSet: async (key, expected, next) => {
    const verdict = await ledger.compareAndSet(key, expected, next)
    if (verdict === 'applied') seen(key.partition, next)
    return verdict
  },
  keys: (topology) => ledger.keys(topology),
  close: () => ledger.close(),
})

const putMs = 200

const limitedObjects = (clock: Clock, bytesPerSecond: number): ObjectStore => {
  const objects = createMemoryObjects()
  const line = new SharedLine(clock, bytesPerSecond, putMs)
  const upload = async (body: () => AsyncIterable<Uint8Array>): Promise<void> => {
    let bytes = 0
    for await (const chunk of body()) bytes += chunk.length
    await line.transfer(bytes)
  }
  return {
    name: objects.name,
    create: async (key, body, metadata) => {
      await upload(body)
      return objects.create(key, body, metadata)
    },
    replace: async (key, etag, body, metadata) => {
      await upload(body)
      return objects.replace(key, etag, body, metadata)
    },
    head: (key) => objects.head(key),
    read: (key) => objects.read(key),
    list: (prefix) => objects.list(prefix),
    latency: () => line.latency(),
    close: () => Promise.resolve(),
  }
}
