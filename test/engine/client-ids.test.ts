/** Deletes by the client's own id, from the header or the body, and null values that stand for them (I-3). */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { put, remove, settle, type TestResult, type TestStep, testTopology } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../../topology/model/json.ts'

const shop = defineTopology('shop', (t) => {
  const options = { clientId: 'order.id', tombstones: 'delete', project: 'ann', collection: 'orders' } as const
  const orders = t.spout('orders', log(options))
  orders.sink('store', eventRows())
  orders.bolt('all', rollup({ window: '1 day', by: [], values: { orders: count() } })).sink('totals', tableRows())
})

const order = (number: number, id?: JsonValue, header?: string): TestStep =>
  put(
    { number, order: id === undefined ? {} : { id } },
    { key: 'k', partition: 0, headers: header === undefined ? [] : [['spillway-id', header]] },
  )
const tombstone = (key: string): TestStep => ({
  kind: 'put',
  spout: undefined,
  atMs: undefined,
  record: { key, headers: [], value: null },
})

const orders = [order(0, 'a'), order(1, 7), order(2, 'b', 'a'), order(3, '07'), order(4), order(5, 'c', '7')]

const left = async (result: TestResult): Promise<readonly unknown[]> => {
  const numbers = (await result.events('store', 'orders')).map((event) => event['number'])
  const [total] = await result.rows('totals')
  expect(total?.['orders'] ?? 0).toBe(numbers.length)
  return numbers.sort()
}

const byClientId = (operator: string, value: JsonValue): TestStep =>
  remove({
    project: 'ann',
    filters: [{ property_name: 'keen.client_id', operator, property_value: value }],
  })

describe.each([
  ['before the events are taken', []],
  ['after', [settle]],
] as const)('a delete by client id %s', (_, between) => {
  test.each([
    ['eq', 'a', [1, 3, 4, 5]],
    ['eq', '7', [0, 2, 3, 4]],
    ['eq', 7, [0, 2, 3, 4]],
    ['in', ['b', 'c', 7], [0, 2, 3, 4]],
    ['exists', false, [0, 1, 2, 3, 5]],
  ] as const)('%s %j leaves %j', async (operator, value, expected) => {
    const result = await testTopology(shop, { partitions: 1 }).run([...orders, ...between, byClientId(operator, value)])
    expect(await left(result)).toEqual(expected)
  })

  test('is what a null value stands for, by its key', async () => {
    const steps = [...orders, ...between, tombstone('a'), tombstone('07'), order(6, 'a')]
    expect(await left(await testTopology(shop, { partitions: 1 }).run(steps))).toEqual([1, 4, 5, 6])
  })
})
