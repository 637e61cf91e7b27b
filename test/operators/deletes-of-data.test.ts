/**
 * What rollups say of the sample data after each delete of its description: vega-datasets 3.2.1.
 *
 * The deleted events leave with weight -1 from what all have given; every answer is also that of the slow recomputation.
 */
import { describe, expect, test } from 'vitest'
import {
  average,
  count,
  countUnique,
  maximum,
  median,
  minimum,
  percentile,
  rollup,
  selectUnique,
  stddev,
  sum,
} from '../../operators/index.ts'
import { filterMatches, readFilter } from '../../topology/model/filter.ts'
import type { JsonValue } from '../../topology/model/json.ts'
import { percentileOf, recompute } from '../oracle/recompute.ts'
import { foldAll } from './fold-rows.ts'
import type { PlainTuple } from './plain-tuples.ts'
import { earthquakes, flights, movies } from './sample-data.ts'

type Rollup = ReturnType<typeof rollup>

/** The only group of a rollup without groups and with one window, its fragments summed. */
const answersOf = (operator: Rollup, all: readonly PlainTuple[], gone: readonly PlainTuple[]): unknown => {
  const deltas = [...foldAll(operator, all).values()].map(({ state }) => operator.decode(operator.encode(state)))
  const taken = [...foldAll(operator, [], gone).values()].map(({ state }) => state)
  const whole = [...deltas, ...taken].reduce((left, right) => operator.merge(left, right))
  const [main] = foldAll(operator, all.slice(0, 1)).values()
  return operator.columns(main!.key, whole)
}

const isGone = (property_name: string, operator: string, property_value: JsonValue) => {
  const filter = readFilter({ property_name, operator, property_value })
  if (typeof filter === 'string') throw new RangeError(filter)
  return ({ body }: PlainTuple): boolean => filterMatches(filter, Reflect.get(body, property_name))
}

const column = (tuples: readonly PlainTuple[], name: string): readonly unknown[] =>
  tuples.map(({ body }) => Reflect.get(body, name))

describe('delays of 20,000 flights', () => {
  const all = flights()
  const operator = rollup({
    window: '1 year',
    values: {
      n: count(),
      total: sum('delay'),
      least: minimum('delay'),
      most: maximum('delay'),
      origins: countUnique('origin', { exactValues: 600 }),
      destinations: countUnique('destination', { exactValues: 600 }),
      mean: average('delay'),
      deviation: stddev('delay'),
    },
  })
  const february = ({ timestamp }: PlainTuple): boolean =>
    timestamp >= Date.UTC(2001, 1) && timestamp < Date.UTC(2001, 2)

  test.each<[string, (flight: PlainTuple) => boolean, readonly number[], number]>([
    ['nothing', () => false, [20_000, 154_078, -59, 522, 220, 223], 20_803_036],
    ['origin ATL', isGone('origin', 'eq', 'ATL'), [19_154, 147_467, -59, 522, 219, 220], 20_000_069],
    ['origin BMI', isGone('origin', 'eq', 'BMI'), [19_994, 153_323, -59, 518, 219, 223], 20_487_809],
    ['origin BMI, TUL', isGone('origin', 'in', ['BMI', 'TUL']), [19_918, 152_920, -59, 509, 218, 223], 20_205_522],
    ['origin ORD', isGone('origin', 'eq', 'ORD'), [18_905, 145_897, -53, 522, 219, 216], 19_634_535],
    ['destination ORD', isGone('destination', 'eq', 'ORD'), [18_840, 143_378, -59, 518, 214, 222], 18_915_366],
    ['delay from 60', isGone('delay', 'gte', 60), [18_892, 36_993, -59, 59, 220, 222], 5_408_383],
    ['February', february, [14_036, 96_826, -59, 396, 215, 220], 13_066_016],
  ])('after the delete of %s', (_name, gone, facts, squares) => {
    const answers = answersOf(operator, all, all.filter(gone))
    const left = column(
      all.filter((flight) => !gone(flight)),
      'delay',
    )
    expect(left.reduce<number>((total, delay) => total + Number(delay) ** 2, 0)).toBe(squares)
    expect(answers).toEqual([...facts, recompute['average']!(left), recompute['stddev']!(left)])
  })
})

describe('titles and takings of the movies', () => {
  const all = movies()
  const operator = rollup({
    window: '1 year',
    values: {
      n: count(),
      gross: sum('US Gross'),
      deviation: stddev('US Gross'),
      least: minimum('US Gross'),
      most: maximum('US Gross'),
      ratings: selectUnique('MPAA Rating', { exactValues: 200 }),
    },
  })

  test.each<[string, string, JsonValue, number]>([
    ['MPAA Rating', 'eq', 'R', 2_007],
    ['Major Genre', 'eq', 'Drama', 2_412],
    ['US Gross', 'gte', 100_000_000, 2_789],
    ['US Gross', 'lt', 1_000_000, 2_771],
    ['US Gross', 'eq', null, 3_194],
  ])('after the delete of %s %s %j', (name, verb, value, left) => {
    const gone = isGone(name, verb, value)
    const kept = all.filter((movie) => !gone(movie))
    const gross = column(kept, 'US Gross')
    const ratings = [...new Set(column(kept, 'MPAA Rating'))].filter((one) => one !== null).sort()
    expect(answersOf(operator, all, all.filter(gone))).toEqual([
      left,
      ...['sum', 'stddev', 'minimum', 'maximum'].map((verbOf) => recompute[verbOf]!(gross)),
      JSON.stringify([null, ...ratings]),
    ])
  })

  test('the sum of squares of the US gross is right beyond 2^53', () => {
    const squares = column(all, 'US Gross').reduce<bigint>((total, one) => total + BigInt(Number(one ?? 0)) ** 2n, 0n)
    expect(squares).toBe(18_678_912_272_333_578_535n)
    const state = column(all, 'US Gross').reduce<ReturnType<ReturnType<typeof stddev>['start']>>(
      (into, one) => stddev('v').add(into, one, 1),
      stddev('v').start(),
    )
    const [, , written] = JSON.parse(JSON.stringify(stddev('v').encode(state)))
    const [digits, exponent] = String(written).split('p')
    expect(BigInt(`0x${digits}`) << BigInt(Number(exponent))).toBe(squares)
  })
})

describe('magnitudes of 1,707 earthquakes', () => {
  const all = earthquakes()
  const operator = rollup({
    window: '1 year',
    values: {
      n: count(),
      total: sum('mag'),
      depth: sum('depth'),
      least: minimum('mag'),
      most: maximum('mag'),
      p50: median('mag'),
      p90: percentile('mag', 90),
      p99: percentile('mag', 99),
      networks: selectUnique('net', { exactValues: 100 }),
    },
  })

  /** Quantiles of more than 256 different numbers are within 1 %. */
  const near = (value: JsonValue): unknown => ({
    asymmetricMatch: (other: unknown) => Math.abs(Number(other) - Number(value)) <= 0.01 * Number(value),
  })

  test('have exact sums and extremes, and quantiles within the stated error', () => {
    const answers = answersOf(operator, all, [])
    const networks = ['ak', 'ci', 'hv', 'mb', 'nc', 'nm', 'nn', 'pr', 'se', 'us', 'uu', 'uw']
    expect(answers).toEqual([
      1_707,
      2_616.39,
      29_098.266,
      -0.8,
      6.4,
      near(1.2),
      near(3.4),
      near(5.3),
      JSON.stringify(networks),
    ])
  })

  test.each<[string, (quake: PlainTuple) => boolean, number]>([
    ['what is no earthquake', isGone('type', 'ne', 'earthquake'), 1_679],
    ['a day', ({ timestamp }) => new Date(timestamp).toISOString().startsWith('2018-02-03'), 1_707 - 259],
    ['the strongest', isGone('mag', 'gte', 6), 1_702],
  ])('after the delete of %s are those of what is left', (_name, gone, left) => {
    const kept = all.filter((quake) => !gone(quake))
    const magnitudes = column(kept, 'mag')
    expect(kept).toHaveLength(left)
    expect(answersOf(operator, all, all.filter(gone))).toEqual([
      left,
      recompute['sum']!(magnitudes),
      recompute['sum']!(column(kept, 'depth')),
      recompute['minimum']!(magnitudes),
      recompute['maximum']!(magnitudes),
      ...[50, 90, 99].map((rank) => near(percentileOf(magnitudes, rank))),
      JSON.stringify([...new Set(column(kept, 'net'))].sort()),
    ])
  })
})
