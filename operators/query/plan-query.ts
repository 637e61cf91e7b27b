/**
 * What a query asks of a rollup, read and judged before any row is: windows, time, intervals, groups, limits.
 *
 * A question that cannot be answered exactly, or whose intervals alone are too many, is refused here, whatever the rows
 * hold. Of several windows the coarsest is taken whose edges fit: it has the fewest rows.
 */
import { errors } from '../../topology/model/errors.ts'
import { knobValue } from '../../topology/model/knobs.ts'
import type { RollupDefinition, RollupWindow } from '../rollup/rollup-options.ts'
import { type Calendar, spanMs } from './calendar.ts'
import { intervalStarts, readInterval, readIntervalSpan } from './intervals.ts'
import { type GroupTest, groupIndexOf, groupTestOf, type QueryFilter } from './query-filter.ts'
import { refuseCutWindows } from './refuse-cut-windows.ts'
import { readTimeframe, type Timeframe, type TimeframeInput } from './timeframe.ts'
import { readZone, type Zone } from './zone.ts'

/** `null`: the hole says that nothing is known; `zero`: the empty-set value; `none`: holes stay. */
export type Fill = 'null' | 'zero' | 'none'

/** Plain data. */
export interface RollupQuery {
  /** All must match; only paths of `by` may stand in them. */
  readonly where?: readonly QueryFilter[]
  /** Written paths, some of `by`. */
  readonly groupBy?: readonly string[]
  /** `minutely hourly daily weekly monthly yearly`, `every_15_minutes`; must begin where windows do. */
  readonly interval?: string
  /** Must begin and end where windows of the rollup do. Default: all time. */
  readonly timeframe?: TimeframeInput
  /** Offset in seconds or IANA name, for relative timeframes and intervals. Default: that of the rollup, else UTC. */
  readonly timezone?: string | number
  /** What stands in an interval for a group that it lacks. Default `null`. */
  readonly fill?: Fill
  /** Refuses what could only be answered unfilled or in part. Default false: the answer tells that it is. */
  readonly isStrict?: boolean
  /** The current time, ms since 1970. */
  readonly nowMs: number
  /** Default: the initial values of the knobs `fill.intervals` and `fill.cells`. */
  readonly limits?: { readonly intervals?: number; readonly cells?: number }
}

export interface QueryPlan {
  readonly definition: RollupDefinition
  /** The windows that answer it. */
  readonly window: RollupWindow
  readonly frame: Timeframe | undefined
  readonly intervals: PlannedIntervals | undefined
  /** Places in `by`. */
  readonly groupBy: readonly number[]
  readonly isWanted: GroupTest
  readonly fill: Fill
  readonly isStrict: boolean
  readonly cellsMax: number
  /** Whether a window that begins then counts. */
  isInside(windowStart: number): boolean
}

export interface PlannedIntervals {
  readonly calendar: Calendar
  readonly max: number
  /** Of the longest one. */
  readonly lengthMs: number
  /** Starts of all, where a timeframe says them. */
  readonly starts: readonly number[] | undefined
  /** The intervals from the one of `firstMs` to the one of `lastMs`. Throws `badConfiguration` when they cut windows, `queryTooLarge`. */
  between(firstMs: number, lastMs: number, most?: number): readonly number[]
  /** What of an interval lies in the timeframe. */
  rangeOf(start: number): Timeframe
}

/** Throws `badConfiguration` for an impossible question or one that would cut windows, `queryTooLarge` for too many intervals. */
export const planQuery = (definition: RollupDefinition, query: RollupQuery): QueryPlan => {
  const zone = readZone(query.timezone ?? definition.timezone)
  const frame = query.timeframe === undefined ? undefined : readTimeframe(query.timeframe, query.nowMs, zone)
  const { window, intervals } = chooseWindow(definition, query, zone, frame)
  return {
    definition,
    window,
    frame,
    intervals,
    groupBy: (query.groupBy ?? []).map((text) => groupIndexOf(definition, text)),
    isWanted: groupTestOf(definition, query.where ?? []),
    fill: query.fill ?? 'null',
    isStrict: query.isStrict ?? false,
    cellsMax: query.limits?.cells ?? knobValue('fill.cells'),
    isInside: (windowStart) => frame === undefined || (windowStart >= frame.startMs && windowStart < frame.endMs),
  }
}

type Chosen = Pick<QueryPlan, 'window' | 'intervals'>

/** The coarsest windows that fit; when none do, what is wrong with the finest is told. */
const chooseWindow = (
  definition: RollupDefinition,
  query: RollupQuery,
  zone: Zone,
  frame: Timeframe | undefined,
): Chosen => {
  const kept = definition.windows.toReversed()
  let refusal: unknown
  for (const [index, window] of kept.entries()) {
    try {
      if (frame !== undefined) refuseCutWindows(window, [frame], () => `timeframe ${writtenFrame(definition, query)}`)
      const intervals = planIntervals(definition, query, zone, frame, window)
      // Without a timeframe the intervals are known only from the rows; those around now are judged in their stead.
      const isGuess = frame === undefined && intervals !== undefined && index < kept.length - 1
      if (isGuess) tryAround(intervals, query.nowMs)
      return { window, intervals }
    } catch (error) {
      refusal = error
    }
  }
  throw refusal
}

// Two years of days and more: changes of the clock are among them.
const triedIntervals = 400

const tryAround = ({ calendar, between }: PlannedIntervals, nowMs: number): void => {
  const start = calendar.startOf(nowMs)
  between(calendar.shift(start, -triedIntervals), calendar.shift(start, triedIntervals), 2 * triedIntervals + 1)
}

const planIntervals = (
  definition: RollupDefinition,
  query: RollupQuery,
  zone: Zone,
  frame: Timeframe | undefined,
  window: RollupWindow,
): PlannedIntervals | undefined => {
  const { interval, nowMs } = query
  if (interval === undefined) return undefined
  const calendar = readInterval(interval, window.window, zone, frame, nowMs)
  const max = query.limits?.intervals ?? knobValue('fill.intervals')
  const rangeOf = (start: number): Timeframe => ({
    startMs: Math.max(start, frame?.startMs ?? start),
    endMs: Math.min(calendar.next(start), frame?.endMs ?? Number.POSITIVE_INFINITY),
  })
  const checked = (starts: readonly number[]): readonly number[] => {
    refuseCutWindows(window, starts.map(rangeOf), () => `interval ${interval}${zoneText(definition, query)}: one`)
    return starts
  }
  return {
    calendar,
    max,
    lengthMs: spanMs(readIntervalSpan(interval, window.window)),
    starts: frame === undefined ? undefined : checked(intervalStarts(calendar, frame, max)),
    between: (firstMs, lastMs, most = max) =>
      checked(intervalStarts(calendar, { startMs: firstMs, endMs: lastMs + 1 }, most)),
    rangeOf,
  }
}

const writtenFrame = (definition: RollupDefinition, query: RollupQuery): string => {
  const { timeframe = '' } = query
  if (typeof timeframe !== 'string') return `${timeframe.start}/${timeframe.end}`
  return `${timeframe}${timeframe.includes('/') ? '' : zoneText(definition, query)}`
}

const zoneText = ({ timezone }: RollupDefinition, query: RollupQuery): string =>
  ` in timezone ${JSON.stringify(query.timezone ?? timezone ?? 'UTC')}`

/** Refuses a series that is too long as soon as the first and last window that were met say so. */
export const refuseLongSeries = (intervals: PlannedIntervals, firstMs: number, lastMs: number): void => {
  if ((lastMs - firstMs) / intervals.lengthMs <= intervals.max) return
  throw errors.queryTooLarge({ reason: `all time has more than ${intervals.max} intervals; give a timeframe` })
}
