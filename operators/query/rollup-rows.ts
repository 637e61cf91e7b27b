/** Rollup rows as readers get them: the shards of a row summed over slots, partitions and spouts. */
import type { JsonScalar } from '../../topology/model/json.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import type { Cell } from '../../topology/model/ports/row-store.ts'
import { groupValuesOf } from '../rollup/rollup.ts'
import type { RollupState } from '../rollup/rollup-state.ts'

/** One shard, or after `sumRollupShards` one row, of a rollup. */
export interface RollupRow {
  readonly project: string
  /** ms since 1970. */
  readonly windowStart: number
  /** In the order of `by`. */
  readonly groupValues: readonly JsonScalar[]
  readonly state: RollupState
}

/** A stored shard by its key cells (project, bucket, window_start, group, ...). */
export const rollupRowOf = (key: readonly Cell[], state: RollupState): RollupRow => ({
  project: String(key[0]),
  windowStart: Number(key[2]),
  groupValues: groupValuesOf(key),
  state,
})

/** Sums shards of the same project, window and group; rows that are gone are left out. Takes the states over. */
export const sumRollupShards = (
  operator: StateOperator<unknown, RollupState>,
  shards: Iterable<RollupRow>,
): readonly RollupRow[] => {
  const rows = new Map<string, RollupRow>()
  for (const shard of shards) {
    const id = JSON.stringify([shard.project, shard.windowStart, shard.groupValues])
    const row = rows.get(id)
    rows.set(id, row === undefined ? shard : { ...row, state: operator.merge(row.state, shard.state) })
  }
  return [...rows.values()].filter(({ state }) => !operator.isEmpty(state))
}
