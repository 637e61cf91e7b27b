import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { count, countUnique, rollup, sum } from '../../../operators/index.ts'
import { openSqliteRows } from '../../../sinks/rows/sqlite/sqlite-rows.ts'
import { sumShardsView } from '../../../sinks/rows/sum-shards-view.ts'
import { fill, type Order } from './given-orders.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-view-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('sum shards view: fragments and edges of groups are not counted as rows', async () => {
  const operator = rollup({
    window: ['1 minute', '1 hour'],
    by: ['country'],
    groups: 100,
    values: { orders: count(), revenue: sum('price'), prices: countUnique('price') },
  })
  const orders = Array.from({ length: 60 }, (_, i): Order => ({ at: '2026-01-31T09:15:10Z', country: 'NZ', price: i }))
  const rows = await openSqliteRows({ path: join(folder, 'rows.db') })
  await fill(rows, 'revenue', operator, [orders.slice(0, 20), orders.slice(20)])
  await rows.close()
  const database = new DatabaseSync(join(folder, 'rows.db'))
  database.exec(sumShardsView('revenue', operator) ?? '')
  const found = database.prepare('SELECT "window", country, orders, revenue FROM revenue_sums ORDER BY 1').all()
  const stored = database.prepare('SELECT count(*) AS n FROM revenue WHERE fragment <> 0 AND orders IS NULL').get()
  database.close()
  expect(found).toMatchObject([
    { window: '1 hour', country: 'NZ', orders: 60, revenue: 1_770 },
    { window: '1 minute', country: 'NZ', orders: 60, revenue: 1_770 },
  ])
  expect(Number(stored?.['n'])).toBeGreaterThan(30)
})
