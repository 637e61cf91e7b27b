/**
 * Keys and cells of whole rows from the states of a sink: the fragments of a rollup's row are summed before its
 * answers are read (PROTOCOL section 4), rows of edges are none. Rows of other operators pass as they are.
 */
import type { StateOperator } from '../../topology/model/operator.ts'
import type { Cell } from '../../topology/model/ports/row-store.ts'
import { definitionOf, wholeRowCells } from './rollup.ts'
import { edgeGroup, rollupKey } from './rollup-key.ts'
import { mergeRollup, type RollupState, startRollup } from './rollup-state.ts'

export interface WholeRow {
  /** Cells of the operator's key; of a rollup with fragment 0. */
  readonly key: readonly Cell[]
  /** Cells of the operator's columns. */
  readonly cells: readonly Cell[]
}

/** States with their keys, those of one row side by side, as a scan gives them. */
export async function* wholeRows(
  operator: StateOperator,
  states: AsyncIterable<{ readonly key: readonly Cell[]; readonly state: unknown }>,
): AsyncIterable<WholeRow> {
  const definition = definitionOf(operator)
  if (definition === undefined) {
    for await (const { key, state } of states) yield { key, cells: operator.columns(key, state) }
    return
  }
  const { values } = definition
  let open: { readonly key: readonly Cell[]; readonly state: RollupState } | undefined
  const whole = (): readonly WholeRow[] =>
    open === undefined ? [] : [{ key: open.key, cells: wholeRowCells(operator, open.key, open.state) }]
  for await (const { key, state } of states) {
    if (key[rollupKey.group] === edgeGroup) continue
    if (open === undefined || !isSameRow(open.key, key)) {
      yield* whole()
      open = { key: key.with(rollupKey.fragment, 0), state: startRollup(values) }
    }
    mergeRollup(values, open.state, state as RollupState) // a rollup decodes no others
  }
  yield* whole()
}

const isSameRow = (left: readonly Cell[], right: readonly Cell[]): boolean => {
  for (let index = 0; index < rollupKey.fragment; index += 1) if (left[index] !== right[index]) return false
  return true
}
