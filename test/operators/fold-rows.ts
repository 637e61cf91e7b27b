/** Folding tuples to states as a sink would, for tests. */

import type { RollupState } from '../../operators/index.ts'
import { type RollupRow, rollupRowOf } from '../../operators/index.ts'
import type { StateDelta, StateDeltas, StateOperator } from '../../topology/model/operator.ts'
import { plainTuples } from './plain-tuples.ts'

export const foldAll = <State>(
  operator: StateOperator<unknown, State>,
  tuples: readonly unknown[],
  gone: readonly unknown[] = [],
): StateDeltas<State> => {
  const deltas: StateDeltas<State> = new Map()
  for (let at = 0; at < tuples.length; at += 500) operator.fold(plainTuples(tuples.slice(at, at + 500)), 1, deltas)
  operator.fold(plainTuples(gone), -1, deltas)
  return deltas
}

export const liveDeltas = <State>(
  operator: StateOperator<unknown, State>,
  deltas: StateDeltas<State>,
): readonly StateDelta<State>[] => [...deltas.values()].filter(({ state }) => !operator.isEmpty(state))

/** Rows of a rollup, written and read back. */
export const rollupRows = (
  operator: StateOperator<unknown, RollupState>,
  tuples: readonly unknown[],
  gone: readonly unknown[] = [],
): readonly RollupRow[] =>
  [...foldAll(operator, tuples, gone).values()].map(({ key, state }) =>
    rollupRowOf(key, operator.decode(operator.encode(state))),
  )
