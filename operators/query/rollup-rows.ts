/** Rollup rows as readers get them: the shards of a row summed over slots, partitions and spouts. */
import type { JsonScalar } from '../../topology/model/json.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import type { Cell } from '../../topology/model/ports/row-store.ts'
import { groupValuesOf, rollupKey } from '../rollup/rollup-key.ts'
import type { RollupState } from '../rollup/rollup-state.ts'

/** One shard, or after `sumRollupShards` one row, of a rollup. */
export interface RollupRow {
  readonly project: string
  /** Which of the rollup's windows: `6 hours`. */
  readonly window: string
  /** ms since 1970. */
  readonly windowStart: number
  /** As the key holds it: equal texts are one group. */
  readonly group: string
  /** In the order of `by`. */
  readonly groupValues: readonly JsonScalar[]
  readonly fragment: number
  readonly state: RollupState
}

/** A stored shard by its key cells (project, window, bucket, window_start, group, fragment). */
export const rollupRowOf = (key: readonly Cell[], state: RollupState): RollupRow => ({
  project: String(key[rollupKey.project]),
  window: String(key[rollupKey.window]),
  windowStart: Number(key[rollupKey.windowStart]),
  group: String(key[rollupKey.group]),
  groupValues: groupValuesOf(key),
  fragment: Number(key[rollupKey.fragment]),
  state,
})

/** Sums shards of the same project, window, group and fragment; rows that are gone are left out. Takes the states over. */
export const sumRollupShards = (
  operator: StateOperator<unknown, RollupState>,
  shards: Iterable<RollupRow>,
): readonly RollupRow[] => {
  const rows = new Map<string, RollupRow>()
  for (const shard of shards) {
    const id = JSON.stringify([shard.project, shard.window, shard.windowStart, shard.group, shard.fragment])
    const row = rows.get(id)
    rows.set(id, row === undefined ? shard : { ...row, state: operator.merge(row.state, shard.state) })
  }
  return [...rows.values()].filter(({ state }) => !operator.isEmpty(state))
}
