/**
 * Timeframes of queries: `START/END`, `this_7_days`, `previous_2_weeks` and their older names.
 *
 * `this_n` is the current unit, whole, and the n - 1 before it; `previous_n` (also `last_n`) are the n before the
 * current one. The current time comes from the caller, so a query is a pure function of its inputs.
 */
import { errors } from '../../topology/model/errors.ts'
import { parseTime } from '../../topology/model/event-time.ts'
import { calendarOf, type Unit, units } from './calendar.ts'
import type { Zone } from './zone.ts'

/** Event time `[startMs, endMs)`. */
export interface Timeframe {
  readonly startMs: number
  readonly endMs: number
}

export type TimeframeInput = string | { readonly start: string; readonly end: string }

/** Throws `badConfiguration` for what is no timeframe. */
export const readTimeframe = (input: TimeframeInput, nowMs: number, zone: Zone): Timeframe => {
  if (typeof input !== 'string') return absolute(input.start, input.end)
  const [start = '', end] = isRange(input)
  if (end !== undefined) return absolute(start, end)
  const relative = relativeOf(input)
  if (relative === undefined) {
    throw errors.badConfiguration({
      problem: `timeframe ${JSON.stringify(input)} is none; write START/END in ISO 8601, this_7_days or previous_2_weeks`,
    })
  }
  const { isCurrent, count, unit } = relative
  const calendar = calendarOf({ count: 1, unit }, zone)
  const current = calendar.startOf(nowMs)
  return isCurrent
    ? { startMs: calendar.shift(current, 1 - count), endMs: calendar.next(current) }
    : { startMs: calendar.shift(current, -count), endMs: current }
}

/** A slash may also stand within a date: the one between two times is where both sides are times. */
const isRange = (text: string): readonly string[] => {
  for (let at = text.indexOf('/'); at >= 0; at = text.indexOf('/', at + 1)) {
    const sides = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
    if (sides.every((side) => parseTime(side) !== undefined)) return sides
  }
  return []
}

const absolute = (start: string, end: string): Timeframe => {
  const startMs = parseTime(start)
  const endMs = parseTime(end)
  if (startMs === undefined || endMs === undefined || endMs < startMs) {
    throw errors.badConfiguration({
      problem: `timeframe ${start}/${end} is none: two ISO 8601 times are needed, the earlier one first`,
    })
  }
  return { startMs, endMs }
}

const relativeOf = (
  text: string,
): { readonly isCurrent: boolean; readonly count: number; readonly unit: Unit } | undefined => {
  if (text === 'today') return { isCurrent: true, count: 1, unit: 'day' }
  if (text === 'yesterday') return { isCurrent: false, count: 1, unit: 'day' }
  const match = /^(this|previous|last)_(?:([1-9]\d{0,5})_)?([a-z]+?)s?$/.exec(text)
  const unit = units.find((one) => one === match?.[3] && one !== 'second')
  if (match === null || unit === undefined) return undefined
  return { isCurrent: match[1] === 'this', count: Number(match[2] ?? 1), unit }
}
