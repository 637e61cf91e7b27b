import { createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import { bucketTable, eventTable, hourOf, hourText } from '../../../sinks/rows/event-table.ts'
import { KnownBuckets } from '../../../sinks/rows/known-buckets.ts'
import { catalogueOfPartitions } from '../../../sinks/rows/partition-catalogue.ts'
import { countStoredEvents } from '../../../sinks/rows/read-events-by-id.ts'
import { eventId } from '../../../topology/model/event-id.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import { never } from './given-state.ts'

const timeMs = Date.UTC(2026, 2, 14, 9)
const idAt = (at: number): string => eventId(timeMs, partition(0), offset(at))

const storeOf = async (): Promise<RowStore> => {
  const rows = createMemoryRows()
  const [events, buckets] = [eventTable('events'), bucketTable('events')]
  for (const table of [events, buckets, catalogueOfPartitions]) await rows.ensureTable(table)
  const hour = hourOf(timeMs)
  for (const [at, dead] of [null, 9, null].entries()) {
    const bucket = ['shop', `c${at}`, hourText(hour), 0, 0] as const
    await rows.write(events, [[...bucket, idAt(at), 'web', timeMs, timeMs, '{}', dead, null]], 1)
    await new KnownBuckets(rows, buckets, 0).ensure([{ project: 'shop', collection: `c${at}`, hour, block: 0 }], never)
  }
  return rows
}

test('B19: ids lead to living rows by key: nothing is scanned where the collection is named', async () => {
  const rows = await storeOf()
  const scanned: string[] = []
  const counting: RowStore = {
    ...{ name: rows.name, ensureTable: (table) => rows.ensureTable(table), close: () => rows.close() },
    write: (table, written, stamps) => rows.write(table, written, stamps),
    read: (table, keys) => rows.read(table, keys),
    scan: (table, range) => {
      scanned.push(table.name)
      return rows.scan(table, range)
    },
  }
  const asked = { rows: counting, sink: 'events', spouts: ['web'], project: 'shop' }
  const ids = [idAt(0), idAt(1), idAt(2), idAt(0), idAt(7), 'none']
  expect(await countStoredEvents({ ...asked, collection: 'c0', ids })).toBe(1)
  expect(scanned).toEqual([])
  expect(await countStoredEvents({ ...asked, collection: undefined, ids })).toBe(2)
  expect(scanned).toEqual(['spillway_partitions'])
})
