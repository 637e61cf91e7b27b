/**
 * Answers a query over the rows of a rollup (DOMAIN section 7): filters, groups, intervals, fill, order.
 *
 * A pure function of its inputs: it adds up states, and only then reads the answers, so a coarser interval or fewer
 * groups give what a rollup declared that way would have given, percentiles included (I-1).
 */
import { errors } from '../../topology/model/errors.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import { definitionOf } from '../rollup/rollup.ts'
import type { RollupState } from '../rollup/rollup-state.ts'
import { planQuery, type QueryPlan, type RollupQuery } from './plan-query.ts'
import { QueryCells } from './query-cells.ts'
import type { RollupAnswer } from './rollup-answer.ts'
import type { RollupRow } from './rollup-rows.ts'
import { WindowRows } from './window-rows.ts'
import { type RollupResult, writeResult } from './write-result.ts'

/**
 * The answer as one object. Rows may be shards in any order; their states are not changed.
 *
 * Throws `badConfiguration` for an impossible question or one that would cut windows, `queryTooLarge` for too many
 * intervals and, where the query is strict, for too many cells.
 */
export const queryRollup = (
  operator: StateOperator<unknown, RollupState>,
  rows: Iterable<RollupRow>,
  query: RollupQuery,
): RollupResult => writeResult(answerRollup(operator, rows, query))

/** The same answer before it is written: for `writeRollupJson` and the like. The rows must stay as they are. */
export const answerRollup = (
  operator: StateOperator<unknown, RollupState>,
  rows: Iterable<RollupRow>,
  query: RollupQuery,
): RollupAnswer => {
  const definition = definitionOf(operator)
  if (definition === undefined) throw errors.badConfiguration({ problem: `${operator.name} is no rollup` })
  const plan = planQuery(definition, query)
  const cells = new QueryCells(plan)
  for (const windows of windowsOf(plan, rows).values()) for (const window of windows.values()) cells.addWindow(window)
  return cells.finish()
}

/** Rows by project and start of their window. */
const windowsOf = (plan: QueryPlan, rows: Iterable<RollupRow>): ReadonlyMap<string, Map<number, WindowRows>> => {
  const projects = new Map<string, Map<number, WindowRows>>()
  for (const row of rows) {
    if (row.window !== plan.window.name || !plan.isInside(row.windowStart)) continue
    let windows = projects.get(row.project)
    if (windows === undefined) {
      windows = new Map()
      projects.set(row.project, windows)
    }
    let window = windows.get(row.windowStart)
    if (window === undefined) {
      window = new WindowRows(plan.definition)
      windows.set(row.windowStart, window)
    }
    window.add(row)
  }
  return projects
}
