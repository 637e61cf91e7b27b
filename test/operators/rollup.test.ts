import { defineTopology, log } from 'spillway'
import { tableRows } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import { average, count, percentile, type RollupOptions, rollup, sum, sumRollupShards } from '../../operators/index.ts'
import type { Problem } from '../../topology/declare/problem.ts'
import { TopologyProblems } from '../../topology/declare/topology-problems.ts'
import { foldAll, liveDeltas, rollupRows } from './fold-rows.ts'
import { flights, movies } from './sample-data.ts'

const orders = (options: Partial<RollupOptions> = {}): ReturnType<typeof rollup> =>
  rollup({ window: '1 minute', by: ['country'], values: { orders: count(), revenue: sum('price') }, ...options })

const at = (time: string, body: object): { timestamp: number; body: object } => ({ timestamp: Date.parse(time), body })

/** Keys and columns of what some tuples give. */
const rowsOf = (operator: ReturnType<typeof rollup>, tuples: readonly unknown[]): readonly unknown[] =>
  [...foldAll(operator, tuples).values()].map(({ key, state }) => [...key, ...operator.columns(key, state)])

describe('a row of a rollup', () => {
  test('has project, window, bucket, start, group, fragment, then a column per path and value', () => {
    const row = rowsOf(orders(), [at('2026-01-02T03:04:05Z', { country: 'NZ', price: 0.1 })])
    expect(row).toEqual([
      ['default', '1 minute', '2026-01-02T03Z', Date.UTC(2026, 0, 2, 3, 4), '["NZ"]', 0, 'NZ', 1, 0.1],
    ])
    expect(orders().table.columns.map(({ name }) => name)).toEqual(['country', 'orders', 'revenue'])
  })

  test('groups absent and null together, and tells 5 from "5"', () => {
    const bodies = [{}, { country: null }, { country: 5 }, { country: '5' }, { country: true }]
    const groups = rowsOf(
      orders(),
      bodies.map((body) => at('2026-01-01', body)),
    )
    expect(groups).toEqual([
      expect.arrayContaining(['[null]', null, 2]),
      expect.arrayContaining(['[5]', '5', 1]),
      expect.arrayContaining(['["5"]', '5', 1]),
      expect.arrayContaining(['[true]', 'true', 1]),
    ])
  })

  test('groups lists and objects by their canonical text, and cuts long texts', () => {
    const values = [{ b: 1, a: [2] }, { a: [2], b: 1 }, 'x'.repeat(5_000), 'x'.repeat(5_000)]
    const rows = rowsOf(
      orders(),
      values.map((country) => at('2026-01-01', { country })),
    )
    expect(rows).toHaveLength(2)
    expect(rows[0]).toEqual(expect.arrayContaining(['{"a":[2],"b":1}', 2]))
    expect(String(Reflect.get(Object(rows[1]), 6))).toHaveLength(1_024)
  })

  test('keeps projects and windows apart, late tuples included', () => {
    const tuples = ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z', '2026-01-01T00:00:59.999Z'].map((time) =>
      at(time, {}),
    )
    const other = tuples.map((tuple) => ({ ...tuple, project: 'b' }))
    expect(rowsOf(orders({ by: [] }), [...tuples, ...other]).map((row) => Object(row)[6])).toEqual([2, 1, 2, 1])
  })

  test.each([
    ['10 seconds', '1969-12-31T23:59:55Z', '1969-12-31T23:59:50.000Z', '1969-12-31T23Z'],
    ['15 minutes', '2026-03-04T05:44:59Z', '2026-03-04T05:30:00.000Z', '2026-03-04T05Z'],
    ['6 hours', '2026-03-04T05:44:59Z', '2026-03-04T00:00:00.000Z', '2026-03'],
    ['1 day', '2026-03-04T05:44:59Z', '2026-03-04T00:00:00.000Z', '2026'],
    ['1 week', '2026-03-04T05:44:59Z', '2026-03-01T00:00:00.000Z', '2026'],
    ['1 month', '1928-12-31T05:44:59Z', '1928-12-01T00:00:00.000Z', '1928'],
    ['3 months', '2026-03-04T05:44:59Z', '2026-01-01T00:00:00.000Z', '2026'],
    ['1 year', '2026-03-04T05:44:59Z', '2026-01-01T00:00:00.000Z', '2026'],
  ])('stands for a window of %s', (window, time, start, bucket) => {
    const [row] = rowsOf(orders({ window }), [at(time, {})])
    expect(Object(row).slice(1, 4)).toEqual([window, bucket, Date.parse(start)])
  })

  test('stands for a local day where a time zone is given', () => {
    const timezone = 'Pacific/Auckland'
    const [row] = rowsOf(orders({ window: '1 day', timezone }), [at('2026-01-01T12:00:00Z', {})])
    expect(Object(row)[3]).toBe(Date.parse('2026-01-01T11:00:00Z'))
  })
})

describe('a declaration', () => {
  test.each<[string, Partial<RollupOptions>]>([
    ['window', { window: '1 fortnight' }],
    ['window', { window: '0 days' }],
    ['path', { by: ['a..b'] }],
    ['twice', { by: ['a', 'a'] }],
    ['values is empty', { values: {} }],
    ['taken', { values: { state: count() } }],
    ['taken', { values: { Country: count() } }],
    ['timezone', { timezone: 'Mars/Olympus' }],
  ])('with a bad %s is refused with the reason', (reason, options) => {
    expect(() => orders(options)).toThrow(reason)
  })

  test('may group by a property that is called like a column of the table', () => {
    const names = orders({ by: ['state', 'Group'] }).table.columns.map(({ name }) => name)
    expect(names).toEqual(['by_state', 'by_Group', 'orders', 'revenue'])
  })

  test('says what it reads and how its values leave again', () => {
    expect(orders().reads).toEqual([['country'], ['price']])
    expect(orders().retraction).toBe('exact')
    expect(orders({ values: { p: percentile('price', 5) } }).retraction).toBe('bounded')
  })
})

describe('a declaration within a topology', () => {
  const problemsOf = (by: readonly string[]): readonly Problem[] => {
    try {
      defineTopology('shop', (t) => {
        t.spout('events', log())
          .bolt('counts', rollup({ window: '1 day', by, values: { n: count() } }))
          .sink('rows', tableRows())
      })
    } catch (error) {
      if (error instanceof TopologyProblems) return error.problems
    }
    return []
  }

  test('tells each text of `by` that is no path, and nothing of what stands in for them', () => {
    const texts = problemsOf(['a..b', '', 'a']).map((one) => one.text.slice(0, 30))
    expect(texts).toEqual(['rollup: "a..b" is not a path; ', 'rollup: "" is not a path; join'])
  })

  test('tells where the rollup stands', () => {
    const places = problemsOf(['a..b', 'a', 'a']).map(({ text, at: place }) => [text.slice(0, 20), place?.file])
    const here = import.meta.filename
    expect(places).toEqual([
      ['rollup: "a..b" is no', here],
      ['rollup: by names a t', here],
    ])
  })
})

describe('flights by origin and month', () => {
  const monthly = rollup({
    window: '1 month',
    by: ['origin'],
    values: { flights: count(), delay: sum('delay'), mean: average('delay') },
  })

  test('make 598 rows that hold every flight', () => {
    const rows = rollupRows(monthly, flights())
    expect(rows).toHaveLength(598)
    expect(rows.reduce((total, { state }) => total + state.count, 0)).toBe(20_000)
  })

  test('lose the rows of a deleted airport and nothing else', () => {
    const gone = flights().filter(({ body }) => Reflect.get(body, 'origin') === 'ATL')
    const left = flights().filter(({ body }) => Reflect.get(body, 'origin') !== 'ATL')
    const text = (tuples: readonly unknown[], taken: readonly unknown[] = []): readonly string[] =>
      liveDeltas(monthly, foldAll(monthly, tuples, taken)).map(
        ({ key, state }) => JSON.stringify(key) + monthly.encode(state),
      )
    expect([...text(flights(), gone)].sort()).toEqual([...text(left)].sort())
    expect(text(left)).toHaveLength(595)
  })

  test('add up from shards to the rows of an uncut log', () => {
    const all = flights()
    const shards = [0, 1, 2].flatMap((part) =>
      rollupRows(
        monthly,
        all.filter((_one, i) => i % 3 === part),
      ),
    )
    const texts = (rows: typeof shards): readonly string[] =>
      rows.map(({ windowStart, groupValues, state }) => `${windowStart} ${groupValues} ${monthly.encode(state)}`).sort()
    expect(texts([...sumRollupShards(monthly, shards)])).toEqual(texts([...rollupRows(monthly, all)]))
  })
})

test('the genres of the movies are counted, null included', () => {
  const genres = rollup({ window: '1 year', by: ['Major Genre'], values: { movies: count() } })
  const counts = Object.fromEntries(
    rollupRows(genres, movies()).map(({ groupValues, state }) => [groupValues[0], state.count]),
  )
  expect(counts).toMatchObject({ Drama: 789, Comedy: 675, null: 275, 'Concert/Performance': 5 })
})
