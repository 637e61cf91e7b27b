import avro from 'avsc'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { avroBody, avroLines, avroWithout } from '../../../../sinks/objects/avro/avro-objects.ts'
import type { JsonObject, JsonValue } from '../../../../topology/model/json.ts'
import { isJsonObject } from '../../../../topology/model/json.ts'

const name = { key: 'shop/2026-07-01T08Z/orders/demo-0-0-0.avro', collection: 'orders', codec: 'deflate' } as const

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(chunks))

const ndjson = (events: readonly JsonObject[]): Buffer =>
  Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''))

/** The file of some events, their lines in blocks of a few bytes. */
const fileOf = async (
  events: readonly JsonObject[],
  codec: 'deflate' | 'none' = 'deflate',
  blockBytes = 7,
): Promise<Buffer> => {
  const bytes = ndjson(events)
  const plain = async function* () {
    for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.subarray(at, at + blockBytes)
  }
  return collect((await avroBody(plain, { ...name, codec }))())
}

const readBack = async (file: Uint8Array): Promise<readonly JsonValue[]> =>
  Buffer.from(await avroLines(file))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line): JsonValue => JSON.parse(line))

/** An absent property and a null are one in a record. */
const withoutNulls = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, withoutNulls(member)]),
  )
}

const event = (n: number, body: JsonObject = {}): JsonObject => ({
  keen: { id: `id-${n}`, created_at: '2026-07-01T08:00:00.000Z', timestamp: '2026-07-01T08:00:00.000Z' },
  ...body,
})

const json = fc.json({ maxDepth: 6, stringUnit: 'binary' }).map((text): JsonValue => JSON.parse(text))
const events = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), json, { maxKeys: 6 }), { maxLength: 30 })

test('random events read back from an object are what was written, whatever they hold', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (bodies) => {
      const all = bodies.map((body, n) => JSON.parse(JSON.stringify(event(n, { ...body, keen: event(n)['keen']! }))))
      expect((await readBack(await fileOf(all))).map(withoutNulls)).toEqual(all.map(withoutNulls))
    }),
    { numRuns: 200 },
  )
})

/** What another program reads: plain values, by the names of the schema. */
const readByLibrary = (file: Buffer): Promise<{ readonly schema: JsonObject; readonly values: readonly unknown[] }> =>
  new Promise((resolve, reject) => {
    const values: unknown[] = []
    let schema: JsonObject = {}
    const decoder = new avro.streams.BlockDecoder()
    decoder
      .on('metadata', (_type: avro.Type, _codec: string, head: { meta: Record<string, Buffer> }) => {
        schema = JSON.parse(head.meta['avro.schema']!.toString())
      })
      .on('data', (value: unknown) => values.push(value))
      .on('end', () => resolve({ schema, values }))
      .on('error', reject)
    decoder.end(file)
  })

test('the Avro library reads the same values', async () => {
  const all = [event(0, { price: 2, tags: ['a', 1, null] }), event(1, { price: 'free', item: { id: 7 } }), event(2)]
  const { values } = await readByLibrary(await fileOf(all))
  expect(withoutNulls(JSON.parse(JSON.stringify(values)))).toEqual(withoutNulls(all))
})

test('the Avro library reads random events, one by one', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (bodies) => {
      const all = bodies.map((body, n) => JSON.parse(JSON.stringify({ ...body, keen: event(n)['keen']! })))
      const { values } = await readByLibrary(await fileOf(all, 'none'))
      expect(values.map((value) => JSON.parse(JSON.stringify(value)).keen.id)).toEqual(all.map(({ keen }) => keen.id))
    }),
    { numRuns: 100 },
  )
})

test('the schema says what was seen: unions, what may be absent, names as they are', async () => {
  const all = [
    event(0, { 'Unit Price': 2, tags: [] }),
    event(1, { 'Unit Price': 'free', nothing: null, list: [{ a: 1 }] }),
  ]
  const { schema } = await readByLibrary(await fileOf(all))
  const text = (name: string) => ({ name, type: 'string' })
  const keen = { type: 'record', name: 'orders_keen', fields: [text('id'), text('created_at'), text('timestamp')] }
  const item = { type: 'record', name: 'orders_list_item', fields: [{ name: 'a', type: 'double' }] }
  expect(schema).toEqual({
    type: 'record',
    name: 'orders',
    fields: [
      { name: 'keen', type: keen },
      { name: 'Unit_Price', property: 'Unit Price', type: ['string', 'double'] },
      { name: 'list', type: ['null', { type: 'array', items: item }], default: null },
      { name: 'nothing', type: 'null' },
      {
        name: 'tags',
        type: ['null', { type: 'array', items: ['null', 'boolean', 'double', 'string'] }],
        default: null,
      },
    ],
  })
})

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index)
const names = (length: number, value: (n: number) => JsonValue, prefix = 'n'): JsonObject =>
  Object.fromEntries(range(length).map((n) => [`${prefix}${n}`, value(n)]))
const nested = (levels: number): JsonValue => (levels === 0 ? 'deep' : { in: nested(levels - 1) })
const schemaOf = async (all: readonly JsonObject[]): Promise<string> =>
  JSON.stringify((await readByLibrary(await fileOf(all, 'deflate', 65_536))).schema)

test.each([
  ['an object of very many names', [event(0, { counts: names(201, (n) => n) })], '"type":"map"'],
  [
    'events of very many names',
    range(30).map((n) =>
      event(
        n,
        names(20, (i) => i, `e${n}-`),
      ),
    ),
    '"spread":true',
  ],
  ['a name that is too long', [event(0, { o: { ['x'.repeat(300)]: 1 } })], '"type":"map"'],
  ['an event that is too deep', [event(0, { o: nested(200) })], '"encoded":"json"'],
  ['text that is no Unicode', [event(0, { a: '\ud800', '\udfff': 1, b: { '\ud800x': [2] } })], '"encoded":"json"'],
  [
    'more places than fit',
    [
      event(
        0,
        names(150, (n) => names(150, () => true, `m${n}-`)),
      ),
    ],
    '"type":"map"',
  ],
  [
    'names of Object itself',
    [event(0, JSON.parse('{"constructor":1,"__proto__":{"a":2}}')), event(1, { toString: { valueOf: 'x' } })],
    '"constructor"',
  ],
])('%s: the schema stays bounded and nothing is lost', async (_, all, mark) => {
  const schema = await schemaOf(all)
  expect(schema).toContain(mark)
  expect(schema.length).toBeLessThan(2_000_000)
  expect((await readBack(await fileOf(all, 'deflate', 65_536))).map(withoutNulls)).toEqual(all.map(withoutNulls))
})

test('hostile events cost bounded memory and time', async () => {
  const all = range(20).map((n) =>
    event(
      n,
      names(1_000, (i) => names(3, () => i, `v${n}-${i}-`), `p${n}-`),
    ),
  )
  expect((await schemaOf(all)).length).toBeLessThan(100_000)
})

test('any events may leave a file, and the rest keeps its bytes', async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.func(fc.boolean()), async (bodies, stays) => {
      const all = bodies.map((body, n) => JSON.parse(JSON.stringify({ ...body, keen: event(n)['keen']! })))
      let line = 0
      const left = await collect(avroWithout(await fileOf(all), () => () => stays(line++))())
      expect((await readBack(left)).map(withoutNulls)).toEqual(all.filter((__, n) => stays(n)).map(withoutNulls))
    }),
    { numRuns: 100 },
  )
})
