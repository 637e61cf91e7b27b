/** What a query asks is judged before any row: which windows answer it, in which zone, and whether it is too long. */
import { describe, expect, test } from 'vitest'
import { count, queryRollup, type RollupQuery, rollup } from '../../operators/index.ts'
import { planQuery } from '../../operators/query/plan-query.ts'
import { definitionOf } from '../../operators/rollup/rollup.ts'
import { rollupRows } from './fold-rows.ts'
import { flights } from './sample-data.ts'

const nowMs = Date.parse('2001-02-17T15:30:00Z')
const windows = ['1 hour', '1 day', '1 month']
const several = rollup({ window: windows, values: { n: count() } })
const plan = (query: Partial<RollupQuery>, operator = several) =>
  planQuery(definitionOf(operator)!, { nowMs, ...query })

describe('of several windows', () => {
  test.each<[Partial<RollupQuery>, string]>([
    [{}, '1 month'],
    [{ timeframe: 'previous_month' }, '1 month'],
    [{ timeframe: 'this_7_days' }, '1 day'],
    [{ timeframe: 'previous_3_hours' }, '1 hour'],
    [{ interval: 'yearly' }, '1 month'],
    [{ interval: 'weekly' }, '1 day'],
    [{ interval: 'daily', timezone: 'Europe/Berlin' }, '1 hour'],
    [{ interval: 'monthly', timeframe: '2001-01-01/2001-02-15' }, '1 day'],
  ])('the coarsest is read that answers %j: %s', (query, name) => {
    expect(plan(query).window.name).toBe(name)
  })

  const rows = rollupRows(several, flights().slice(0, 3_000))
  const finest = rollup({ window: '1 hour', values: { n: count() } })

  test.each<Partial<RollupQuery>>([{}, { interval: 'monthly' }, { interval: 'daily' }, { timeframe: 'this_2_months' }])(
    'the answer to %j is that of the finest alone',
    (query) => {
      const alone = queryRollup(finest, rollupRows(finest, flights().slice(0, 3_000)), { nowMs, ...query })
      expect(queryRollup(several, rows, { nowMs, ...query })).toEqual(alone)
    },
  )

  test('what none of them answers is refused with the windows of the finest', () => {
    expect(() => plan({ timeframe: '2001-01-01T00:30/2001-01-02' })).toThrow('the rollup keeps windows of 1 hour')
    expect(() => plan({ interval: 'minutely' })).toThrow("shorter than the rollup's windows of 1 hour")
  })
})

test('the zone of a rollup is that of its questions, unless they name one', () => {
  const berlin = rollup({ window: '1 day', timezone: 'Europe/Berlin', values: { n: count() } })
  expect(plan({ timeframe: 'today', interval: 'daily' }, berlin).frame).toEqual({
    startMs: Date.parse('2001-02-16T23:00Z'),
    endMs: Date.parse('2001-02-17T23:00Z'),
  })
  expect(() => plan({ timeframe: 'today', timezone: 'UTC' }, berlin)).toThrow('timeframe today in timezone "UTC"')
})

describe('C5: a series that is too long', () => {
  const minutely = rollup({ window: '1 minute', values: { n: count() } })
  const year = { interval: 'minutely', timeframe: '2001-01-01/2002-01-01' }

  test('is refused from its timeframe alone', () => {
    expect(() => plan(year, minutely)).toThrow('the timeframe has more than 2500 intervals')
    expect(() => plan({ ...year, interval: 'daily' }, minutely)).not.toThrow()
  })

  test('without a timeframe is refused from its first and last row', () => {
    const far = [0, 9_999].map((minute) => ({ timestamp: minute * 60_000, body: {} }))
    const asked = { nowMs, interval: 'minutely' }
    expect(() => queryRollup(minutely, rollupRows(minutely, far), asked)).toThrow('more than 2500 intervals')
  })
})
