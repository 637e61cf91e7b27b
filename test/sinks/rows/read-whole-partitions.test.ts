/** Readers name the partitions that they read, whatever the question leaves out: none scans a table that others fill as well. */
import { createMemoryRows } from 'spillway/testing'
import { expect, test } from 'vitest'
import { count, inferSchema, rollup } from '../../../operators/index.ts'
import { deadLetterOf, deadLetterTable, listDeadLetters, writeDeadLetters } from '../../../sinks/rows/dead-letters.ts'
import { listDeleteRequests, type StoredRequest, writeDeleteRequests } from '../../../sinks/rows/delete-requests.ts'
import { catalogueOfPartitions } from '../../../sinks/rows/partition-catalogue.ts'
import { readEvents } from '../../../sinks/rows/read-events.ts'
import { type RollupRead, readRollup } from '../../../sinks/rows/read-rollup.ts'
import { readSchema } from '../../../sinks/rows/read-schema.ts'
import type { Cell, RowStore } from '../../../topology/model/ports/row-store.ts'
import { offset } from '../../../topology/model/position.ts'
import { apply } from './given-events.ts'
import { fill, type Order } from './given-orders.ts'
import { wholePartitions } from './whole-partitions.ts'

const order = (at: string, project: string): Order => ({ at, project, country: 'se', price: 1 })
const orders = [
  order('2024-01-31T09:00:00Z', 'shop'),
  order('2026-01-31T09:00:00Z', 'shop'),
  order('2026-01-31T09:01:00Z', 'shop'),
  order('2026-02-01T09:00:00Z', 'other'),
]
const perMinute = rollup({ window: '1 minute', by: ['country'], values: { orders: count() } })

const rollupOf = async (more: Partial<RollupRead>): Promise<{ result: unknown; buckets: readonly unknown[] }> => {
  const rows = createMemoryRows()
  await fill(rows, 'orders', perMinute, [orders])
  const asked: Cell[][] = []
  const read = { rows: wholePartitions(rows, asked), sink: 'orders', operator: perMinute, nowMs: 0, ...more }
  const { result } = await readRollup(read)
  return { result, buckets: asked.filter(([table]) => table === 'orders').map((cells) => cells.slice(1).join(' ')) }
}

test('a query reads the buckets that exist of its project and window', async () => {
  expect(await rollupOf({ project: 'shop' })).toEqual({
    result: { orders: 3 },
    buckets: ['shop 1 minute 2024-01-31T09Z', 'shop 1 minute 2026-01-31T09Z'],
  })
})

test('a query of a long time reads the buckets within it', async () => {
  const timeframe = '2025-01-01/2027-01-01'
  expect((await rollupOf({ project: 'shop', timeframe })).buckets).toEqual(['shop 1 minute 2026-01-31T09Z'])
})

test('a query of all projects reads the buckets of each', async () => {
  const { result, buckets } = await rollupOf({ timeframe: '2025-01-01/2027-01-01' })
  expect(result).toEqual({ orders: 3 })
  expect(buckets.toSorted()).toEqual(['other 1 minute 2026-02-01T09Z', 'shop 1 minute 2026-01-31T09Z'])
})

test('a schema is read by project, by collection, or whole', async () => {
  const kept = createMemoryRows()
  await fill(kept, 'shapes', inferSchema(), [orders])
  const read = async (more: { project?: string; collection?: string }): Promise<readonly number[]> =>
    (await readSchema({ rows: wholePartitions(kept), sink: 'shapes', ...more })).map(({ events }) => events)
  expect([await read({}), await read({ project: 'shop' }), await read({ project: 'none' })]).toEqual([[4], [3], []])
  expect([await read({ collection: 'orders' }), await read({ collection: 'none' })]).toEqual([[4], []])
})

test('events are read by what is known of them', async () => {
  const kept = createMemoryRows()
  await apply(kept, [
    { offset: 0 },
    { offset: 1, project: 'other' },
    { offset: 2, collection: 'visits' },
    { offset: 3, at: '2020-05-01T00:00:00.000Z' },
  ])
  const months = async (more: object): Promise<readonly string[]> => {
    const asked: Cell[][] = []
    await Array.fromAsync(readEvents({ rows: wholePartitions(kept, asked), sink: 'events', ...more }))
    return asked.filter(([table]) => table === 'events_buckets').map((cells) => cells.slice(1).join(' '))
  }
  const timeframe = { startMs: Date.UTC(2021, 0), endMs: Date.UTC(2027, 0) }
  expect(await months({ project: 'shop', collection: 'orders' })).toEqual([
    'shop orders 2020-05',
    'shop orders 2026-01',
  ])
  expect(await months({ project: 'shop', collection: 'orders', timeframe })).toEqual(['shop orders 2026-01'])
  expect(await months({ collection: 'visits' })).toEqual(['shop visits 2026-01'])
  expect(await months({})).toHaveLength(4)
})

const record = (at: number) =>
  ({ offset: offset(at), appendTimeMs: 0, key: null, headers: [], bytes: Buffer.of(), start: 0, end: 0 }) as const

test('dead letters are listed by place, over all blocks', async () => {
  const kept = createMemoryRows()
  for (const table of [deadLetterTable, catalogueOfPartitions]) await kept.ensureTable(table)
  const rejected = { topology: 'shop', spout: 'events', sink: 'a', topic: 't', project: undefined, cause: 'c' }
  const places = [
    [10, 5_000],
    [10, 3],
    [2, 2 ** 40],
    [2, 1],
  ] as const
  const letters = places.map(([partition, at]) =>
    deadLetterOf(record(at), { ...rejected, partition, message: '', attempts: 1 }),
  )
  await writeDeadLetters(kept, letters)
  const listed = await Array.fromAsync(listDeadLetters(wholePartitions(kept), 'shop'))
  expect(listed.map((one) => [one.partition, one.offset])).toEqual(places.toReversed())
})

test('delete requests are listed by day', async () => {
  const kept: RowStore = createMemoryRows()
  const request = (id: string, day: number): StoredRequest => ({
    ...{ id, requestedAtMs: day * 86_400_000, project: 'shop', collection: undefined, request: '{}', class: 'scan' },
    ...{ recordsTotal: 2, written: [], revision: 1 },
  })
  await writeDeleteRequests(kept, 'shop', [request('a', 20_000), request('b', 9_999), request('c', 20_000)])
  // Two processes that make the same request at midnight.
  await writeDeleteRequests(kept, 'shop', [{ ...request('a', 20_001), revision: 0 }])
  const pages = await Array.fromAsync(listDeleteRequests(wholePartitions(kept), 'shop'))
  expect(pages.flat().map(({ id }) => id)).toEqual(['b', 'c', 'a'])
})
