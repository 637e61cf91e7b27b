/**
 * Rows in memory under the rule of stamps: for tests, examples and topologies whose results need not last.
 *
 * The larger stamp takes the row; at the same stamp each cell keeps its larger value, so the order of writes never
 * matters (I-1). It refuses and orders what `openSqliteRows` refuses and orders.
 */
import type { Cell, Row, RowKey, RowStore, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { checkCells, checkStamps, stampAt } from '../cells/check-cells.ts'
import { type CheckedRange, checkRange } from '../cells/check-table.ts'
import { largerCell, storedCell } from '../cells/stored-cell.ts'
import { keysWithin, keyText } from './row-keys.ts'
import { createTableCatalogue, type TableCatalogue, type TableLayout } from './table-catalogue.ts'

export interface MemoryRows extends RowStore {
  /** All rows of a table in the order of their keys. */
  dump(table: TableSpec): readonly Row[]
}

interface StoredRow {
  readonly key: RowKey
  readonly cells: Cell[]
  stamp: number
}

type StoredRows = Map<string, StoredRow>

const pageRows = 1_000

const putRow = (rows: StoredRows, layout: TableLayout, row: Row, stamp: number): void => {
  const cells = row.map(storedCell)
  const key = cells.slice(0, layout.keyColumns.length)
  const text = keyText(key)
  const stored = rows.get(text) ?? { key, cells: [], stamp: Number.NEGATIVE_INFINITY }
  if (stamp < stored.stamp) return
  for (let index = 0; index < cells.length; index += 1) {
    const place = layout.places[index]!
    const cell = cells[index] ?? null
    stored.cells[place] = stamp > stored.stamp ? cell : largerCell(stored.cells[place] ?? null, cell)
  }
  stored.stamp = stamp
  rows.set(text, stored)
}

const rowOf = (stored: StoredRow, layout: TableLayout): Row =>
  layout.places.map((place) => storedCell(stored.cells[place] ?? null))

interface MemoryTables {
  readonly catalogue: TableCatalogue
  rowsOf(table: TableSpec): StoredRows
}

const createTables = (): MemoryTables => {
  const tables = new Map<string, StoredRows>()
  return {
    catalogue: createTableCatalogue(),
    rowsOf: (table) => {
      const rows = tables.get(table.name) ?? new Map<string, StoredRow>()
      tables.set(table.name, rows)
      return rows
    },
  }
}

const writeRows = (
  { catalogue, rowsOf }: MemoryTables,
  table: TableSpec,
  rows: readonly Row[],
  stamps: number | readonly number[],
): void => {
  const layout = catalogue.require(table)
  checkStamps(table, rows.length, stamps)
  for (const row of rows) checkCells(table, layout.columns, row)
  const stored = rowsOf(table)
  rows.forEach((row, index) => {
    putRow(stored, layout, row, stampAt(stamps, index))
  })
}

const readRows = (
  { catalogue, rowsOf }: MemoryTables,
  table: TableSpec,
  keys: readonly RowKey[],
): (Row | undefined)[] => {
  const layout = catalogue.find(table)
  if (layout === undefined) return keys.map(() => undefined)
  const rows = rowsOf(table)
  return keys.map((key) => {
    checkCells(table, layout.keyColumns, key)
    const stored = rows.get(keyText(key.map(storedCell)))
    return stored === undefined ? undefined : rowOf(stored, layout)
  })
}

const everything: CheckedRange = { leading: [], from: undefined, to: undefined }

const keysOf = (tables: MemoryTables, table: TableSpec, range: CheckedRange): RowKey[] =>
  keysWithin(
    tables
      .rowsOf(table)
      .values()
      .map((row) => row.key),
    range,
  )

const presentRows = (tables: MemoryTables, table: TableSpec, keys: readonly RowKey[]): Row[] =>
  readRows(tables, table, keys).filter((row) => row !== undefined)

export const createMemoryRows = (): MemoryRows => {
  const tables = createTables()
  return {
    name: 'memory:rows',
    ensureTable: async (table) => tables.catalogue.ensure(table),
    write: async (table, rows, stamps) => writeRows(tables, table, rows, stamps),
    read: async (table, keys) => readRows(tables, table, keys),
    async *scan(table, range) {
      const keys = keysOf(tables, table, checkRange(table, range))
      for (let from = 0; from < keys.length; from += pageRows) {
        yield presentRows(tables, table, keys.slice(from, from + pageRows))
      }
    },
    dump: (table) => presentRows(tables, table, keysOf(tables, table, everything)),
    close: async () => {},
  }
}
