/** A cell as every store keeps it, and the winner of a tie: one rule for SQLite, memory and replicas. */
import type { Cell } from '../../../topology/model/ports/row-store.ts'
import { compareCells } from './compare-cells.ts'

/** A copy of a cell in the form in which SQLite keeps it: well-formed text, no minus zero, bytes of its own. */
export const storedCell = (cell: Cell): Cell => {
  if (typeof cell === 'string') return cell.toWellFormed()
  // -0 + 0 is 0.
  if (typeof cell === 'number') return cell + 0
  // A Buffer's own `slice` copies nothing.
  return cell instanceof Uint8Array ? new Uint8Array(cell) : cell
}

/** The larger of two cells written with the same stamp. */
export const largerCell = (left: Cell, right: Cell): Cell => (compareCells(left, right) < 0 ? right : left)
