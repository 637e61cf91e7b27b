/**
 * Reads the rows of a rollup that a query asks for, window by window, holding one at a time.
 *
 * Only the buckets of the asked project, windows and time are read, so what is read is in proportion to the cells of the
 * answer. States of other groups are never decoded; their names are noted, because they count for the bound of
 * groups of their window, which must not depend on the question (I-1).
 */

import { bucketsOf, bucketTest } from '../../operators/query/buckets-of.ts'
import type { QueryPlan } from '../../operators/query/plan-query.ts'
import { rollupRowOf } from '../../operators/query/rollup-rows.ts'
import { WindowRows } from '../../operators/query/window-rows.ts'
import { edgeGroup, groupValuesOf, isOtherGroup, rollupKey } from '../../operators/rollup/rollup-key.ts'
import type { RollupState } from '../../operators/rollup/rollup-state.ts'
import type { JsonScalar } from '../../topology/model/json.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import type { Cell, Row, RowStore, ScanRange, TableSpec } from '../../topology/model/ports/row-store.ts'
import { cataloguedPartitions } from './partition-catalogue.ts'
import { stateLayout, stateTable } from './state-table.ts'

export interface RollupPlace {
  readonly rows: RowStore
  readonly sink: string
  readonly operator: StateOperator<unknown, RollupState>
  readonly project: string | undefined
  readonly plan: QueryPlan
}

/** Windows in the order of the table, with the rows of all shards. */
export async function* readWindows(place: RollupPlace): AsyncIterable<WindowRows> {
  const { operator, plan } = place
  const passes = groupTest(plan)
  let open: { readonly row: Row; readonly window: WindowRows } | undefined
  for await (const { row, state } of readShards(place)) {
    if (open === undefined || !isSameWindow(open.row, row)) {
      if (open !== undefined) yield open.window
      open = { row, window: new WindowRows(plan.definition) }
    }
    const group = String(row[rollupKey.group])
    const isRead = group === edgeGroup || isOtherGroup(group) || passes(group, row)
    if (isRead) open.window.add(rollupRowOf(row, operator.decode(state)))
    else if (row[rollupKey.fragment] === 0) open.window.note(group)
  }
  if (open !== undefined) yield open.window
}

/** Window and group of each row that would be a cell, from keys alone. */
export async function* readCellKeys(
  place: RollupPlace,
): AsyncIterable<{ readonly windowStart: number; readonly groupValues: readonly JsonScalar[] }> {
  const passes = groupTest(place.plan)
  for await (const { row } of readShards(place)) {
    const group = String(row[rollupKey.group])
    if (row[rollupKey.fragment] !== 0 || !passes(group, row)) continue
    yield { windowStart: Number(row[rollupKey.windowStart]), groupValues: groupValuesOf(row) }
  }
}

/** Rows of the asked project, windows and time that hold something. */
async function* readShards(place: RollupPlace): AsyncIterable<{ readonly row: Row; readonly state: string }> {
  const { rows, sink, operator, plan, project } = place
  const table = stateTable(sink, operator)
  const cell = stateLayout(operator).state
  const gone = operator.encode({ count: 0, values: [] })
  for await (const range of rangesOf(place, table)) {
    for await (const page of rows.scan(table, range)) {
      for (const row of page) {
        const state = row[cell]
        if (typeof state !== 'string' || state === gone || row[rollupKey.window] !== plan.window.name) continue
        if (project !== undefined && row[rollupKey.project] !== project) continue
        if (plan.isInside(Number(row[rollupKey.windowStart]))) yield { row, state }
      }
    }
  }
}

/** What of the table is scanned: partitions of it, which the question names or else the catalogue. */
async function* rangesOf(
  { rows, project, plan: { window, frame } }: RollupPlace,
  table: TableSpec,
): AsyncGenerator<ScanRange> {
  const bounds = frame === undefined ? {} : { from: frame.startMs, to: frame.endMs }
  const buckets = frame === undefined || project === undefined ? undefined : bucketsOf(window, frame)
  if (buckets !== undefined && project !== undefined) {
    for (const bucket of buckets) yield { partition: [project, window.name, bucket], ...bounds }
    return
  }
  const isNear = frame === undefined ? () => true : bucketTest(window, frame)
  const isAsked = ([, ofWindow, bucket]: readonly Cell[]): boolean =>
    ofWindow === undefined || (ofWindow === window.name && (bucket === undefined || isNear(String(bucket))))
  const known = project === undefined ? [] : [project, window.name]
  for await (const partition of cataloguedPartitions(rows, table, known, isAsked)) yield { partition, ...bounds }
}

/** Shards of a group are neighbours: the filters look at it once. */
const groupTest = (plan: QueryPlan): ((group: string, row: Row) => boolean) => {
  let last: string | undefined
  let passes = false
  return (group, row) => {
    if (group !== last) passes = plan.isWanted(groupValuesOf(row))
    last = group
    return passes
  }
}

const isSameWindow = (left: Row, right: Row): boolean =>
  left[rollupKey.windowStart] === right[rollupKey.windowStart] && left[rollupKey.project] === right[rollupKey.project]
