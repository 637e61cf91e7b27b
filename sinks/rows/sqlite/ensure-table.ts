/**
 * Makes a table what its declaration says, or says why it cannot be: columns are only ever added.
 *
 * A table with further columns is fine (an earlier or later version of the topology wrote it); another key, or another
 * type of a column, would mix two meanings.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { ColumnSpec, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { columnsOf, keyColumnsOf } from '../cells/check-cells.ts'
import type { SqliteConnection } from './connect.ts'
import { columnDefinition, createTableStatement, sqliteTypes } from './create-table-statement.ts'
import { foldName, quoteName, stampColumn } from './quote-name.ts'

/** Names of the columns that a table has, or `undefined` where there is no such table. Throws `rows.shape`. */
export const readColumns = (connection: SqliteConnection, table: TableSpec): ReadonlySet<string> | undefined => {
  const stored = storedColumns(connection, table)
  if (stored.size === 0) return undefined
  checkKey(table, stored)
  for (const column of table.columns) checkType(table, column, stored)
  return new Set(stored.keys())
}

interface StoredColumn {
  readonly name: string
  readonly type: string
  /** Place in the key from 1, or 0. */
  readonly keyPlace: number
}

const refuse = (table: TableSpec, reason: string): never => {
  throw errors.rowsShape({ table: table.name, reason })
}

const storedColumns = (connection: SqliteConnection, table: TableSpec): Map<string, StoredColumn> => {
  const namesakes = connection.prepare('SELECT name FROM sqlite_schema WHERE lower(name) = ?')
  const rows = connection.prepare('SELECT name, type, pk FROM pragma_table_xinfo(?)')
  // `lower` folds ASCII only, as SQLite does when it compares names.
  const [found] = namesakes.all(foldName(table.name)).map((row) => String(Object.values(row)[0]))
  if (found !== undefined && found !== table.name) refuse(table, `table ${found} differs only in case`)
  const columns = rows.all(table.name).map((row): StoredColumn => {
    const [name, type, place] = Object.values(row)
    return { name: String(name), type: String(type), keyPlace: Number(place) }
  })
  if (columns.length > 0 && !columns.some((column) => column.name === stampColumn)) {
    refuse(table, 'it exists and holds no rows of a topology')
  }
  return new Map(columns.map((column) => [column.name, column]))
}

const describeKey = (columns: readonly { readonly name: string; readonly type: string }[]): string =>
  columns.map((column) => `${column.name} ${column.type}`).join(', ')

const checkKey = (table: TableSpec, stored: ReadonlyMap<string, StoredColumn>): void => {
  const key = [...stored.values()].filter((column) => column.keyPlace > 0).sort((a, b) => a.keyPlace - b.keyPlace)
  const wanted = describeKey(
    keyColumnsOf(table).map((column) => ({ name: column.name, type: sqliteTypes[column.type] })),
  )
  if (describeKey(key) !== wanted) refuse(table, `its key is (${describeKey(key)}), not (${wanted})`)
}

const checkType = (table: TableSpec, column: ColumnSpec, stored: ReadonlyMap<string, StoredColumn>): void => {
  const found = stored.get(column.name)
  if (found === undefined) return
  const wanted = sqliteTypes[column.type]
  if (found.keyPlace > 0) refuse(table, `column ${column.name} is part of its key`)
  if (found.type !== wanted) refuse(table, `column ${column.name} is ${found.type}, not ${wanted}`)
}

const addColumn = (
  connection: SqliteConnection,
  table: TableSpec,
  column: ColumnSpec,
  names: Iterable<string>,
): void => {
  for (const name of names) {
    if (foldName(name) === foldName(column.name))
      refuse(table, `columns ${name} and ${column.name} differ only in case`)
  }
  connection.database.exec(`ALTER TABLE ${quoteName(table.name)} ADD COLUMN ${columnDefinition(column)}`)
}

/** Creates the table or adds its missing columns; on a connection for reading it only checks. Throws `rows.shape`. */
export const ensureTable = (connection: SqliteConnection, table: TableSpec): void => {
  const statement = createTableStatement(table)
  if (connection.mode === 'read') {
    connection.look(() => readColumns(connection, table))
    return
  }
  connection.write(() => {
    const names = readColumns(connection, table)
    if (names === undefined) {
      connection.database.exec(statement)
      return
    }
    for (const column of columnsOf(table)) if (!names.has(column.name)) addColumn(connection, table, column, names)
  })
}
