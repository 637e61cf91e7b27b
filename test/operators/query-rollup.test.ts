import { describe, expect, test } from 'vitest'
import {
  count,
  percentile,
  queryRollup,
  type RollupQuery,
  restoreOperator,
  rollup,
  sum,
} from '../../operators/index.ts'
import { readFilter } from '../../topology/model/filter.ts'
import type { JsonValue } from '../../topology/model/json.ts'
import { percentileOf } from '../oracle/recompute.ts'
import { rollupRows } from './fold-rows.ts'
import { flights } from './sample-data.ts'

const nowMs = Date.parse('2001-02-17T15:30:00Z')
const daily = rollup({
  window: '1 day',
  by: ['origin', 'destination'],
  values: { flights: count(), delay: sum('delay'), p90: percentile('delay', 90) },
})
const rows = rollupRows(daily, flights())
const ask = (query: Partial<RollupQuery> = {}): ReturnType<typeof queryRollup> =>
  queryRollup(daily, rows, { nowMs, ...query })

const where = (property_name: string, operator: string, property_value: JsonValue): RollupQuery['where'] => {
  const filter = readFilter({ property_name, operator, property_value })
  return typeof filter === 'string' ? [] : [filter]
}

const entry = (list: JsonValue, index: number): Record<string, JsonValue> => Object(list)[index]

describe('a query of a rollup', () => {
  test('without groups and intervals is one object', () => {
    const { result } = ask()
    expect(result).toMatchObject({ flights: 20_000, delay: 154_078 })
    expect(Math.abs(Number(Object(result).p90) - 37)).toBeLessThan(0.37)
    expect(ask().approximate).toEqual(['p90'])
  })

  test('by group is a list in the order of the values', () => {
    const { result } = ask({ groupBy: ['origin'] })
    expect(result).toHaveLength(220)
    expect(Object(result).find((row: { origin: string }) => row.origin === 'DFW')).toMatchObject({ flights: 1_103 })
    const names = Object(result).map(({ origin }: { origin: string }) => origin)
    expect(names).toEqual([...names].sort())
  })

  test('filters by the paths of its groups', () => {
    expect(ask({ where: where('origin', 'eq', 'ATL')! }).result).toMatchObject({ flights: 846 })
    expect(ask({ where: where('origin', 'ne', 'ATL')! }).result).toMatchObject({ flights: 19_154, delay: 147_467 })
    expect(() => ask({ where: where('carrier', 'eq', 'x')! })).toThrow('its groups are origin, destination')
  })

  test('counts the windows that begin in the timeframe', () => {
    expect(ask({ timeframe: '2001-02-01/2001-03-01' }).result).toMatchObject({ flights: 5_964, delay: 57_252 })
    expect(ask({ timeframe: { start: '2001/01/01', end: '2001/01/02' } }).result).toMatchObject({
      flights: 222,
      delay: 3_502,
    })
    expect(ask({ timeframe: 'this_1_day' }).result).toMatchObject({ flights: 186 })
    expect(ask({ timeframe: 'previous_month' }).result).toMatchObject({ flights: 6_937 })
  })

  test('by month gives the months in order', () => {
    const { result } = ask({ interval: 'monthly' })
    expect(result).toHaveLength(3)
    expect(entry(result, 0)).toMatchObject({
      timeframe: { start: '2001-01-01T00:00:00.000Z', end: '2001-02-01T00:00:00.000Z' },
      value: { flights: 6_937, delay: 44_647 },
    })
  })

  test('merges windows to coarser intervals as if the rollup had been declared so', () => {
    const january = flights().filter(({ timestamp }) => timestamp < Date.UTC(2001, 1))
    const exact = percentileOf(
      january.map(({ body }) => Reflect.get(body, 'delay')),
      90,
    )!
    const value = Object(entry(ask({ interval: 'monthly' }).result, 0)['value'])
    expect(Math.abs(value.p90 - exact)).toBeLessThanOrEqual(0.01 * exact)
  })

  test('refuses an interval finer than the windows, an unknown one, and too many', () => {
    expect(() => ask({ interval: 'hourly' })).toThrow('shorter than')
    expect(() => ask({ interval: 'fortnightly' })).toThrow('is none')
    expect(() => ask({ interval: 'daily', timeframe: '2001-01-01/2008-01-01' })).toThrow('more than 2500 intervals')
  })

  test('does not change the rows that it reads', () => {
    const first = ask({ interval: 'weekly', groupBy: ['origin'] })
    expect(ask({ interval: 'weekly', groupBy: ['origin'] })).toEqual(first)
    expect(Object(ask().result).flights).toBe(20_000)
  })
})

describe('filling', () => {
  const byDay = (query: Partial<RollupQuery>): ReturnType<typeof queryRollup> =>
    ask({ interval: 'daily', groupBy: ['origin'], ...query })
  const cellsOf = (result: JsonValue): readonly Record<string, JsonValue>[] =>
    Object(result).flatMap(({ value }: { value: readonly JsonValue[] }) => value)

  test('writes null for each group that an interval lacks: 19,800 cells of which 6,901 are present', () => {
    const cells = cellsOf(byDay({}).result)
    expect(cells).toHaveLength(19_800)
    expect(cells.filter(({ flights: n }) => n !== null)).toHaveLength(6_901)
  })

  test('writes the empty-set values, or leaves the holes', () => {
    const zero = cellsOf(byDay({ fill: 'zero' }).result).find(({ flights: n }) => n === 0)
    expect(zero).toMatchObject({ flights: 0, delay: 0, p90: null })
    expect(cellsOf(byDay({ fill: 'none' }).result)).toHaveLength(6_901)
  })

  test('gives up above the limit of cells and says so', () => {
    const answer = byDay({ limits: { cells: 19_799 } })
    expect(answer).toMatchObject({ filled: false, reason: 'cells', cells: 19_800 })
    expect(cellsOf(answer.result)).toHaveLength(6_901)
  })

  test('an empty interval without groups always has its empty-set value', () => {
    const { result } = ask({ interval: 'daily', timeframe: '2001-03-31/2001-04-02', fill: 'none' })
    expect(entry(result, 1)['value']).toEqual({ flights: 0, delay: 0, p90: null })
  })

  test('a query over nothing is empty', () => {
    const nothing = (query: Partial<RollupQuery>): JsonValue => queryRollup(daily, [], { nowMs, ...query }).result
    expect(nothing({})).toEqual({ flights: 0, delay: 0, p90: null })
    expect([nothing({ groupBy: ['origin'] }), nothing({ interval: 'daily' })]).toEqual([[], []])
  })
})

test('groups are ordered null, bools, numbers, strings, and deleted ones are gone', () => {
  const operator = rollup({ window: '1 hour', by: ['a b'], values: { n: count() } })
  const tuples = ['b', 'a', 10, 9, true, false, null, 'gone'].map((value) => ({ timestamp: 0, body: { 'a b': value } }))
  const { result } = queryRollup(operator, rollupRows(operator, tuples, tuples.slice(-1)), { groupBy: ['a b'], nowMs })
  expect(Object(result).map((row: JsonValue) => Object(row)['a b'])).toEqual([null, false, true, 9, 10, 'a', 'b'])
})

test('a rollup restored from its plain options answers the same', () => {
  const restored = restoreOperator(daily.name, JSON.parse(JSON.stringify(daily.options)))
  expect(restored?.options).toEqual(daily.options)
  expect(queryRollup(restored as typeof daily, rows, { nowMs, interval: 'monthly' })).toEqual(
    ask({ interval: 'monthly' }),
  ) // restored from a rollup
  expect(restoreOperator('inferSchema', {})?.name).toBe('inferSchema')
  expect([
    restoreOperator('dedupe', {}),
    restoreOperator('rollup', { window: '1 day', values: [{ name: 'x' }] }),
  ]).toEqual([undefined, undefined])
})
