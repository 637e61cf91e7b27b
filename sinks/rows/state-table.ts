/**
 * The table of a state sink: the operator's key, then the shard (spout, log partition, slot), then the operator's
 * readable columns, then what the protocol needs (`applied`, `state`).
 *
 * The shard stands behind the operator's key, so that the shards of one key are neighbours in a scan and a reader sums
 * them without holding more than one. Code finds cells by place, never by name: an operator may call a column `state`.
 */
import type { StateOperator } from '../../topology/model/operator.ts'
import type { ColumnSpec, TableSpec } from '../../topology/model/ports/row-store.ts'

/** Shape of the table that `tableRows()` keeps under the sink's name. */
export const stateTable = (sink: string, operator: Pick<StateOperator, 'table'>): TableSpec => {
  const { partition, cluster, columns } = operator.table
  // SQLite compares column names without case, even quoted ones.
  const taken = new Set([...partition, ...cluster, ...columns].map((column) => column.name.toLowerCase()))
  const own = (name: string, type: ColumnSpec['type']): ColumnSpec => ({ name: freeName(name, taken), type })
  return {
    name: sink,
    partition,
    cluster: [...cluster, own('spout', 'text'), own('log_partition', 'integer'), own('slot', 'integer')],
    columns: [...columns, own('applied', 'integer'), own('state', 'text')],
  }
}

/** Where cells stand in a row of a state table. */
export interface StateLayout {
  /** Cells of the operator's key: `[0, keyCells)`. */
  readonly keyCells: number
  /** Cells of the whole key, the shard included: `[0, fullKeyCells)`. */
  readonly fullKeyCells: number
  readonly applied: number
  readonly state: number
}

export const stateLayout = (operator: Pick<StateOperator, 'table'>): StateLayout => {
  const keyCells = operator.table.partition.length + operator.table.cluster.length
  const fullKeyCells = keyCells + 3
  const applied = fullKeyCells + operator.table.columns.length
  return { keyCells, fullKeyCells, applied, state: applied + 1 }
}

const freeName = (name: string, taken: ReadonlySet<string>): string => {
  let free = name
  while (taken.has(free)) free += '_'
  return free
}
