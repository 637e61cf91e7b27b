import { expect, test } from 'vitest'
import { AvroInput } from '../../../topology/formats/avro/avro-input.ts'
import { compileAvro } from '../../../topology/formats/avro/compile-avro.ts'
import { JsonOutput } from '../../../topology/formats/avro/json-output.ts'
import type { JsonValue } from '../../../topology/model/json.ts'

/** The JSON text of some bytes, given as hexadecimal digits. */
const textOf = (schema: JsonValue, hex: string): string => {
  const [input, output] = [new AvroInput(), new JsonOutput(1_048_576)]
  const bytes = Buffer.from(hex, 'hex')
  input.use(bytes, 0, bytes.length)
  compileAvro(schema)(input, output, 0)
  return Buffer.from(output.bytes.subarray(output.start, output.end)).toString()
}

const logical = (type: string, logicalType: string, more: { readonly [name: string]: JsonValue } = {}): JsonValue => ({
  type,
  logicalType,
  ...more,
})

test.each<[JsonValue, string, string]>([
  ['long', '00', '0'],
  ['long', '01', '-1'],
  ['long', 'feffffffffffffffff01', '9223372036854775807'],
  ['int', 'feffffff0f', '2147483647'],
  ['double', '0000000000000080', '-0'],
  ['string', '0a61220a5c00', '"a\\"\\n\\\\\\u0000"'],
  [logical('int', 'date'), '01', '"1969-12-31"'],
  [logical('int', 'time-millis'), '02', '"00:00:00.001"'],
  [logical('long', 'time-micros'), '02', '"00:00:00.000001"'],
  [logical('long', 'timestamp-millis'), '01', '"1969-12-31T23:59:59.999Z"'],
  [logical('long', 'timestamp-micros'), '01', '"1969-12-31T23:59:59.999999Z"'],
  [logical('long', 'timestamp-nanos'), '02', '"1970-01-01T00:00:00.000000001Z"'],
  [logical('long', 'local-timestamp-millis'), '00', '"1970-01-01T00:00:00.000"'],
  [logical('bytes', 'decimal', { precision: 4, scale: 2 }), '0205', '0.05'],
  [logical('bytes', 'decimal', { precision: 4 }), '02ff', '-1'],
  [logical('bytes', 'decimal', { scale: -1 }), '02ff', '"/w=="'],
  [logical('fixed', 'duration', { name: 'D', size: 12 }), '0100000002000000ac0d0000', '"P1M2DT3.5S"'],
  [
    logical('fixed', 'uuid', { name: 'U', size: 16 }),
    '00112233445566778899aabbccddeeff',
    '"00112233-4455-6677-8899-aabbccddeeff"',
  ],
  [logical('string', 'timestamp-millis'), '0261', '"a"'],
  [{ type: 'array', items: 'int' }, '0302020200', '[1,1]'],
  [{ type: 'array', items: 'int' }, '00', '[]'],
  [{ type: 'map', values: 'int' }, '0202610200', '{"a":1}'],
])('%j of %s is %s', (schema, hex, text) => {
  expect(textOf(schema, hex)).toBe(text)
})

test('names are found in the namespace around them', () => {
  const inner = { type: 'record', name: 'B', fields: [{ name: 'n', type: ['null', 'x.A', 'B'] }] }
  const schema = { type: 'record', name: 'A', namespace: 'x', fields: [{ name: 'b', type: inner }] }
  expect(textOf(schema, '0400')).toBe('{"b":{"n":{"n":null}}}')
})
