/**
 * An answer before it is written: the groups of the whole timeframe in order, built once, and the present cells of each
 * interval. What is absent is not held: a writer fills it in, so an answer takes the room of its rows, not of its cells.
 */
import type { JsonScalar } from '../../topology/model/json.ts'
import type { RollupDefinition } from '../rollup/rollup-options.ts'
import type { RollupState } from '../rollup/rollup-state.ts'
import type { Fill } from './plan-query.ts'
import type { Timeframe } from './timeframe.ts'

export interface RollupAnswer {
  /** Written paths of the groups; none when the query has no groups. */
  readonly names: readonly string[]
  readonly values: RollupDefinition['values']
  /** Values of each group, ordered; one group without values when the query has no groups. */
  readonly groups: readonly (readonly JsonScalar[])[]
  /** Ordered; `undefined` when the query has no interval. */
  readonly intervals: readonly Timeframe[] | undefined
  /** `none` where filling was asked for and would exceed the limit of cells. */
  readonly fill: Fill
  readonly unfilled: Unfilled | undefined
  /** A window held more groups than the rollup keeps: some count together as `(other)`. */
  readonly hasOther: boolean
  /** Present cells of an interval by its index; without intervals those of 0. */
  present(interval: number): PresentCells
}

/** Why an answer is not filled, and how many cells it would have. */
export interface Unfilled {
  readonly reason: 'cells'
  readonly cells: number
}

export interface PresentCells {
  /** Indexes of groups, ascending. */
  readonly groups: Uint32Array
  /** State of the cell at a place in `groups`. */
  state(place: number): RollupState
}
