/** Questions that would cut a window of the rollup are refused; those that do not have exact answers. */
import { describe, expect, test } from 'vitest'
import { count, queryRollup, type RollupQuery, rollup } from '../../operators/index.ts'
import { rollupRows } from './fold-rows.ts'
import { flights } from './sample-data.ts'

const nowMs = Date.parse('2001-02-17T15:30:00Z')
const answer = (window: string, tuples: readonly unknown[], query: Partial<RollupQuery>, timezone?: string) => {
  const operator = rollup({ window, values: { n: count() }, ...(timezone === undefined ? {} : { timezone }) })
  return queryRollup(operator, rollupRows(operator, tuples), { nowMs, ...query }).result
}
const ask = (window: string, query: Partial<RollupQuery>, timezone?: string) =>
  answer(window, flights(), query, timezone)

describe('a timeframe', () => {
  test('that begins or ends within a window is refused with that window', () => {
    expect(() => ask('1 hour', { timeframe: '2001-01-01T00:30/2001-01-02' })).toThrow(
      'timeframe 2001-01-01T00:30/2001-01-02 begins at 2001-01-01T00:30:00.000Z, within the window ' +
        '2001-01-01T00:00:00.000Z/2001-01-01T01:00:00.000Z, and windows are not split: the rollup keeps windows of 1 hour; ',
    )
    const timeframe = { start: '2001-01-01', end: '2001-01-01T12:00' }
    expect(() => ask('1 day', { timeframe })).toThrow('ends at 2001-01-01T12:00:00.000Z, within the window')
  })

  test('that lies on the edges of windows has its answer', () => {
    expect(ask('1 hour', { timeframe: '2001-01-01/2001-01-02' })).toEqual({ n: 222 })
    expect(ask('1 minute', { timeframe: '2001-01-01T00:30/2001-01-02' })).toMatchObject({ n: expect.any(Number) })
    expect(ask('1 month', { timeframe: 'previous_month' })).toEqual({ n: 6_937 })
  })

  test('relative to now is judged in its time zone', () => {
    expect(() => ask('1 day', { timeframe: 'today', timezone: 'Europe/Berlin' })).toThrow(
      'timeframe today in timezone "Europe/Berlin" begins at 2001-02-16T23:00:00.000Z',
    )
    expect(() => ask('1 day', { timeframe: 'this_2_hours' })).toThrow('windows of 1 day in timezone "UTC"')
    expect(() => ask('1 hour', { timeframe: 'today', timezone: 'Asia/Kolkata' })).toThrow('not split')
    const local = { timeframe: 'this_3_days', timezone: 'Europe/Berlin' }
    expect(ask('1 hour', local)).toEqual(ask('1 day', local, 'Europe/Berlin'))
  })
})

describe('an interval', () => {
  test.each<[string, Partial<RollupQuery>]>([
    ['1 hour', { interval: 'every_90_minutes' }],
    ['1 hour', { interval: 'daily', timezone: 'Asia/Kolkata' }],
    ['1 day', { interval: 'daily', timezone: 'Europe/Berlin' }],
    ['1 week', { interval: 'monthly' }],
    ['1 week', { interval: 'weekly', timezone: 3_600 }],
    ['1 hour', { interval: 'every_90_minutes', timeframe: '2001-01-01/2001-01-02' }],
  ])('cuts windows of %s: %j is refused', (window, query) => {
    expect(() => ask(window, query)).toThrow(/^interval .* in timezone .*: one (begins|ends) at .*, within the window/)
  })

  const totalOf = (result: unknown): number =>
    Object(result).reduce((sum: number, { value }: { value: { n: number } }) => sum + value.n, 0)

  test.each<[string, Partial<RollupQuery>, string?]>([
    ['1 hour', { interval: 'every_2_hours', limits: { intervals: 5_000 } }],
    ['1 hour', { interval: 'daily', timezone: 'Europe/Berlin' }],
    ['1 hour', { interval: 'every_6_hours', timezone: 'America/New_York' }],
    ['30 minutes', { interval: 'daily', timezone: 'Asia/Kolkata' }],
    ['1 day', { interval: 'weekly' }],
    ['1 day', { interval: 'daily', timezone: 'Europe/Berlin' }, 'Europe/Berlin'],
    ['1 day', { interval: 'yearly' }],
    ['1 month', { interval: 'every_2_months' }],
  ])('on the edges of windows of %s counts everything once: %j', (window, query, timezone) => {
    expect(totalOf(ask(window, query, timezone))).toBe(20_000)
  })

  const hourly = Array.from({ length: 24 * 4 }, (_, hour) => ({
    timestamp: Date.parse('2026-03-27T23:00Z') + hour * 3_600_000,
    body: {},
  }))

  test('of hours loses nothing behind a clock change', () => {
    const query = {
      interval: 'every_6_hours',
      timezone: 'Europe/Berlin',
      timeframe: '2026-03-27T23:00/2026-03-31T23:00',
    }
    const result = answer('1 hour', hourly, query)
    expect(Object(result).map(({ value }: { value: { n: number } }) => value.n)).toEqual(Array(16).fill(6))
  })

  test('of days has 23 hours where the clock goes forward', () => {
    const result = answer('1 hour', hourly, { interval: 'daily', timezone: 'Europe/Berlin' })
    expect(Object(result).map(({ value }: { value: { n: number } }) => value.n)).toEqual([24, 23, 24, 24, 1])
  })
})
