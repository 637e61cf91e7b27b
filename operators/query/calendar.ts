/**
 * Cutting time into windows and intervals: n units of a calendar in a time zone.
 *
 * Seconds to days tumble from 1970, weeks begin on Sunday, months and years follow the calendar; everything is a pure
 * function of the time, so every reader and writer agrees (I-1).
 */
import { calendarMs, utc, utcOfLocal, type Zone } from './zone.ts'

export const units = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'] as const
export type Unit = (typeof units)[number]

export interface Span {
  readonly count: number
  readonly unit: Unit
}

/** Half-open ranges `[start, next(start))` that tile time. */
export interface Calendar {
  startOf(timeMs: number): number
  next(startMs: number): number
  /** The start `steps` ranges before or after one. */
  shift(startMs: number, steps: number): number
}

const unitMs: Readonly<Record<Unit, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_678_400_000,
  year: 31_622_400_000,
}

/** Length; of months and years the longest. */
export const spanMs = (span: Span): number => span.count * unitMs[span.unit]

/** Spans below a day are lengths of time, not of the calendar: a zone moves where they begin, nothing more. */
export const isLength = ({ unit }: Span): boolean => unit === 'second' || unit === 'minute' || unit === 'hour'

/** Reads `5 minutes`; `undefined` when the text is none. */
export const readSpan = (text: string): Span | undefined => {
  const match = /^([1-9]\d{0,5})[ _]?([a-z]+?)s?$/.exec(text)
  const unit = units.find((one) => one === match?.[2])
  return match === null || unit === undefined ? undefined : { count: Number(match[1]), unit }
}

// 1970-01-04 was the first Sunday.
const firstSundayMs = 3 * 86_400_000

/** `anchorMs`: a local time at which a range begins, for ranges that count from somewhere else than 1970. */
export const calendarOf = (span: Span, zone: Zone = utc, anchorMs?: number): Calendar => {
  const { count, unit } = span
  const step =
    unit === 'month' || unit === 'year' ? monthSteps(span, anchorMs) : dayOrLess(count * unitMs[unit], unit, anchorMs)
  const startOf = (timeMs: number): number => {
    const offset = zone.offsetMs(timeMs)
    const local = step.at(step.index(timeMs + offset))
    return isLength(span) ? local - offset : utcOfLocal(zone, local)
  }
  const shift = (startMs: number, steps: number): number => {
    if (isLength(span)) return startMs + steps * count * unitMs[unit]
    return utcOfLocal(zone, step.at(step.index(startMs + zone.offsetMs(startMs)) + steps))
  }
  return { startOf, shift, next: (startMs) => shift(startMs, 1) }
}

interface Steps {
  /** Number of the range that holds a local time. */
  index(localMs: number): number
  /** Local start of a range. */
  at(index: number): number
}

const dayOrLess = (lengthMs: number, unit: Unit, anchorMs: number | undefined): Steps => {
  const anchor = anchorMs ?? (unit === 'week' ? firstSundayMs : 0)
  return {
    index: (localMs) => Math.floor((localMs - anchor) / lengthMs),
    at: (index) => anchor + index * lengthMs,
  }
}

const monthSteps = (span: Span, anchorMs: number | undefined): Steps => {
  const months = span.unit === 'year' ? span.count * 12 : span.count
  // Ranges of months begin on the first of a month, whatever day the anchor names.
  const anchor = anchorMs === undefined ? 0 : monthOf(anchorMs)
  return {
    index: (localMs) => Math.floor((monthOf(localMs) - anchor) / months),
    at: (index) => calendarMs(1970, anchor + index * months, 1),
  }
}

/** Months since January 1970. */
const monthOf = (localMs: number): number => {
  const date = new Date(localMs)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}
