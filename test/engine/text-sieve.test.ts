/** What falls through the sieve cannot match: it is never parsed, so a wrong verdict would let an event live (I-3). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TextSieve } from '../../topology/engine/text-sieve.ts'
import { filterMatches, readFilter } from '../../topology/model/filter.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import { valueAt } from '../../topology/model/path.ts'
import { offset } from '../../topology/model/position.ts'
import type { LogRecord } from '../../topology/model/record.ts'

const encoder = new TextEncoder()

/** Records that lie one behind the other in one buffer, as a fetch gives them. */
const recordsOf = (texts: readonly string[]): readonly LogRecord[] => {
  const bytes = encoder.encode(texts.join('|'))
  let start = 0
  return texts.map((text, index) => {
    const end = start + encoder.encode(text).length
    const record = { offset: offset(index), appendTimeMs: 0, key: null, headers: [], bytes, start, end }
    start = end + 1
    return record
  })
}

const sieveOf = (...filters: readonly JsonObject[]): TextSieve | undefined =>
  TextSieve.of(
    filters.map((filter, index) => ({
      offset: index,
      request: { id: `${index}`, project: 'p', filters: [filter], allowScan: true },
    })),
  )

const equal = (value: JsonValue, name = 'kind'): JsonObject => ({
  property_name: name,
  operator: Array.isArray(value) ? 'in' : 'eq',
  property_value: value,
})

const kept = (sieve: TextSieve | undefined, ...texts: readonly string[]): readonly number[] =>
  sieve!.select(recordsOf(texts)).map((record) => record.offset)

describe('a sieve of texts', () => {
  test('keeps records that hold one of the texts between quotes, in the order of the log', () => {
    const sieve = sieveOf(equal('left'), equal(['up', 'down']))
    const texts = ['{"kind":"left"}', '{"kind":"right"}', '{"kind":["up"]}', '{"kind":"lefty"}', '{"x":"down"}']
    expect(kept(sieve, ...texts)).toEqual([0, 2, 4])
  })

  test('keeps records in which anything is escaped, for that may be the text', () => {
    expect(kept(sieveOf(equal('left')), '{"kind":"\\u006ceft"}', '{"kind":"right"}', '{"a":"\\n"}')).toEqual([0, 2])
  })

  test('finds no text across the border of two records', () => {
    expect(kept(sieveOf(equal('a|b')), '{"kind":"a', 'b"}', '{"kind":"a|b"}')).toEqual([2])
  })

  test('is not there where a match may look otherwise, or for many texts', () => {
    const values: readonly JsonValue[] = [5, null, true, 'say "so"', 'a\\b', 'tab\t', '\uFFFD', ['text', 5]]
    for (const value of values) expect(sieveOf(equal(value)), JSON.stringify(value)).toBeUndefined()
    expect(sieveOf(equal('left'), { property_name: 'kind', operator: 'ne', property_value: 'a' })).toBeUndefined()
    expect(sieveOf(equal('abc', 'keen.client_id'))).toBeUndefined()
    expect(sieveOf(equal(['a', 'b', 'c', 'd', 'e']))).toBeUndefined()
  })

  test('keeps whatever the filter matches', () => {
    const word = fc.constantFrom('left', 'right', 'ü', 'a/b', '"', '\\', '')
    const body = fc.record({ kind: fc.oneof(word, fc.array(word, { maxLength: 3 }), fc.integer()), other: word })
    fc.assert(
      fc.property(fc.array(body, { maxLength: 6 }), word, fc.boolean(), (bodies, wanted, isSlashed) => {
        const sieve = sieveOf(equal(wanted))
        if (sieve === undefined) return
        const filter = readFilter(equal(wanted))
        if (typeof filter === 'string') throw new Error(filter)
        const matching = bodies.flatMap((one, index) => (filterMatches(filter, valueAt(one, ['kind'])) ? [index] : []))
        const texts = bodies.map((one) =>
          isSlashed ? JSON.stringify(one).replaceAll('/', '\\/') : JSON.stringify(one),
        )
        expect(kept(sieve, ...texts)).toEqual(expect.arrayContaining(matching))
      }),
    )
  })
})
