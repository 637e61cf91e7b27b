/** Answers a query from the rows of a rollup: shards summed, groups bounded by window, then cut, grouped and filled. */
import { CellPrediction } from '../../operators/query/cell-prediction.ts'
import { planQuery, type RollupQuery } from '../../operators/query/plan-query.ts'
import { QueryCells } from '../../operators/query/query-cells.ts'
import type { RollupAnswer } from '../../operators/query/rollup-answer.ts'
import { type RollupResult, writeResult } from '../../operators/query/write-result.ts'
import { definitionOf } from '../../operators/rollup/rollup.ts'
import type { RollupState } from '../../operators/rollup/rollup-state.ts'
import { errors } from '../../topology/model/errors.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { readCellKeys, readWindows } from './read-windows.ts'

export interface RollupRead extends RollupQuery {
  readonly rows: RowStore
  readonly sink: string
  /** The rollup as it was declared. */
  readonly operator: StateOperator
  /** Default: all projects together. */
  readonly project?: string | undefined
}

/**
 * The answer of `topology query` as one object, made in this thread. Throws `badConfiguration` for an impossible
 * question, `queryTooLarge` beyond its limits.
 */
export const readRollup = async (read: RollupRead): Promise<RollupResult> => writeResult(await readAnswer(read))

/** The same before it is written, for answers that are too large for one object. */
export const readAnswer = async (read: RollupRead): Promise<RollupAnswer> => {
  const operator = rollupOf(read)
  const plan = planQuery(definitionOf(operator)!, read)
  const place = { rows: read.rows, sink: read.sink, project: read.project, operator, plan }
  if (CellPrediction.isNeeded(plan)) {
    const prediction = new CellPrediction(plan)
    for await (const { windowStart, groupValues } of readCellKeys(place)) prediction.add(windowStart, groupValues)
  }
  const cells = new QueryCells(plan)
  for await (const window of readWindows(place)) cells.addWindow(window)
  return cells.finish()
}

const rollupOf = ({ operator, sink }: RollupRead): StateOperator<unknown, RollupState> => {
  if (definitionOf(operator) === undefined) {
    throw errors.badConfiguration({ problem: `sink ${sink} keeps ${operator.name}, not a rollup` })
  }
  return operator as StateOperator<unknown, RollupState> // only `rollup` gives an operator a definition
}
