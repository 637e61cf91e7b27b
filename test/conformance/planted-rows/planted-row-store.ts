/** What planted faults of row stores share. */
import type { Cell, Row, RowStore } from '../../../topology/model/ports/row-store.ts'

export interface PlantedRowStore {
  readonly fault: string
  /** The clauses that must fail; others may. */
  readonly clauses: readonly string[]
  plant(inner: RowStore): Partial<RowStore>
}

/** One stamp per row. */
export const listOf = (rows: readonly Row[], stamps: number | readonly number[]): number[] =>
  rows.map((_, index) => (typeof stamps === 'number' ? stamps : stamps[index]!))

export const mapCells = (row: Row, change: (cell: Cell) => Cell): Row => row.map(change)
