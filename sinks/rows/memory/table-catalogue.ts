/**
 * Shapes of the tables of a store in memory: which columns each has, and where a declaration's cells lie in its rows.
 *
 * Columns are only ever added at the end, so a stored row stays valid: cells beyond its end are null.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { ColumnSpec, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { columnsOf, keyColumnsOf } from '../cells/check-cells.ts'
import { checkTable } from '../cells/check-table.ts'

/** Of each column of a declaration, its place in a stored row; -1 for a column that the table lacks. */
export interface TableLayout {
  readonly keyColumns: readonly ColumnSpec[]
  readonly columns: readonly ColumnSpec[]
  readonly places: readonly number[]
}

export interface TableCatalogue {
  /** Creates the table or adds its missing columns. Throws `rows.shape`. */
  ensure(table: TableSpec): void
  /** `undefined` while there is no such table. Throws `rows.shape` for another key or type. */
  find(table: TableSpec): TableLayout | undefined
  /** As `find`, for a write: a missing table or column throws `rows.shape`. */
  require(table: TableSpec): TableLayout
}

interface StoredTable {
  readonly keyLength: number
  /** In the order of the cells of a stored row. */
  readonly columns: ColumnSpec[]
}

const refuse = (table: TableSpec, reason: string): never => {
  throw errors.rowsShape({ table: table.name, reason })
}

const describe = (columns: readonly ColumnSpec[]): string =>
  columns.map(({ name, type }) => `${name} ${type}`).join(', ')

const checkShape = (table: TableSpec, stored: StoredTable): void => {
  const found = describe(stored.columns.slice(0, stored.keyLength))
  const wanted = describe(keyColumnsOf(table))
  if (found !== wanted) refuse(table, `its key is (${found}), not (${wanted})`)
  for (const column of table.columns) {
    const place = stored.columns.findIndex(({ name }) => name === column.name)
    const type = stored.columns[place]?.type ?? column.type
    if (place >= 0 && place < stored.keyLength) refuse(table, `column ${column.name} is part of its key`)
    if (type !== column.type) refuse(table, `column ${column.name} is ${type}, not ${column.type}`)
  }
}

const layoutOf = (table: TableSpec, stored: StoredTable): TableLayout => {
  const columns = columnsOf(table)
  const places = columns.map((column) => stored.columns.findIndex(({ name }) => name === column.name))
  return { keyColumns: keyColumnsOf(table), columns, places }
}

export const createTableCatalogue = (): TableCatalogue => {
  const tables = new Map<string, StoredTable>()
  const layouts = new WeakMap<TableSpec, TableLayout>()
  const find = (table: TableSpec): TableLayout | undefined => {
    const known = layouts.get(table)
    if (known !== undefined) return known
    const stored = tables.get(table.name)
    if (stored === undefined) return undefined
    checkShape(table, stored)
    const layout = layoutOf(table, stored)
    if (!layout.places.includes(-1)) layouts.set(table, layout)
    return layout
  }
  return {
    ensure: (table) => {
      checkTable(table)
      const stored = tables.get(table.name) ?? {
        keyLength: keyColumnsOf(table).length,
        columns: [...keyColumnsOf(table)],
      }
      checkShape(table, stored)
      const names = new Set(stored.columns.map(({ name }) => name))
      stored.columns.push(...table.columns.filter(({ name }) => !names.has(name)))
      tables.set(table.name, stored)
    },
    find,
    require: (table) => {
      const layout = find(table)
      if (layout !== undefined && !layout.places.includes(-1)) return layout
      return refuse(table, 'it does not exist as declared; `ensureTable` comes first')
    },
  }
}
