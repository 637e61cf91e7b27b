/** Several windows, filters and bounds of one rollup. */
import { describe, expect, test } from 'vitest'
import {
  count,
  countUnique,
  first,
  last,
  percentile,
  queryRollup,
  type RollupOptions,
  restoreOperator,
  rollup,
  selectUnique,
  stddev,
  sum,
} from '../../operators/index.ts'
import { definitionOf } from '../../operators/rollup/rollup.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import { foldAll, liveDeltas, rollupRows } from './fold-rows.ts'
import type { PlainTuple } from './plain-tuples.ts'
import { flights } from './sample-data.ts'

const nowMs = Date.parse('2001-02-17T15:30:00Z')
const values = { flights: count(), delay: sum('delay') }
type Rollup = ReturnType<typeof rollup>

const statesOf = (operator: Rollup, tuples: readonly unknown[], gone: readonly unknown[] = []) =>
  Object.fromEntries(
    liveDeltas(operator, foldAll(operator, tuples, gone)).map(({ key, state }) => [
      JSON.stringify(key),
      operator.encode(state),
    ]),
  )

describe('several windows', () => {
  const windows = ['1 month', '1 minute', '1 day', '1 year', '1 week', '1 hour']
  const operator = rollup({ window: windows, by: ['origin'], values })

  test('give the rows of a rollup for each of them', () => {
    const alone = windows.map((window) => statesOf(rollup({ window, by: ['origin'], values }), flights('2k')))
    expect(statesOf(operator, flights('2k'))).toEqual(Object.assign({}, ...alone))
  })

  test('lose a deleted event from each of them', () => {
    const gone = flights('2k').filter((_flight, i) => i % 3 === 0)
    const left = flights('2k').filter((_flight, i) => i % 3 !== 0)
    expect(statesOf(operator, flights('2k'), gone)).toEqual(statesOf(operator, left))
  })

  test('are told the finest first', () => {
    const names = definitionOf(operator)!.windows.map(({ name }) => name)
    expect(names).toEqual(['1 minute', '1 hour', '1 day', '1 week', '1 month', '1 year'])
    expect(definitionOf(operator)!.window).toEqual({ count: 1, unit: 'minute' })
  })

  test('of days and more begin where the time zone says, those below a day where UTC does', () => {
    const local = rollup({ window: ['1 hour', '1 day'], timezone: 'Asia/Kolkata', values })
    const starts = [...foldAll(local, [{ timestamp: Date.parse('2001-01-01T20:10Z'), body: {} }]).values()].map(
      ({ key }) => new Date(Number(key[3])).toISOString(),
    )
    expect(starts).toEqual(['2001-01-01T20:00:00.000Z', '2001-01-01T18:30:00.000Z'])
  })

  test('answer a query from one of them', () => {
    const rows = rollupRows(operator, flights())
    const ask = (timeframe: string): JsonValue => queryRollup(operator, rows, { nowMs, timeframe }).result
    expect(ask('2001-01-01/2001-02-01')).toEqual({ flights: 6_937, delay: 44_647 })
    expect(ask('2001-01-01/2001-01-02')).toEqual({ flights: 222, delay: 3_502 })
    expect(ask('2001-01-01T00:47/2001-02-01T00:00')).toEqual({ flights: 6_937, delay: 44_647 })
    expect(queryRollup(operator, rows, { nowMs }).result).toEqual({ flights: 20_000, delay: 154_078 })
  })
})

describe('filters within a rollup', () => {
  const filter = (property_name: string, operator: string, property_value: JsonValue): JsonObject => ({
    property_name,
    operator,
    property_value,
  })
  const where = [filter('origin', 'ne', 'ATL'), filter('delay', 'gte', 60)]
  const operator = rollup({
    window: '1 month',
    by: ['destination'],
    where,
    values: { n: count(), at: first('origin') },
  })
  const passes = ({ body }: PlainTuple): boolean =>
    Reflect.get(body, 'origin') !== 'ATL' && Reflect.get(body, 'delay') >= 60

  test('count what passes all of them, and nothing of the rest', () => {
    const plain = rollup({ window: '1 month', by: ['destination'], values: { n: count(), at: first('origin') } })
    expect(statesOf(operator, flights())).toEqual(statesOf(plain, flights().filter(passes)))
    expect(Object.keys(statesOf(operator, flights()))).not.toHaveLength(0)
  })

  test('take out by weight -1 only what they had let in', () => {
    const gone = flights().filter((_flight, i) => i % 2 === 0)
    const left = flights().filter((flight, i) => i % 2 === 1 && passes(flight))
    expect(statesOf(operator, flights(), gone)).toEqual(statesOf(operator, left))
  })

  test('read their paths, and are told', () => {
    expect(operator.reads).toEqual([['origin'], ['delay'], ['destination']])
    expect(operator.doc).toBe('n, at per 1 month and destination where origin ne "ATL" and delay gte 60.')
    expect(operator.options).toMatchObject({ where })
  })
})

test.each<[string, Partial<RollupOptions>]>([
  ['window is an empty list', { window: [] }],
  ['window names 1 day twice', { window: ['1 day', '1 days'] }],
  ['window "1 fortnight" is none', { window: ['1 day', '1 fortnight'] }],
  ['9 windows', { window: Array.from({ length: 9 }, (_, i) => `${i + 1} hours`) }],
  ['where: property_name "a..b" is not a path', { where: [{ property_name: 'a..b', operator: 'eq' }] }],
  ['where: operator "like" is unknown', { where: [{ property_name: 'a', operator: 'like', property_value: 1 }] }],
  ['groups 99 is no whole number', { groups: 99 }],
  ['groups 1.5 is no whole number', { groups: 1.5 }],
  ['"fragment" is taken', { values: { fragment: count() } }],
])('a rollup is refused: %s', (reason, options) => {
  expect(() => rollup({ window: '1 day', values, ...options })).toThrow(reason)
})

test('every option comes back from the plain data that the catalogue keeps', () => {
  const operator = rollup({
    window: ['1 day', '5 minutes'],
    by: ['origin', 'a."b.c"'],
    timezone: 'Pacific/Auckland',
    groups: 5_000,
    where: [{ property_name: 'delay', operator: 'in', property_value: [1, 'x', null] }],
    values: {
      a: countUnique('v', { exactValues: 500 }),
      b: selectUnique('v', { exactValues: 20_000 }),
      c: percentile('v', 99.9),
      d: first('v'),
      e: last('v'),
      f: stddev('v'),
    },
  })
  const restored = restoreOperator(operator.name, JSON.parse(JSON.stringify(operator.options)))
  expect(restored?.options).toEqual(operator.options)
  expect(restored?.table).toEqual(operator.table)
})
