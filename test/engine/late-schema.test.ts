/** Schemas that are unknown when records are read and known later, or the other way round, change nothing of what was decided. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { put, remove } from 'spillway/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JsonObject } from '../../topology/model/json.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { purchase, singleObject } from '../spouts/decode/avro/avro-values.ts'
import { dieWhenDeclared } from './die-when-declared.ts'
import { GivenPorts } from './given-ports.ts'

const refund: JsonObject = { type: 'record', name: 'Refund', fields: [{ name: 'country', type: 'string' }] }
const place = { project: 'p', collection: 'c' }
const sale = put(singleObject(purchase, { country: 'NZ', price: 1, at: 0, tags: [], state: 'NEW' }), place)
const back = put(singleObject(refund, { country: 'NZ' }), place)

let folder: string
let shop: Topology

const know = (name: string, schema: JsonObject): void => writeFileSync(join(folder, name), JSON.stringify(schema))
const forget = (name: string): void => rmSync(join(folder, name))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-late-schema-'))
  know('purchase.avsc', purchase)
  shop = defineTopology('shop', (t) => {
    const events = t.spout('events', log({ format: 'avro', schemas: folder }))
    events.sink('events', eventRows())
    events.sink('archive', objects())
    events.bolt('sales', rollup({ window: '1 day', values: { n: count() } })).sink('sales', tableRows())
  })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Events that each sink holds. */
const held = async (given: GivenPorts): Promise<readonly number[]> => {
  const read = given.read(shop)
  const [row] = await read.rows('sales')
  const lines = Object.values(await read.objects()).flat()
  return [Number(row?.['n'] ?? 0), (await read.events('events', 'c')).length, lines.length]
}

test('a delete takes out nothing that was dead-lettered while its schema was unknown (I-3)', async () => {
  const given = new GivenPorts()
  given.append([sale, back, sale])
  await given.run(shop)
  expect(await held(given)).toEqual([2, 2, 2])
  know('refund.avsc', refund)
  given.append([
    remove({ ...place, filters: [{ property_name: 'country', operator: 'eq', property_value: 'NZ' }] }),
    sale,
    back,
  ])
  await given.run(shop)
  expect(await held(given)).toEqual([2, 2, 2])
})

test('whoever finishes an epoch leaves out what its owner could not read (I-1)', async () => {
  const given = new GivenPorts()
  given.append([sale, back, sale])
  await dieWhenDeclared(given, shop)
  know('refund.avsc', refund)
  given.append([back])
  await given.run(shop)
  expect(await held(given)).toEqual([3, 3, 3])
  expect(await given.read(shop).deadLetters()).toHaveLength(1)
})

test.each(['finishes an epoch', 'works on a delete'])(
  'who %s without the schema of one of its records stops',
  async (what) => {
    const given = new GivenPorts()
    know('refund.avsc', refund)
    given.append([sale, back, sale])
    if (what === 'works on a delete') await given.run(shop)
    else await dieWhenDeclared(given, shop)
    forget('refund.avsc')
    given.append([remove({ ...place, filters: [{ property_name: 'country', operator: 'eq', property_value: 'NZ' }] })])
    expect(await given.run(shop)).toMatchObject({ state: 'failed', error: { publicName: 'schemaLost' } })
    know('refund.avsc', refund)
    await given.run(shop)
    expect(await held(given)).toEqual([0, 0, 0])
  },
)
