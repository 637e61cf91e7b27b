/** Filters of queries: the language of DOMAIN section 5 over the groups of a rollup. */
import { describe, expect, test } from 'vitest'
import { count, queryRollup, readQueryFilter, rollup } from '../../operators/index.ts'
import type { JsonValue } from '../../topology/model/json.ts'
import { rollupRows } from './fold-rows.ts'

const operator = rollup({ window: '1 hour', by: ['country', 'age'], values: { n: count() } })
const people: readonly (readonly [JsonValue, JsonValue])[] = [
  ['NZ', 30],
  ['NL', 5],
  ['AU', '5'],
  ['AU', null],
  [null, 41],
]
const rows = rollupRows(
  operator,
  people.map(([country, age]) => ({ timestamp: 0, body: { country, age } })),
)

const matching = (...filters: readonly JsonValue[]): JsonValue => {
  const where = filters.map((json) => {
    const filter = readQueryFilter(json)
    if (typeof filter === 'string') throw new Error(filter)
    return filter
  })
  return Object(queryRollup(operator, rows, { nowMs: 0, where }).result).n
}
const asks = (path: string, operator: string, value: JsonValue): JsonValue => ({
  property_name: path,
  operator,
  property_value: value,
})

describe('a filter of a query', () => {
  test.each<[string, string, JsonValue, number]>([
    ['country', 'eq', 'AU', 2],
    ['age', 'eq', 5, 1],
    ['age', 'eq', '5', 1],
    ['country', 'ne', 'AU', 3],
    ['age', 'gt', 5, 2],
    ['age', 'lte', 30, 2],
    ['country', 'lt', 'NM', 3],
    ['country', 'exists', true, 4],
    ['country', 'exists', false, 1],
    ['country', 'in', ['NZ', 'NL', 5], 2],
    ['country', 'contains', 'N', 2],
    ['country', 'not_contains', 'N', 3],
    ['country', 'regex', '^N[LZ]$', 2],
    ['age', 'regex', '5', 1],
  ])('%s %s %j lets %i through', (path, operator, value, n) => {
    expect(matching(asks(path, operator, value))).toBe(n)
  })

  test('or lets through what one of its operands does, several filters what all do', () => {
    const or = { operator: 'or', operands: [asks('country', 'eq', 'NZ'), asks('age', 'eq', 41)] }
    expect(matching(or)).toBe(2)
    expect(matching(or, asks('country', 'exists', true))).toBe(1)
    expect(matching({ operator: 'or', operands: [or, asks('country', 'eq', 'AU')] })).toBe(4)
  })

  test.each<[JsonValue, string]>([
    [{ operator: 'or' }, 'or takes operands, a list of filters'],
    [asks('country', 'like', 'N'), 'regex within or'],
    [asks('country', 'regex', '('), 'is no regular expression'],
    [asks('country', 'regex', 5), 'regex takes a text'],
    [asks('', 'regex', 'N'), 'property_name "" is not a path'],
  ])('%j is refused with what is wrong', (json, said) => {
    expect(readQueryFilter(json)).toContain(said)
  })

  test('within is refused by its public name', () => {
    expect(() => readQueryFilter(asks('country', 'within', {}))).toThrow(
      expect.objectContaining({ publicName: 'InvalidPropertyNameForGeoFilter' }),
    )
  })

  test('a path that the rollup is not kept by is refused with those that it is', () => {
    expect(() => matching(asks('city', 'regex', 'x'))).toThrow('not kept by city; its groups are country, age')
  })

  test('filters deeper than a person writes are refused', () => {
    let deep: JsonValue = asks('country', 'eq', 'NZ')
    for (let depth = 0; depth < 30; depth++) deep = { operator: 'or', operands: [deep] }
    expect(readQueryFilter(deep)).toBe('filters stand more than 20 deep')
  })
})
