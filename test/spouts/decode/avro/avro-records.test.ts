import { expect, test } from 'vitest'
import type { DecodedBatch } from '../../../../topology/model/decoder.ts'
import type { JsonObject } from '../../../../topology/model/json.ts'
import { batchOf, path, shapeOf } from '../records.ts'
import { avroDecoder, fingerprintOf, head, purchase, schemasOf, singleObject } from './avro-values.ts'

const sale = { country: 'NZ', price: 2.5, at: Date.UTC(2026, 6, 1), tags: ['a', 'é"'], state: 'PAID' }

const decodeAll = (schema: JsonObject, ...values: readonly (string | Uint8Array)[]): DecodedBatch =>
  avroDecoder(schemasOf(schema)).decode(batchOf(values.map((value) => ({ value }))))

const causeOf = (schema: JsonObject, value: string | Uint8Array): string => {
  const { rejects, events } = decodeAll(schema, value)
  expect([events.length, rejects.length]).toEqual([0, 1])
  return `${rejects[0]?.cause}: ${rejects[0]?.message}`
}

test('a record in Avro is an event whose body is plain JSON', () => {
  const { events } = decodeAll(purchase, singleObject(purchase, sale))
  expect(events.event(0).body).toEqual({ ...sale, at: '2026-07-01T00:00:00.000Z' })
})

test('its columns, shapes, time and client id are those of the same event in JSON', () => {
  const spout = { time: 'at', clientId: 'country' }
  const decoder = avroDecoder(schemasOf(purchase), ['price', 'tags'], spout, true)
  const { events } = decoder.decode(batchOf([{ value: singleObject(purchase, { ...sale, price: null }) }]))
  expect([events.column(path('price'))[0], events.column(path('tags'))[0]]).toEqual([null, ['a', 'é"']])
  expect(events.timesMs()[0]).toBe(sale.at)
  expect(events.clientIds()[0]).toBe('NZ')
  expect(shapeOf(events.shapes(), 0)).toContain('price: null')
})

test('records of several schemas and JSON stand side by side, and a reject keeps the bytes of the log', () => {
  const other = { type: 'record', name: 'Other', fields: [{ name: 'n', type: 'long' }] }
  const decoder = avroDecoder(schemasOf(purchase, other))
  const broken = singleObject(purchase, sale).subarray(0, -1)
  const values = [singleObject(other, { n: 1 }), '{"n":2}', broken, singleObject(purchase, sale)]
  const { events, rejects } = decoder.decode(batchOf(values.map((value) => ({ value }))))
  expect([0, 1, 2].map((i) => events.event(i).body)).toMatchObject([{ n: 1 }, { n: 2 }, { country: 'NZ' }])
  const { record } = rejects[0]!
  expect(Buffer.from(record.bytes.subarray(record.start, record.end))).toEqual(broken)
})

test('a batch stays whole while the next one is decoded', () => {
  const decoder = avroDecoder(schemasOf(purchase))
  const batch = (country: string) => batchOf([{ value: singleObject(purchase, { ...sale, country }) }])
  const first = decoder.decode(batch('NZ')).events
  decoder.decode(batch('FR'))
  expect(first.event(0).body).toMatchObject({ country: 'NZ' })
})

test('requests to delete stay JSON', () => {
  const headers = [['spillway-kind', 'delete']] as const
  const { deletes } = avroDecoder(schemasOf(purchase)).decode(batchOf([{ value: '{"id":"one"}', headers }]))
  expect(deletes[0]?.request).toEqual({ id: 'one' })
})

test('an integer keeps all of its digits, a decimal too', () => {
  const decimal = { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 3 }
  const schema = {
    type: 'record',
    name: 'N',
    fields: [
      { name: 'n', type: 'long' },
      { name: 'd', type: decimal },
    ],
  }
  const bytes = Buffer.from('ffffffffffffffffff0104ff01', 'hex')
  const { events } = decodeAll(schema, Buffer.concat([head(fingerprintOf(schema)), bytes]))
  const { buffer, start, end } = events.bytes(0)
  expect(Buffer.from(buffer.subarray(start, end)).toString()).toBe('{"n":-9223372036854775808,"d":-0.255}')
})

const list = { type: 'record', name: 'L', fields: [{ name: 'l', type: { type: 'array', items: 'null' } }] }
const endless = { type: 'record', name: 'R', fields: [{ name: 'next', type: 'R' }] }
const text = { type: 'record', name: 'T', fields: [{ name: 't', type: 'string' }] }
const float = { type: 'record', name: 'F', fields: [{ name: 'f', type: 'double' }] }
const huge = Buffer.from('80808080808080802001', 'hex')

test.each<[string, JsonObject, string | Uint8Array, string]>([
  ['a text', text, 'hello', 'no Avro: it does not begin with C3 01'],
  ['nothing', text, '', 'no Avro: it does not begin with C3 01'],
  [
    'a schema that nobody knows',
    text,
    head(255n),
    'UnknownSchemaError: the value is Avro of the schema with fingerprint 00000000000000ff: nobody has it',
  ],
  [
    'bytes behind the value',
    text,
    Buffer.concat([singleObject(text, { t: 'a' }), Buffer.from('x')]),
    '1 bytes are left',
  ],
  ['a value that ends early', purchase, singleObject(purchase, sale).subarray(0, -1), 'no Avro'],
  ['a length of 2^60', text, Buffer.concat([head(fingerprintOf(text)), huge]), 'exceeds the value'],
  ['a list of 2^60 nulls', list, Buffer.concat([head(fingerprintOf(list)), huge]), 'more than 1048576 bytes as JSON'],
  ['an endless number', text, Buffer.concat([head(fingerprintOf(text)), Buffer.alloc(20, 0xff)]), 'more than 64 bits'],
  [
    'text that is no UTF-8',
    text,
    Buffer.concat([head(fingerprintOf(text)), Buffer.from('04fffe', 'hex')]),
    'not UTF-8',
  ],
  [
    'a number that is none',
    float,
    singleObject(float, { f: Number.NaN }),
    'InvalidPropertyValueError: value of f is not finite',
  ],
  [
    'a value that is no object',
    { type: 'array', items: 'int' },
    singleObject({ type: 'array', items: 'int' }, [1]),
    'not a JSON object',
  ],
])('%s is a dead letter', (_name, schema, value, cause) => {
  expect(causeOf(schema, value)).toContain(cause)
})

test('a record that holds itself without end is a dead letter', () => {
  const value = Buffer.concat([head(fingerprintOf(endless)), Buffer.alloc(3)])
  expect(causeOf(endless, value)).toContain('nests deeper than 1000 levels')
})

test('no cut or changed byte of a record throws', () => {
  const whole = singleObject(purchase, sale)
  const decoder = avroDecoder(schemasOf(purchase))
  const values: Uint8Array[] = []
  for (let at = 0; at < whole.length; at++) {
    values.push(whole.subarray(0, at))
    for (const byte of [0, 1, 0x7f, 0x80, 0xff])
      values.push(Uint8Array.from(whole, (old, i) => (i === at ? byte : old)))
  }
  const { events, rejects } = decoder.decode(batchOf(values.map((value) => ({ value }))))
  expect(events.length + rejects.length).toBe(values.length)
})

test('what the library writes is what we read, for every type', () => {
  const schema = {
    type: 'record',
    name: 'All',
    fields: [
      { name: 'b', type: 'boolean' },
      { name: 'f', type: 'float' },
      { name: 'x', type: { type: 'fixed', name: 'X', size: 3 } },
      { name: 'y', type: 'bytes' },
      { name: 'm', type: { type: 'map', values: ['null', 'X', 'long'] } },
      { name: 'self', type: ['null', 'All'] },
    ],
  }
  const inner = { b: false, f: 0.5, x: Buffer.from('abc'), y: Buffer.from([0, 255]), m: {}, self: null }
  const { events } = decodeAll(schema, singleObject(schema, { ...inner, m: { z: 7, n: null }, self: inner }))
  const plain = { b: false, f: 0.5, x: 'YWJj', y: 'AP8=', m: {}, self: null }
  expect(events.event(0).body).toEqual({ ...plain, m: { z: 7, n: null }, self: plain })
})
