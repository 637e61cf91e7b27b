import { expect, test } from 'vitest'
import { count, inferSchema, rollup } from '../../../operators/index.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import { readSchema } from '../../../sinks/rows/read-schema.ts'
import { fill, type Order } from './given-orders.ts'

const at = '2026-01-31T09:15:10Z'
const list: readonly Order[] = [
  { at, country: 'NZ', price: 1 },
  { at, country: 'FR' },
  { at, country: 'FR', project: 'other' },
  { at, price: 2, collection: 'refunds' },
]
const operator = inferSchema()

const filled = async () => {
  const rows = createMemoryRows()
  await fill(rows, 'schemas', operator, [list.slice(0, 1), list.slice(1)])
  return { rows, sink: 'schemas', operator }
}

test('read schema: shards, fragments and projects of a collection are one schema, by name', async () => {
  const schemas = await readSchema(await filled())
  expect(schemas.map(({ collection, events }) => [collection, events])).toEqual([
    ['orders', 3],
    ['refunds', 1],
  ])
  expect(schemas[0]?.properties['country']).toEqual({ type: 'string', count: 3, types: { string: 3 }, present: 1 })
})

test('read schema: a project and a collection narrow it', async () => {
  const query = await filled()
  expect(await readSchema({ ...query, project: 'other' })).toMatchObject([{ collection: 'orders', events: 1 }])
  expect(await readSchema({ ...query, project: 'shop', collection: 'refunds' })).toMatchObject([{ events: 1 }])
  expect(await readSchema({ ...query, collection: 'none' })).toEqual([])
})

test('read schema: a deleted event is not counted any more (I-3)', async () => {
  const query = await filled()
  await fill(query.rows, 'schemas', operator, [list.slice(0, 1)], -1, 2)
  const [orders] = await readSchema({ ...query, collection: 'orders' })
  expect([orders?.events, Object.keys(orders?.properties ?? {})]).toEqual([2, ['country']])
})

test('read schema: another operator is refused', async () => {
  const other = rollup({ window: '1 day', values: { n: count() } })
  await expect(readSchema({ ...(await filled()), operator: other })).rejects.toThrow('keeps rollup, not a schema')
})
