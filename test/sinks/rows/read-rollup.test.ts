import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { count, inferSchema, maximum, minimum, percentile, rollup, sum } from '../../../operators/index.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { readRollup } from '../../../sinks/rows/read-rollup.ts'
import { openSqliteRows } from '../../../sinks/rows/sqlite/sqlite-rows.ts'
import { sumShardsView } from '../../../sinks/rows/sum-shards-view.ts'
import { fill, type Order } from './given-orders.ts'

const operator = rollup({
  window: '1 minute',
  by: ['country'],
  values: {
    orders: count(),
    revenue: sum('price'),
    least: minimum('price'),
    most: maximum('price'),
    p50: percentile('price', 50),
  },
})
const nz = (price: number, at = '2026-01-31T09:15:10Z'): Order => ({ at, country: 'NZ', price })
const fr: Order = { at: '2026-01-31T09:16:00Z', country: 'FR', price: 5, project: 'other' }
const sink = 'revenue'
const nowMs = 0

test('read rollup: shards of all slots are one row', async () => {
  const rows = createMemoryRows()
  await fill(rows, sink, operator, [[nz(1), fr], [nz(2)], [nz(30)]])
  const { result } = await readRollup({ rows, sink, operator, groupBy: ['country'], nowMs })
  expect(result).toEqual([
    { country: 'FR', orders: 1, revenue: 5, least: 5, most: 5, p50: expect.closeTo(5, 1) },
    { country: 'NZ', orders: 3, revenue: 33, least: 1, most: 30, p50: expect.closeTo(2, 1) },
  ])
})

test('read rollup: project and timeframe narrow before states are decoded', async () => {
  const rows = createMemoryRows()
  await fill(rows, sink, operator, [[nz(1), nz(2, '2026-02-01T00:00:00Z'), fr]])
  const read = { rows, sink, operator, nowMs }
  expect((await readRollup({ ...read, project: 'other' })).result).toMatchObject({ orders: 1, revenue: 5 })
  const timeframe = { start: '2026-01-31', end: '2026-02-01' }
  expect((await readRollup({ ...read, timeframe })).result).toMatchObject({ orders: 2, revenue: 6 })
})

test('read rollup: a row whose last event was deleted is gone (I-3)', async () => {
  const rows = createMemoryRows()
  await fill(rows, sink, operator, [[nz(1), fr]])
  await fill(rows, sink, operator, [[fr]], -1, 2)
  const { result } = await readRollup({ rows, sink, operator, groupBy: ['country'], nowMs })
  expect(result).toMatchObject([{ country: 'NZ', orders: 1 }])
})

test('read rollup: a sink that keeps something else is refused', async () => {
  const read = readRollup({ rows: createMemoryRows(), sink, operator: inferSchema(), nowMs })
  await expect(read).rejects.toThrow('sink revenue keeps inferSchema, not a rollup')
})

test('sum shards view: SQLite sums the shards as the library does and hides emptied rows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-view-'))
  const path = join(folder, 'rows.db')
  const rows = await openSqliteRows({ path })
  await fill(rows, sink, operator, [[nz(1), fr], [nz(2)]])
  await fill(rows, sink, operator, [[fr]], -1, 2)
  await rows.close()
  const database = new DatabaseSync(path)
  database.exec(sumShardsView(sink, operator) ?? '')
  expect(database.prepare('SELECT country, orders, revenue, least, most FROM revenue_sums').all()).toEqual([
    Object.assign(Object.create(null), { country: 'NZ', orders: 2, revenue: 3, least: 1, most: 2 }),
  ])
  database.close()
  rmSync(folder, { recursive: true })
})

test('sum shards view: there is none for a state that SQL cannot sum', () => {
  expect(sumShardsView('schemas', inferSchema())).toBeUndefined()
})
