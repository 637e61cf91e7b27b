import { expect, test } from 'vitest'
import { crc64Avro } from '../../../topology/formats/avro/crc64-avro.ts'
import { parseAvroSchema } from '../../../topology/spouts/decode/avro/parse-avro-schema.ts'

// Fingerprints that the tests of Avro itself list.
test.each([
  ['"null"', '63dd24e7cc258f8a'],
  ['"int"', '7275d51a3f395c8f'],
])('the fingerprint of %s is the one that Avro gives', (schema, fingerprint) => {
  expect(crc64Avro(schema).toString(16)).toBe(fingerprint)
  expect(parseAvroSchema(schema).fingerprint.toString(16)).toBe(fingerprint)
})

test('what a reader does not need changes no fingerprint: order, doc, defaults, logical types, how names are written', () => {
  const long = { type: 'record', name: 'shop.P', fields: [{ name: 'at', type: 'long' }] }
  const wordy = {
    doc: 'a purchase',
    fields: [
      { default: 'no number', doc: 'when', type: { logicalType: 'timestamp-millis', type: 'long' }, name: 'at' },
    ],
    namespace: 'shop',
    aliases: ['Q'],
    name: 'P',
    type: 'record',
  }
  const [first, second] = [long, wordy].map((schema) => parseAvroSchema(JSON.stringify(schema)).fingerprint)
  expect(first).toBe(second)
})
