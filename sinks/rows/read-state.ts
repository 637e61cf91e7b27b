/**
 * Reads the state of a sink: the sum of the shards of each key (PROTOCOL section 9, plain read).
 *
 * Each shard is exactly the fold of whole epochs of its slot. Shards of one key are neighbours in a scan, so one key is
 * held at a time. A key whose sum is empty is not shown: its last event was deleted (I-3).
 */
import type { StateOperator } from '../../topology/model/operator.ts'
import type { Cell, Row, RowStore } from '../../topology/model/ports/row-store.ts'
import { compareCells } from './cells/compare-cells.ts'
import { stateLayout, stateTable } from './state-table.ts'

export interface StateQuery<State> {
  readonly rows: RowStore
  readonly sink: string
  readonly operator: StateOperator<unknown, State>
  /** All partition cells of the operator's table, to read only those keys. Without them the whole table is read. */
  readonly partition?: readonly Cell[] | undefined
  /** Asked with the cells of a row before its state is decoded; it must depend on the operator's key alone. */
  readonly isWanted?: (row: Row) => boolean
}

export interface KeyState<State> {
  /** Cells of the operator's key: partition, then cluster. */
  readonly key: readonly Cell[]
  readonly state: State
}

/** Keys with their states, ordered by key within a partition of the table. */
export async function* readState<State>(query: StateQuery<State>): AsyncIterable<KeyState<State>> {
  const { operator } = query
  const layout = stateLayout(operator)
  const range = query.partition === undefined ? undefined : { partition: query.partition }
  let open: { readonly key: Row; state: State } | undefined
  for await (const page of query.rows.scan(stateTable(query.sink, operator), range)) {
    for (const row of page) {
      const text = row[layout.state]
      if (typeof text !== 'string' || query.isWanted?.(row) === false) continue
      const state = operator.decode(text)
      if (open !== undefined && isSameKey(open.key, row, layout.keyCells)) {
        open.state = operator.merge(open.state, state)
        continue
      }
      if (open !== undefined && !operator.isEmpty(open.state)) yield keyState(open, layout.keyCells)
      open = { key: row, state }
    }
  }
  if (open !== undefined && !operator.isEmpty(open.state)) yield keyState(open, layout.keyCells)
}

const keyState = <State>(open: { readonly key: Row; readonly state: State }, keyCells: number): KeyState<State> => ({
  key: open.key.slice(0, keyCells),
  state: open.state,
})

const isSameKey = (left: Row, right: Row, keyCells: number): boolean => {
  for (let index = 0; index < keyCells; index++) if (compareCells(left[index]!, right[index]!) !== 0) return false
  return true
}
