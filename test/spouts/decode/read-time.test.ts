/** Times straight from bytes are those that parseTime reads from text. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTime } from '../../../topology/model/event-time.ts'
import { readTime } from '../../../topology/spouts/decode/read-time.ts'

const two = (max: number): fc.Arbitrary<string> => fc.nat(max).map((value) => String(value).padStart(2, '0'))
const time = fc
  .tuple(
    fc.oneof(fc.nat(9_999), fc.integer({ min: 1960, max: 2040 })).map((year) => String(year).padStart(4, '0')),
    fc.constantFrom('-', '/', '.'),
    two(13),
    two(32),
    fc.constantFrom('T', ' ', 't', ''),
    fc.tuple(two(24), two(60), two(60), fc.constantFrom('', '.123', ',5', '.123456', '.12a')),
    fc.nat(3),
    fc.constantFrom('Z', '', '+02:00', 'z', ' '),
  )
  .map(([year, dash, month, day, t, [h, m, s, fraction], parts, zone]) => {
    const clock = [[], [h, m], [h, m, s], [h, m, `${s}${fraction}`]][parts] ?? []
    return `${year}${dash}${month}${dash}${day}${clock.length > 0 ? t : ''}${clock.join(':')}${zone}`
  })

test('a time is read as parseTime reads it, or left to it', () => {
  const property = fc.property(time, fc.nat(40), fc.constantFrom('', 'x', ':', '0'), (text, place, other) => {
    const spoilt = other === '' ? text : text.slice(0, place) + other + text.slice(place + 1)
    const bytes = Buffer.from(spoilt)
    const timeMs = readTime(bytes, 0, bytes.length)
    if (timeMs !== undefined) expect(timeMs).toBe(parseTime(spoilt))
  })
  fc.assert(property, { numRuns: 5_000 })
})

test('the forms that clients write most are read from bytes', () => {
  for (const text of [
    '2019-04-01T10:20:30.456Z',
    '2019-04-01T10:20:30Z',
    '2001/01/01 00:47',
    '1928-12-31',
    '2000-03-01',
  ]) {
    const bytes = Buffer.from(text)
    expect(readTime(bytes, 0, bytes.length)).toBe(parseTime(text))
  }
})
