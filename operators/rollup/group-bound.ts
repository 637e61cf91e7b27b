/**
 * The bound of groups as a writer keeps it: rows beyond the edge of their window go to `(other)`.
 *
 * The row of the edge of each touched window is the guide (see `group-edge.ts`). It gets rows of its own only where a
 * sampled group is met, which small windows seldom have. Both functions depend on the deltas and the stored edge alone,
 * so whoever repeats the write gives the same rows (I-1, I-4).
 */
import type { RowBound, StateDelta } from '../../topology/model/operator.ts'
import type { Cell } from '../../topology/model/ports/row-store.ts'
import { addToEdge, type EdgeRule, edgeRuleOf, hashOfGroup, settleEdge, startEdge } from './group-edge.ts'
import { edgeFragment, edgeGroup, otherGroupOf, rollupKey, rollupRowId } from './rollup-key.ts'
import type { RollupDefinition } from './rollup-options.ts'
import { mergeRollup, type RollupState, startSparseRow } from './rollup-state.ts'

type Deltas = ReadonlyMap<string, StateDelta<RollupState>>

/** `undefined` where there is one group. */
export const groupBoundOf = ({ by, groups, values }: RollupDefinition): RowBound<RollupState> | undefined => {
  if (by.length === 0) return undefined
  const rule = edgeRuleOf(groups)
  return {
    guides: (deltas) => edgeDeltas(deltas, rule, values),
    bounded(deltas, guides) {
      const edges = new Map<string, number>()
      for (const [id, { edge }] of guides) {
        if (edge === undefined) continue
        settleEdge(edge, rule)
        if (edge.edge !== Number.POSITIVE_INFINITY) edges.set(id, edge.edge)
      }
      return edges.size === 0 ? deltas : redirected(deltas, edges, otherGroupOf(by.length), values)
    },
  }
}

const edgeKeyOf = (key: readonly Cell[]): readonly Cell[] => [...key.slice(0, rollupKey.group), edgeGroup, edgeFragment]

const edgeDeltas = (deltas: Deltas, rule: EdgeRule, values: RollupDefinition['values']): Deltas => {
  const found = new Map<string, StateDelta<RollupState>>()
  let open: StateDelta<RollupState> | undefined
  for (const { key, state } of deltas.values()) {
    if (key[rollupKey.fragment] !== 0) continue
    // Rows of a window were mostly made one after the other: its id is built once for many of them.
    if (open === undefined || !isSameWindow(open.key, key)) {
      const edgeKey = edgeKeyOf(key)
      const id = rollupRowId(edgeKey)
      open = found.get(id) ?? { key: edgeKey, state: { ...startSparseRow(values), edge: startEdge() } }
      found.set(id, open)
    }
    const hash = hashOfGroup(String(key[rollupKey.group]))
    if ((hash & rule.mask) === 0 && state.count !== 0) addToEdge(open.state.edge!, hash, state.count)
  }
  return found
}

const isSameWindow = (left: readonly Cell[], right: readonly Cell[]): boolean =>
  left[rollupKey.windowStart] === right[rollupKey.windowStart] &&
  left[rollupKey.window] === right[rollupKey.window] &&
  left[rollupKey.project] === right[rollupKey.project]

const redirected = (
  deltas: Deltas,
  edges: ReadonlyMap<string, number>,
  other: string,
  values: RollupDefinition['values'],
): Deltas => {
  const rows = new Map<string, StateDelta<RollupState>>()
  for (const [id, delta] of deltas) {
    const { key, state } = delta
    const edge = edges.get(rollupRowId(edgeKeyOf(key)))
    const isKept = edge === undefined || key[rollupKey.group] === edgeGroup
    if (isKept || hashOfGroup(String(key[rollupKey.group])) <= edge) {
      rows.set(id, delta)
      continue
    }
    const otherKey = [...key.slice(0, rollupKey.group), other, key[rollupKey.fragment] ?? null]
    const otherId = rollupRowId(otherKey)
    let sum = rows.get(otherId)
    if (sum === undefined) {
      sum = { key: otherKey, state: startSparseRow(values) }
      rows.set(otherId, sum)
    }
    mergeRollup(values, sum.state, state)
  }
  return rows
}
