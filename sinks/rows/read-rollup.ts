/**
 * Answers a query from the rows of a rollup: shards summed, then cut, grouped and filled by `queryRollup`.
 */
import { queryRollup, type RollupQuery } from '../../operators/query/query-rollup.ts'
import { type RollupRow, rollupRowOf } from '../../operators/query/rollup-rows.ts'
import { readTimeframe } from '../../operators/query/timeframe.ts'
import type { RollupResult } from '../../operators/query/write-result.ts'
import { readZone } from '../../operators/query/zone.ts'
import { definitionOf } from '../../operators/rollup/rollup.ts'
import type { RollupState } from '../../operators/rollup/rollup-state.ts'
import { errors } from '../../topology/model/errors.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import type { Row, RowStore } from '../../topology/model/ports/row-store.ts'
import { readState } from './read-state.ts'

export interface RollupRead extends RollupQuery {
  readonly rows: RowStore
  readonly sink: string
  /** The rollup as it was declared. */
  readonly operator: StateOperator
  /** Default: all projects together. */
  readonly project?: string | undefined
}

/** The answer of `topology query`. Throws `badConfiguration` for an impossible question, `queryTooLarge` beyond its limits. */
export const readRollup = async (read: RollupRead): Promise<RollupResult> => {
  const operator = rollupOf(read)
  const found: RollupRow[] = []
  const states = readState({ rows: read.rows, sink: read.sink, operator, isWanted: wantedRows(read) })
  for await (const { key, state } of states) found.push(rollupRowOf(key, state))
  return queryRollup(operator, found, read)
}

const rollupOf = ({ operator, sink }: RollupRead): StateOperator<unknown, RollupState> => {
  if (definitionOf(operator) === undefined) {
    throw errors.badConfiguration({ problem: `sink ${sink} keeps ${operator.name}, not a rollup` })
  }
  return operator as StateOperator<unknown, RollupState> // only `rollup` gives an operator a definition
}

/** Rows of other projects and times are not decoded. Places of cells: project, bucket, window_start. */
const wantedRows = (read: RollupRead): ((row: Row) => boolean) => {
  const { project, timeframe } = read
  const frame = timeframe === undefined ? undefined : readTimeframe(timeframe, read.nowMs, readZone(read.timezone))
  return ([ofProject, , windowStart]) => {
    const timeMs = Number(windowStart)
    const isInside = frame === undefined || (timeMs >= frame.startMs && timeMs < frame.endMs)
    return isInside && (project === undefined || ofProject === project)
  }
}
