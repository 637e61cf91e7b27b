import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { advance, CRASH, put, remove, settle, type TestResult, type TestStep, testTopology } from 'spillway/testing'
import { afterAll, expect, test } from 'vitest'
import type { JsonObject } from '../../topology/model/json.ts'
import { purchase, singleObject } from '../spouts/decode/avro/avro-values.ts'

const folder = mkdtempSync(join(tmpdir(), 'spillway-avro-'))
writeFileSync(join(folder, 'purchase.avsc'), JSON.stringify(purchase))
afterAll(() => rmSync(folder, { recursive: true }))

const shop = (format: 'avro' | 'json') =>
  defineTopology('shop', (t) => {
    const options = format === 'avro' ? ({ format, schemas: folder } as const) : {}
    const events = t.spout('events', log({ time: 'at', ...options }))
    events.sink('events', eventRows())
    events.bolt('schema', inferSchema()).sink('schemas', tableRows())
    const sales = rollup({ window: '1 day', by: ['country'], values: { n: count(), revenue: sum('price') } })
    events.bolt('sales', sales).sink('sales_by_country', tableRows())
    events.sink('archive', objects())
  })

const sales = Array.from({ length: 40 }, (_, n) => ({
  country: ['NZ', 'FR', 'PE'][n % 3],
  price: n % 5 === 0 ? null : n / 4,
  at: Date.UTC(2026, 6, 1, n),
  tags: n % 2 === 0 ? [] : ['x'],
  state: 'NEW',
}))

const asJson = (sale: (typeof sales)[number]): JsonObject =>
  JSON.parse(JSON.stringify({ ...sale, at: new Date(sale.at).toISOString() }))

const steps = (format: 'avro' | 'json'): readonly TestStep[] => [
  ...sales.map((sale) =>
    put(format === 'avro' ? singleObject(purchase, sale) : asJson(sale), { project: 'p', collection: 'c' }),
  ),
  settle,
  CRASH,
  remove({
    project: 'p',
    collection: 'c',
    filters: [{ property_name: 'country', operator: 'eq', property_value: 'FR' }],
  }),
  advance('10 minutes'),
  settle,
]

test('a log in Avro gives what the same log in JSON gives, through a crash and a delete by property', async () => {
  const [avro, json] = [
    await testTopology(shop('avro')).run(steps('avro')),
    await testTopology(shop('json')).run(steps('json')),
  ]
  const views = async (result: TestResult) => ({
    events: await result.events('events', 'c'),
    sales: await result.rows('sales_by_country'),
    schema: await result.states('schemas'),
    lines: await result.objects(),
  })
  expect(await views(avro)).toEqual(await views(json))
  const left = (await views(avro)).events.map((event) => event['country'])
  expect([left.length, new Set(left)]).toEqual([27, new Set(['NZ', 'PE'])])
})
