/**
 * Rules for shapes of tables that hold in every store: a key, names that can be written down, no name twice.
 *
 * Names come from users (property paths), so the refusal says which name and why.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { Cell, ScanRange, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { checkCells, columnsOf } from './check-cells.ts'

// Why a name of a table or column cannot be used in any store, else `undefined`.
const nameProblem = (name: string): string | undefined => {
  if (name.length === 0) return 'is empty'
  if (name.includes('\0')) return 'holds a NUL character'
  if (!name.isWellFormed()) return 'is not well-formed text'
  return undefined
}

/** Throws `rows.shape` unless the table has a key and usable names. */
export const checkTable = (table: TableSpec): void => {
  const refuse = (reason: string): never => {
    throw errors.rowsShape({ table: table.name, reason })
  }
  const tableProblem = nameProblem(table.name)
  if (tableProblem !== undefined) refuse(`its name ${tableProblem}`)
  if (table.partition.length === 0) refuse('it has no partition columns')
  const seen = new Set<string>()
  for (const { name } of columnsOf(table)) {
    const problem = nameProblem(name)
    if (problem !== undefined) refuse(`column name ${JSON.stringify(name)} ${problem}`)
    if (seen.has(name)) refuse(`column ${JSON.stringify(name)} is there twice`)
    seen.add(name)
  }
}

/** A scan's bounds, checked: `leading` cells that every row begins with, then bounds of the next key column. */
export interface CheckedRange {
  readonly leading: readonly Cell[]
  readonly from: Cell | undefined
  readonly to: Cell | undefined
}

/** Throws `rows.shape` for cells of wrong types, and for `from` or `to` without the whole partition. */
export const checkRange = (table: TableSpec, range: ScanRange | undefined): CheckedRange => {
  const leading = range?.partition ?? []
  checkCells(table, table.partition.slice(0, leading.length), leading)
  const bounds = [range?.from, range?.to].filter((bound) => bound !== undefined)
  const first = table.cluster[0]
  if (bounds.length > 0 && (leading.length !== table.partition.length || first === undefined)) {
    throw errors.rowsShape({ table: table.name, reason: 'a scan from or to a value needs the whole partition' })
  }
  // The column is checked as a key of its own: `checkCells` refuses null in the first columns.
  for (const bound of bounds) if (first !== undefined) checkCells(table, [first], [bound])
  return { leading, from: range?.from, to: range?.to }
}
