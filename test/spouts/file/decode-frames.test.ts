import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NewRecord } from '../../../topology/model/record.ts'
import { decodeFrames, HeaderTable } from '../../../topology/spouts/file/decode-frames.ts'
import { encodeFrames, sealFrames } from '../../../topology/spouts/file/encode-frames.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 8 })
// Few different keys and headers, so that runs and changes both occur.
const headersOf = fc.uniqueArray(fc.array(fc.tuple(text, text), { maxLength: 2 }), { minLength: 1, maxLength: 3 })
const recordsOf: fc.Arbitrary<readonly NewRecord[]> = headersOf.chain((headers) =>
  fc.array(
    fc.record({
      key: fc.option(fc.constantFrom('', 'keen', '🦦')),
      headers: fc.constantFrom(...headers),
      value: fc.option(fc.uint8Array({ maxLength: 40_000, size: 'max' })),
    }),
    { minLength: 1, maxLength: 12 },
  ),
)

test('records of any key, headers and value come back as they were, from any offset', () => {
  fc.assert(
    fc.property(recordsOf, fc.nat(), (records, pick) => {
      const encoded = encodeFrames(records)
      sealFrames(encoded, 1_000, 77)
      const from = 1_000 + (pick % records.length)
      const wanted = { from, maxBytes: 10_000_000, headers: new HeaderTable() }
      const decoded = decodeFrames(encoded.bytes, encoded.bytes.length, 'memory', wanted)
      const found = decoded.records.map(({ key, headers, bytes, start, end }) => {
        return { key, headers, value: start === -1 ? null : Uint8Array.from(bytes.subarray(start, end)) }
      })
      expect(found).toEqual(records.slice(pick % records.length))
      expect(decoded).toMatchObject({ next: 1_000 + records.length, position: encoded.bytes.length })
      expect(
        decoded.records.every(({ appendTimeMs, offset }, index) => appendTimeMs === 77 && offset === from + index),
      ).toBe(true)
    }),
    { numRuns: 60 },
  )
})
