import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMetadata, encodeMetadata } from '../../../../sinks/objects/s3/metadata-text.ts'

test('numbers, digests and plain names stand as they are', () => {
  const metadata = { from: '17', sha256: '0a'.repeat(32), topology: 'shop_1.eu-west' }
  expect(encodeMetadata(metadata)).toEqual(metadata)
})

test('any text comes back, in header values of printable ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const encoded = encodeMetadata({ sink: value })
      expect(encoded['sink']).toMatch(/^[!-~]*$/)
      expect(decodeMetadata(encoded)).toEqual({ sink: value.toWellFormed() })
    }),
  )
})

test('names come back in lower case', () => {
  expect(decodeMetadata(encodeMetadata({ Sink: 'a' }))).toEqual({ sink: 'a' })
})

test('what somebody else has written is shown as it is', () => {
  expect(decodeMetadata({ note: '100%' })).toEqual({ note: '100%' })
  expect(decodeMetadata(undefined)).toEqual({})
})
