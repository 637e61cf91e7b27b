/**
 * Answers a query over the rows of a rollup (DOMAIN section 7): filters, groups, intervals, fill, order.
 *
 * A pure function of its inputs: it adds up states, and only then reads the answers, so a coarser interval or fewer
 * groups give what a rollup declared that way would have given, percentiles included (I-1).
 */
import { errors } from '../../topology/model/errors.ts'
import { type Filter, filterMatches } from '../../topology/model/filter.ts'
import type { JsonScalar } from '../../topology/model/json.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import { formatPath, parsePath } from '../../topology/model/path.ts'
import { definitionOf } from '../rollup/rollup.ts'
import type { RollupDefinition } from '../rollup/rollup-options.ts'
import type { RollupState } from '../rollup/rollup-state.ts'
import { readInterval } from './intervals.ts'
import { type AnswerCells, QueryCells } from './query-cells.ts'
import { refuseCutWindows } from './refuse-cut-windows.ts'
import type { RollupRow } from './rollup-rows.ts'
import { readTimeframe, type TimeframeInput } from './timeframe.ts'
import { type Fill, type RollupResult, writeResult } from './write-result.ts'
import { readZone } from './zone.ts'

export interface RollupQuery {
  /** All must match; only paths of `by` may stand in them. */
  readonly where?: readonly Filter[]
  /** Written paths, some of `by`. */
  readonly groupBy?: readonly string[]
  /** `minutely hourly daily weekly monthly yearly`, `every_15_minutes`; must begin where windows do. */
  readonly interval?: string
  /** Must begin and end where windows of the rollup do. Default: all time. */
  readonly timeframe?: TimeframeInput
  /** Offset in seconds or IANA name, for relative timeframes and intervals. Default UTC. */
  readonly timezone?: string | number
  /** What stands in an interval for a group that it lacks. Default `null`. */
  readonly fill?: Fill
  /** The current time, ms since 1970. */
  readonly nowMs: number
  /** Default 2,500 and 1,000,000. */
  readonly limits?: { readonly intervals?: number; readonly cells?: number }
}

/**
 * The answer of `topology query`. Rows may be shards in any order; their states are not changed.
 *
 * Throws `badConfiguration` for an impossible question or one that would cut windows, `queryTooLarge` beyond the limit of intervals.
 */
export const queryRollup = (
  operator: StateOperator<unknown, RollupState>,
  rows: Iterable<RollupRow>,
  query: RollupQuery,
): RollupResult => {
  const definition = definitionOf(operator)
  if (definition === undefined) throw errors.badConfiguration({ problem: `${operator.name} is no rollup` })
  const zone = readZone(query.timezone)
  const frame = query.timeframe === undefined ? undefined : readTimeframe(query.timeframe, query.nowMs, zone)
  if (frame !== undefined) refuseCutWindows(definition, [frame], () => `timeframe ${writtenFrame(query)}`)
  const { interval } = query
  const calendar =
    interval === undefined ? undefined : readInterval(interval, definition.window, zone, frame, query.nowMs)
  const groupBy = (query.groupBy ?? []).map((text) => columnOf(definition, text))
  const limits = { intervals: query.limits?.intervals ?? 2_500, cells: query.limits?.cells ?? 1_000_000 }
  const cells = new QueryCells(definition.values, calendar)
  const isWanted = filterOf(definition, query.where ?? [])
  const isInside = (time: number): boolean => frame === undefined || (time >= frame.startMs && time < frame.endMs)
  for (const row of rows) {
    if (!isInside(row.windowStart) || !isWanted(row.groupValues)) continue
    cells.add(
      row.windowStart,
      groupBy.map((index) => row.groupValues[index] ?? null),
      row.state,
    )
  }
  const answer: AnswerCells = cells.finish(frame, limits.intervals)
  refuseCutWindows(definition, answer.intervals ?? [], () => `interval ${interval}${zoneText(query)}: one`)
  return writeResult(answer, {
    names: groupBy.map((index) => definition.by[index]!.written),
    values: definition.values,
    frame,
    fill: query.fill ?? 'null',
    cellsMax: limits.cells,
  })
}

const writtenFrame = (query: RollupQuery): string => {
  const { timeframe = '' } = query
  if (typeof timeframe !== 'string') return `${timeframe.start}/${timeframe.end}`
  return `${timeframe}${timeframe.includes('/') ? '' : zoneText(query)}`
}

const zoneText = ({ timezone = 'UTC' }: RollupQuery): string => ` in timezone ${JSON.stringify(timezone)}`

/** Index in `by` of a written path; also takes a path whose quotes a shell has eaten. */
const columnOf = (definition: RollupDefinition, text: string): number => {
  const path = parsePath(text)
  const written = path === undefined ? undefined : formatPath(path)
  const index = definition.by.findIndex((column) => column.written === written || formatPath([text]) === column.written)
  if (index >= 0) return index
  const known = definition.by.map((column) => column.written).join(', ')
  throw errors.badConfiguration({
    problem: `the rollup is not kept by ${text}; ${known === '' ? 'it has no groups' : `its groups are ${known}`}`,
  })
}

const filterOf = (
  definition: RollupDefinition,
  filters: readonly Filter[],
): ((values: readonly JsonScalar[]) => boolean) => {
  const indexed = filters.map((filter) => ({ filter, index: columnOf(definition, formatPath(filter.path)) }))
  return (values) =>
    indexed.every(({ filter, index }) => {
      const value = values[index] ?? null
      // Absent and null are one group; asked whether it exists, it does not.
      return filterMatches(filter, filter.operator === 'exists' && value === null ? undefined : value)
    })
}
