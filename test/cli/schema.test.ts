/** `topology schema` over a small log: the table, the JSON, the documents, and what it refuses. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import { bytes, type CliWorld, createWorld, removeWorld } from './cli-world.ts'

let world: CliWorld

const topologyText = (options = ''): string => `import { defineTopology, log } from 'spillway'
import { inferSchema } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'

export default defineTopology('orders', (t) => {
  t.spout('events', log()).bolt('schema', inferSchema(${options})).sink('schemas', tableRows())
})
`

const counts = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`u${index}`, 1]))
const orders: readonly object[] = [
  { id: 'a', price: 1, customer: { address: { street: { name: 'x' } } }, tags: [] },
  { id: 'b', price: 'free', customer: null, tags: ['x'] },
  { id: 'c', price: 2, customer: null, tags: [{ key: 'k' }], 'odd.name': true },
  { id: 'd', price: 3, customer: { address: { street: { name: 'y' } } }, tags: [], counts },
]
const ndjson = orders.map((order) => JSON.stringify(order)).join('\n')

beforeAll(async () => {
  world = createWorld(true)
  world.write('topology.ts', topologyText())
  await world.topology('ingest - -c orders -p shop', { stdin: bytes(`${ndjson}\n`) })
  const { exit, stderr } = await world.topology('run topology.ts --until-caught-up')
  expect([exit, stderr]).toEqual([0, expect.anything()])
})

afterAll(() => removeWorld(world.folder))

const shown = async (line: string, columns = 100): Promise<string> => (await world.topology(line, { columns })).stdout
const json = async (line: string): Promise<unknown> => JSON.parse(await shown(line))

describe('the table', () => {
  test('has every property with the types seen and the share of events, the positions, and what was counted together', async () => {
    expect(await shown('schema orders')).toBe(`orders: 4 events, 8 properties
as of 0:4 1:0 2:0 3:0, all events are in

PROPERTY                      TYPE    EVENTS   SHARE  TYPES SEEN
counts.*                      num        201
id                            string       4   100 %
price                         num          4   100 %  num 3, string 1
tags                          list         4   100 %
customer                      null         2  50.0 %
customer.address.street.name  string       2  50.0 %
"odd.name"                    bool         1  25.0 %
tags[].key                    string       1  25.0 %

counts.* stands for 201 names
`)
  })

  test('keeps the first name and the end of a path that is too long for the terminal', async () => {
    expect(await shown('schema orders', 62)).toContain('\ncustomer.…ss.street.name  string  ')
  })

  test('says how far behind the log it is, and shows the counts where the log is gone', async () => {
    await world.topology('ingest - -c orders -p shop', { stdin: bytes('{"id":"e"}\n') })
    expect(await shown('schema orders')).toMatch(/^orders: 4 events, 8 properties\nas of 0:4 .*, \d.* behind the log\n/)
    const { exit, stdout, stderr } = await world.topology('schema orders --log file:nowhere')
    expect([exit, stdout]).toEqual([0, expect.stringContaining('as of positions that cannot be told\n')])
    expect(stderr).toContain('its positions cannot be told')
  })
})

describe('for programs', () => {
  test('--json has types, counts, shares, what was collapsed, and the positions', async () => {
    expect(await json('schema orders --json')).toEqual({
      collection: 'orders',
      events: 4,
      approximate: false,
      properties: expect.objectContaining({
        price: { type: 'num', count: 4, types: { num: 3, string: 1 }, present: 1 },
        customer: { type: 'null', count: 2, types: { null: 2 }, present: 0.5 },
      }),
      collapsed: [{ path: 'counts', names: 201 }],
      unpublished: 0,
      as_of: { '0': 4, '1': 0, '2': 0, '3': 0 },
    })
    expect(await json('schema --json')).toEqual([{ collection: 'orders', events: 4, properties: 8 }])
  })

  test('--format json-schema and avro print a document each', async () => {
    expect(await json('schema orders --format json-schema')).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'orders',
      properties: { price: { type: ['string', 'number'] } },
      required: ['customer', 'id', 'price', 'tags'],
    })
    expect(await json('schema orders -f avro')).toMatchObject({
      type: 'record',
      name: 'orders',
      fields: expect.arrayContaining([
        { name: 'odd_name', property: 'odd.name', type: ['null', 'boolean'], default: null },
      ]),
    })
  })
})

describe('what readers go by may change without another run', () => {
  test('options of the operator stand in the catalogue, and knobs win over them', async () => {
    world.write('edited.ts', topologyText('{ childNames: 300 }'))
    expect((await world.topology('run edited.ts --until-caught-up')).exit).toBe(0)
    expect(await json('schema orders --json')).toMatchObject({ events: 5, collapsed: [], unpublished: 0 })
    world.write('spillway.yaml', 'knobs:\n  schema.childNames: 100\n  schema.publishedPaths: 10\n')
    expect(await json('schema orders --json')).toMatchObject({ collapsed: [{ path: 'counts', names: 201 }] })
    world.write('spillway.yaml', 'knobs:\n  schema.publishedPaths: 10\n')
    expect(await json('schema orders --json')).toMatchObject({ collapsed: [], unpublished: 198 })
    expect(await shown('schema orders')).toContain('\n198 less frequent properties are not shown\n')
    world.write('spillway.yaml', '')
  })
})

describe('is refused', () => {
  test.each([
    ['schema --format avro', 'a document is of one collection: name it'],
    ['schema orders --format yaml', '"yaml" is not one of table, json-schema, avro'],
    ['schema order', 'no collection "order"; did you mean "orders"?'],
  ])('%s: %s', async (line, said) => {
    expect(await world.topology(line)).toMatchObject({ exit: 2, stdout: '', stderr: expect.stringContaining(said) })
  })

  test('B20: a recount, by an error of its own that names the replay; no store is even opened', async () => {
    const { exit, stdout, stderr } = await world.topology('schema orders --recount --rows sqlite:nowhere.db')
    expect([exit, stdout]).toEqual([2, ''])
    expect(stderr).toContain('the schema of orders is never counted again')
    expect(stderr).toContain('`topology replay FILE --from TIME --to TIME --into NAMESPACE`')
    expect(errors.recountRefused.entry).toMatchObject({ name: 'RecountRefusedError', errorClass: 'reject' })
  })
})

test('B20: a replay beside the live schema counts the same, also after a delete', async () => {
  await world.topology(`delete -p shop -c orders --where 'id eq "b"' --allow-scan`)
  await world.topology('run topology.ts --until-caught-up')
  const replayed = await world.topology('replay topology.ts --from 2020-01-01 --to 2100-01-01 --into again')
  expect([replayed.exit, replayed.stderr]).toEqual([0, expect.anything()])
  const live = await json('schema orders --json')
  expect(live).toMatchObject({ events: 4, properties: { price: { types: { num: 3 } } } })
  expect(await json('schema orders --json --namespace again')).toEqual({
    ...(live as object),
    as_of: expect.anything(),
  }) // an object by the line above
})
