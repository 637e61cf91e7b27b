/**
 * What may stand in a cell, checked before a store sees it, so that every store refuses the same rows.
 *
 * A refusal is a bug of the caller (class `stop`), never a matter of data: any text is taken, a lone surrogate in it is
 * kept as U+FFFD; doubles may be infinite, minus zero is kept as zero.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { Cell, ColumnSpec, TableSpec } from '../../../topology/model/ports/row-store.ts'
import type { SpillwayError } from '../../../topology/model/spillway-error.ts'

/** Key columns, in the order of a `RowKey`. */
export const keyColumnsOf = (table: TableSpec): readonly ColumnSpec[] => [...table.partition, ...table.cluster]

/** All columns, in the order of a `Row`. */
export const columnsOf = (table: TableSpec): readonly ColumnSpec[] => [...keyColumnsOf(table), ...table.columns]

const fits = (type: ColumnSpec['type'], cell: Cell): boolean => {
  switch (type) {
    case 'text':
      return typeof cell === 'string'
    case 'integer':
      return Number.isSafeInteger(cell)
    case 'double':
      return typeof cell === 'number' && !Number.isNaN(cell)
    case 'boolean':
      return typeof cell === 'boolean'
    case 'bytes':
      return cell instanceof Uint8Array
  }
}

const refusal = (table: TableSpec, column: ColumnSpec, cell: Cell | undefined): SpillwayError => {
  const value = cell instanceof Uint8Array ? `${cell.length} bytes` : `${typeof cell} ${String(cell).slice(0, 64)}`
  return errors.rowsShape({
    table: table.name,
    reason: `column ${column.name} of type ${column.type} cannot hold ${value}`,
  })
}

/**
 * Throws `rows.shape` unless `cells` has one fitting cell per column; key cells are never null.
 * `columns` are all columns for a row, the key columns for a key, so the count is part of the check.
 */
export const checkCells = (table: TableSpec, columns: readonly ColumnSpec[], cells: readonly Cell[]): void => {
  if (cells.length !== columns.length) {
    throw errors.rowsShape({ table: table.name, reason: `${cells.length} cells for ${columns.length} columns` })
  }
  const keyLength = table.partition.length + table.cluster.length
  for (let index = 0; index < columns.length; index += 1) {
    const column = columns[index]!
    const cell = cells[index]
    if (cell === null && index >= keyLength) continue
    if (cell === undefined || !fits(column.type, cell)) throw refusal(table, column, cell)
  }
}

/** Throws `rows.shape` unless there is one stamp per row, or one for all, each a safe integer. */
export const checkStamps = (table: TableSpec, rowCount: number, stamps: number | readonly number[]): void => {
  const list = typeof stamps === 'number' ? [stamps] : stamps
  const fitting = typeof stamps === 'number' || stamps.length === rowCount
  if (fitting && list.every(Number.isSafeInteger)) return
  throw errors.rowsShape({
    table: table.name,
    reason: `${list.length} stamps for ${rowCount} rows, or a stamp is no safe integer`,
  })
}

/** The stamp of one row. */
export const stampAt = (stamps: number | readonly number[], index: number): number =>
  typeof stamps === 'number' ? stamps : stamps[index]!
