import { describe, expect, test } from 'vitest'
import {
  type Aggregate,
  average,
  count,
  countUnique,
  maximum,
  median,
  minimum,
  percentile,
  stddev,
  sum,
} from '../../operators/index.ts'
import { recompute } from '../oracle/recompute.ts'
import { flights, movies } from './sample-data.ts'

const aggregates: readonly Aggregate[] = [
  count(),
  sum('v'),
  average('v'),
  stddev('v'),
  minimum('v'),
  maximum('v'),
  median('v'),
  percentile('v', 95),
  countUnique('v'),
]

const fill = <State>(aggregate: Aggregate<State>, values: readonly unknown[], from: State = aggregate.start()): State =>
  values.reduce<State>((state, value) => aggregate.add(state, value, 1), from)

const take = <State>(aggregate: Aggregate<State>, values: readonly unknown[], from: State): State =>
  values.reduce<State>((state, value) => aggregate.add(state, value, -1), from)

const read = (aggregate: Aggregate, values: readonly unknown[]): unknown =>
  aggregate.read(fill(aggregate, values)).value

const column = (tuples: readonly { readonly body: object }[], name: string): readonly unknown[] =>
  tuples.map(({ body }) => Object.entries(body).find(([key]) => key === name)?.[1])

describe('every aggregate', () => {
  const mixed = [6, 28, 'unicorn', null, undefined, true, [1], { a: 1 }, 0.1, -3, 28]

  test.each(aggregates)('$name of mixed values is what the slow recomputation says', (aggregate) => {
    expect(read(aggregate, mixed)).toEqual(recompute[aggregate.name]!(mixed))
  })

  test.each(aggregates)('$name of nothing is the empty-set value', (aggregate) => {
    const zero = ['count', 'sum', 'countUnique'].includes(aggregate.name) ? 0 : null
    expect(read(aggregate, [])).toBe(zero)
  })

  test.each(aggregates)('$name is exact for the ratings of the movies', (aggregate) => {
    const ratings = column(movies(), 'IMDB Rating')
    const state = fill(aggregate, ratings)
    expect(aggregate.read(state)).toEqual({ value: recompute[aggregate.name]!(ratings), approximate: false })
  })

  test.each(aggregates)('$name refuses what is not a path, when it is declared', (aggregate) => {
    if (aggregate.name === 'count') return
    const verbs: Record<string, (path: string) => unknown> = {
      sum,
      average,
      stddev,
      minimum,
      maximum,
      median,
      countUnique,
      percentile: (path) => percentile(path, 1),
    }
    expect(() => verbs[aggregate.name]!('a..b')).toThrow('is not a path')
  })
})

describe('facts of the sample data', () => {
  const delays = column(flights(), 'delay')

  test('delays of 20,000 flights: count, sum, average and deviation', () => {
    expect([count(), sum('v'), average('v'), stddev('v')].map((one) => read(one, delays))).toEqual([
      20_000,
      154_078,
      7.7039,
      Math.sqrt(392_320_689_916) / 20_000,
    ])
  })

  test('delays of 20,000 flights: extremes and numbers of values', () => {
    expect([minimum('v'), maximum('v'), countUnique('v')].map((one) => read(one, delays))).toEqual([-59, 522, 289])
    expect(read(countUnique('v'), column(flights(), 'origin'))).toBe(220)
  })

  test('percentiles of 20,000 delays are within the stated error', () => {
    for (const [rank, exact] of [
      [50, 0],
      [90, 37],
      [99, 138],
    ] as const) {
      const answer = percentile('v', rank).read(fill(percentile('v', rank), delays))
      expect(Math.abs(Number(answer.value) - exact)).toBeLessThanOrEqual(0.01 * exact)
      expect(answer.approximate).toBe(true)
    }
  })

  test('the IMDB ratings add up to 18775 forwards and backwards, where plain addition does neither', () => {
    const ratings = column(movies(), 'IMDB Rating')
    expect(read(sum('v'), ratings)).toBe(18_775)
    expect(read(sum('v'), [...ratings].reverse())).toBe(18_775)
  })

  test('the US gross of the movies and its squares are exact beyond 2^53', () => {
    const gross = column(movies(), 'US Gross')
    expect(read(sum('v'), gross)).toBe(140_542_660_013)
    expect(read(stddev('v'), gross)).toBe(recompute['stddev']!(gross))
  })

  test('null is a value of its own for countUnique', () => {
    expect(read(countUnique('v'), column(movies(), 'Distributor'))).toBe(175)
  })

  test.each([
    ['origin', 'ATL', 147_467, -59, 522],
    ['origin', 'BMI', 153_323, -59, 518],
    ['origin', 'ORD', 145_897, -53, 522],
    ['destination', 'ORD', 143_378, -59, 518],
  ])('flights left after a delete of %s %s', (name, airport, total, smallest, largest) => {
    const gone = column(
      flights().filter(({ body }) => Reflect.get(body, name) === airport),
      'delay',
    )
    const left = [sum('v'), minimum('v'), maximum('v')].map(
      (one: Aggregate) => one.read(take(one, gone, fill(one, delays))).value,
    )
    expect(left).toEqual([total, smallest, largest])
  })
})

describe('quantiles', () => {
  test('take the lower of two middle values and never interpolate', () => {
    expect(read(median('v'), [10, 20])).toBe(10)
    expect([1, 50, 51, 100].map((rank) => read(percentile('v', rank), [20, 10]))).toEqual([10, 10, 20, 20])
  })

  test('have the right rank where doubles would miss it', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1)
    expect([55, 7, 14.5, 0.1, 99.9].map((rank) => read(percentile('v', rank), hundred))).toEqual([55, 7, 15, 1, 100])
  })

  test.each([0, -1, 101, Number.NaN])('refuse rank %s', (rank) => {
    expect(() => percentile('v', rank)).toThrow('rank')
  })
})
