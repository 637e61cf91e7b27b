/** The decoder says of any bytes what JSON.parse says of them (I-1): compared value by value with the slow oracle. */
import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Decoder } from '../../../topology/model/decoder.ts'
import { valueAt } from '../../../topology/model/path.ts'
import { recordValues } from './json-texts.ts'
import { bodyOf, shapeOfBody } from './oracle.ts'
import { batchOf, decoderOf, path, shapeOf } from './records.ts'

const paths = [
  'a',
  'b',
  'a.b',
  'c',
  'country',
  '"a.b"',
  '""',
  '__proto__',
  'é',
  'keen',
  'keen.location',
  'constructor.a',
]

// Decoders that have seen other batches, so that their guesses are at work.
const decoder = decoderOf({ time: 'no.such.path' }, paths, true)
const neighbour = decoderOf({ time: 'no.such.path' }, paths, true)
// Times are checked elsewhere: the header decides them here.
const headers = [['spillway-time', '2019-04-01']] as const

const compare = (decoderUnderTest: Decoder, values: readonly Uint8Array[]): number => {
  const { events, rejects } = decoderUnderTest.decode(batchOf(values.map((value) => ({ value, headers }))))
  const bodies = values.map(bodyOf)
  const expected = bodies.flatMap((body, index) => (body === undefined ? [] : [{ body, offset: 100 + index }]))
  deepStrictEqual(
    Array.from(events.offsets, Number),
    expected.map(({ offset }) => offset),
  )
  expect(rejects.length).toBe(values.length - expected.length)
  for (const [index, { body }] of expected.entries()) {
    for (const text of paths) deepStrictEqual(events.column(path(text))[index], valueAt(body, path(text)))
    deepStrictEqual(shapeOf(events.shapes(), index), shapeOfBody(body))
    deepStrictEqual(events.event(index).body, body)
    expect(isBehindBrace(events.bytes(index), events.keenAt(index))).toBe(Object.hasOwn(body, 'keen'))
  }
  return expected.length
}

test('accepted, refused and lifted are what JSON.parse gives, whatever the bytes (I-1)', () => {
  const property = fc.property(recordValues, (values) => void compare(decoder, values))
  fc.assert(property, { numRuns: 3_000 })
})

const sample = Buffer.from(
  '{"keen":{"timestamp":"2019-04-01T10:00:00Z"},"a":{"b":-1.5e3,"long name":"plain é \\u00e9 ok"},"c":[1,{"x":true},[]],"b":null}',
)

test('a single wrong byte anywhere is judged as JSON.parse judges it (I-1)', () => {
  for (let at = 0; at < sample.length; at += 1) {
    const spoilt = Array.from({ length: 256 }, (_, byte) => {
      const copy = Buffer.from(sample)
      copy[at] = byte
      return copy
    })
    expect(compare(neighbour, spoilt)).toBeGreaterThan(0)
  }
})

test('a value that ends too early is refused, though the next record would complete it (I-1)', () => {
  const cut = Array.from({ length: sample.length }, (_, length) => sample.subarray(0, length))
  expect(compare(neighbour, [sample, ...cut])).toBe(1)
})

test('bytes outside ASCII are judged as strict UTF-8, at every edge of its forms (I-1)', () => {
  const leads = [
    0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5,
  ]
  const edges = [0x20, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0]
  const quoted = (...bytes: number[]): Buffer =>
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')])
  for (const lead of leads) {
    const pairs = edges.flatMap((second) => edges.map((third) => [lead, second, third]))
    compare(
      neighbour,
      pairs.flatMap((three) => [quoted(...three), quoted(...three, 0x80), quoted(...three, 0x20)]),
    )
  }
})

const digits = fc.stringMatching(/^[0-9]{1,22}$/)
const decimal = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.option(digits),
    fc.constantFrom('', '', 'e5', 'E-7', 'e+20', 'e-300', 'e300'),
  )
  .map(([sign, whole, part, power]) => `${sign}${BigInt(whole)}${part === null ? '' : `.${part}`}${power}`)

test('numbers of any length are rounded as JSON.parse rounds them (I-1)', () => {
  const property = fc.property(fc.array(decimal, { minLength: 20, maxLength: 40 }), (texts) => {
    compare(
      neighbour,
      texts.map((text) => Buffer.from(`{"a":${text}}`)),
    )
  })
  fc.assert(property, { numRuns: 300 })
})

/** Whether the place is behind the brace of an object in the trimmed bytes. */
const isBehindBrace = (bytes: { buffer: Uint8Array; start: number; end: number }, at: number): boolean => {
  expect(bytes.buffer[bytes.start]).toBe(0x7b)
  expect(bytes.buffer[bytes.end - 1]).toBe(0x7d)
  if (at < 0) return false
  expect(at > bytes.start && at < bytes.end).toBe(true)
  return bytes.buffer[at - 1] === 0x7b
}
