import { describe, expect, test } from 'vitest'
import { readTimeframe } from '../../operators/index.ts'
import { calendarOf, readSpan } from '../../operators/query/calendar.ts'
import { intervalStarts, readInterval } from '../../operators/query/intervals.ts'
import { readZone } from '../../operators/query/zone.ts'

// A Saturday.
const nowMs = Date.parse('2001-02-17T15:30:00Z')
const frame = (text: string, timezone?: string | number): string => {
  const { startMs, endMs } = readTimeframe(text, nowMs, readZone(timezone))
  return `${new Date(startMs).toISOString()} ${new Date(endMs).toISOString()}`.replaceAll(':00.000Z', '')
}

describe('a timeframe', () => {
  test.each([
    ['this_1_day', '2001-02-17T00:00 2001-02-18T00:00'],
    ['today', '2001-02-17T00:00 2001-02-18T00:00'],
    ['yesterday', '2001-02-16T00:00 2001-02-17T00:00'],
    ['this_7_days', '2001-02-11T00:00 2001-02-18T00:00'],
    ['previous_7_days', '2001-02-10T00:00 2001-02-17T00:00'],
    ['last_2_hours', '2001-02-17T13:00 2001-02-17T15:00'],
    ['this_week', '2001-02-11T00:00 2001-02-18T00:00'],
    ['previous_2_weeks', '2001-01-28T00:00 2001-02-11T00:00'],
    ['this_3_months', '2000-12-01T00:00 2001-03-01T00:00'],
    ['previous_year', '2000-01-01T00:00 2001-01-01T00:00'],
    ['2001-01-01/2001-02-01T10:00', '2001-01-01T00:00 2001-02-01T10:00'],
    ['2001/01/01 00:47/2001/01/02', '2001-01-01T00:47 2001-01-02T00:00'],
  ])('%s is %s', (text, expected) => {
    expect(frame(text)).toBe(expected)
  })

  test('follows a time zone by name or by seconds', () => {
    expect(frame('today', 'America/New_York')).toBe('2001-02-17T05:00 2001-02-18T05:00')
    expect(frame('today', -18_000)).toBe('2001-02-17T05:00 2001-02-18T05:00')
    expect(frame('this_month', '5400')).toBe('2001-01-31T22:30 2001-02-28T22:30')
  })

  test.each(['', 'this_0_days', 'next_2_days', 'this_3_seconds', '2001-01-02/2001-01-01', '2001-01-01', 'a/b'])(
    'is not %j',
    (text) => expect(() => frame(text)).toThrow('timeframe'),
  )
})

describe('days of a zone with summer time', () => {
  const berlin = readZone('Europe/Berlin')
  const lengths = (span: string, from: string, to: string): readonly number[] => {
    const calendar = calendarOf(readSpan(span)!, berlin)
    return intervalStarts(calendar, { startMs: Date.parse(from), endMs: Date.parse(to) }, 100).map(
      (start) => (calendar.next(start) - start) / 3_600_000,
    )
  }

  test('have 23 and 25 hours at the changes, and hours stay hours', () => {
    expect(lengths('1 day', '2026-03-28T00:00Z', '2026-03-30T12:00Z')).toEqual([24, 23, 24])
    expect(lengths('1 day', '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([24, 25, 24])
    expect(lengths('1 hour', '2026-03-29T00:00Z', '2026-03-29T04:00Z')).toEqual([1, 1, 1, 1])
  })

  test('begin where the calendar says, far back as well', () => {
    expect(calendarOf({ count: 1, unit: 'month' }, berlin).startOf(Date.parse('2026-07-05'))).toBe(
      Date.parse('2026-06-30T22:00Z'),
    )
    expect(calendarOf({ count: 1, unit: 'year' }).startOf(Date.parse('-000005-03-01'))).toBe(
      Date.parse('-000005-01-01'),
    )
  })
})

test('intervals of hours keep their length and their beginning over a clock change', () => {
  const timeframe = { startMs: Date.parse('2026-03-28T11:00Z'), endMs: Date.parse('2026-03-29T23:00Z') }
  const calendar = readInterval('every_6_hours', { count: 1, unit: 'hour' }, readZone('Europe/Berlin'), timeframe, 0)
  const starts = intervalStarts(calendar, timeframe, 10)
  expect(starts.map((start) => calendar.startOf(start + 3_600_000))).toEqual(starts)
  expect(starts.map((start) => new Date(start).getUTCHours())).toEqual([11, 17, 23, 5, 11, 17])
})

test('every_n intervals count from the start of the timeframe', () => {
  const timeframe = { startMs: Date.parse('2026-01-01T00:10Z'), endMs: Date.parse('2026-01-01T01:00Z') }
  const calendar = readInterval('every_20_minutes', { count: 1, unit: 'minute' }, readZone(undefined), timeframe, 0)
  expect(intervalStarts(calendar, timeframe, 10).map((start) => new Date(start).getUTCMinutes())).toEqual([10, 30, 50])
})
