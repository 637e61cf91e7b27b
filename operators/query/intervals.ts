/** Intervals of a query: which one a window belongs to, and all of them from the first to the last. */
import { errors } from '../../topology/model/errors.ts'
import { type Calendar, calendarOf, isLength, readSpan, type Span, spanMs } from './calendar.ts'
import type { Timeframe } from './timeframe.ts'
import type { Zone } from './zone.ts'

const named: Readonly<Record<string, Span>> = {
  minutely: { count: 1, unit: 'minute' },
  hourly: { count: 1, unit: 'hour' },
  daily: { count: 1, unit: 'day' },
  weekly: { count: 1, unit: 'week' },
  monthly: { count: 1, unit: 'month' },
  yearly: { count: 1, unit: 'year' },
}

/** Reads `daily`, `every_15_minutes`. Throws `badConfiguration` for anything unknown or finer than the window. */
export const readIntervalSpan = (text: string, window: Span): Span => {
  const every = /^every_(.+)$/.exec(text)?.[1]
  const span = every === undefined ? (Object.hasOwn(named, text) ? named[text] : undefined) : readSpan(every)
  if (span === undefined || span.unit === 'second') {
    throw errors.badConfiguration({
      problem: `interval ${JSON.stringify(text)} is none; write minutely, hourly, daily, weekly, monthly, yearly or every_15_minutes`,
    })
  }
  if (spanMs(span) < spanMs(window)) {
    throw errors.badConfiguration({
      problem: `interval ${text} is shorter than the rollup's windows of ${window.count} ${window.unit}${window.count === 1 ? '' : 's'}`,
    })
  }
  return span
}

/**
 * The ranges of an interval. `every_15_minutes` counts from the start of the timeframe. Throws as `readIntervalSpan`.
 *
 * Intervals below a day are lengths of time that clock changes do not move: they keep the zone's offset at the start of
 * the timeframe, without one that at `nowMs`.
 */
export const readInterval = (
  text: string,
  window: Span,
  zone: Zone,
  timeframe: Timeframe | undefined,
  nowMs: number,
): Calendar => {
  const span = readIntervalSpan(text, window)
  const offsetMs = zone.offsetMs(timeframe?.startMs ?? nowMs)
  const anchor = !text.startsWith('every_') || timeframe === undefined ? undefined : timeframe.startMs + offsetMs
  return calendarOf(span, isLength(span) ? { offsetMs: () => offsetMs } : zone, anchor)
}

/** Starts of all intervals of `[from, to)`. Throws `queryTooLarge` above the bound. */
export const intervalStarts = (calendar: Calendar, frame: Timeframe, max: number): readonly number[] => {
  const starts: number[] = []
  if (frame.endMs <= frame.startMs) return starts
  for (let start = calendar.startOf(frame.startMs); start < frame.endMs; start = calendar.next(start)) {
    if (starts.length === max) throw errors.queryTooLarge({ reason: `the timeframe has more than ${max} intervals` })
    starts.push(start)
  }
  return starts
}
