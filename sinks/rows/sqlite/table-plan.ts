/**
 * The statements of one table, prepared once per connection, and the passage of cells in and out.
 *
 * I-1: what a table holds is the same whatever the order of writes. The larger stamp takes the row; at the same stamp
 * each cell keeps its larger value, which also makes the repetition of a write change nothing.
 */
import type { Cell, ColumnSpec, Row, RowKey, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { checkCells, columnsOf, keyColumnsOf, stampAt } from '../cells/check-cells.ts'
import { alikeEnd, alikeMin, overwriteOf, variableOf } from './alike-rows.ts'
import type { SqliteConnection, SqliteStatement } from './connect.ts'
import { quoteName, stampColumn } from './quote-name.ts'

/** What node:sqlite binds. */
type Bound = string | number | Uint8Array | null

export interface TablePlan {
  readonly table: TableSpec
  readonly isComplete: boolean
  readonly keyLength: number
  readonly selected: string
  /** Checks rows and stores them under the rule of stamps. */
  put(rows: readonly Row[], stamps: number | readonly number[]): void
  get(key: RowKey): Row | undefined
  /** A statement of this table, prepared when it is first asked for. */
  statement(sql: string): SqliteStatement
  /** A stored row as the port gives it. */
  rowOf(stored: readonly unknown[]): Row
}

/**
 * Two statements: almost every row is not there yet or stored with a smaller stamp, and then nothing need be compared.
 * Only a row that the first has left alone may be a tie.
 */
const upsertsOf = (table: TableSpec): { readonly newer: string; readonly tied: string | undefined } => {
  const key = keyColumnsOf(table).map((column) => quoteName(column.name))
  const cells = table.columns.map((column) => quoteName(column.name))
  const stamp = quoteName(stampColumn)
  const all = [...key, ...cells, stamp]
  const insert = `INSERT INTO ${quoteName(table.name)} AS stored (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})
ON CONFLICT (${key.join(', ')}) DO UPDATE SET `
  // COALESCE on both sides makes null the smallest value.
  const larger = (cell: string): string =>
    `max(coalesce(excluded.${cell}, stored.${cell}), coalesce(stored.${cell}, excluded.${cell}))`
  const taken = [...cells, stamp].map((cell) => `${cell} = excluded.${cell}`)
  const differs = cells.map((cell) => `excluded.${cell} IS NOT stored.${cell}`)
  return {
    newer: `${insert}${taken.join(', ')} WHERE excluded.${stamp} > stored.${stamp}`,
    tied:
      cells.length === 0
        ? undefined
        : `${insert}${cells.map((cell) => `${cell} = ${larger(cell)}`).join(', ')}
WHERE excluded.${stamp} = stored.${stamp} AND (${differs.join(' OR ')})`,
  }
}

const prepareUpserts = (
  connection: SqliteConnection,
  table: TableSpec,
): { readonly newer: SqliteStatement; readonly tied: SqliteStatement | undefined } => {
  const { newer, tied } = upsertsOf(table)
  return { newer: connection.prepare(newer), tied: tied === undefined ? undefined : connection.prepare(tied) }
}

const boundOf = (cell: Cell): Bound => (typeof cell === 'boolean' ? Number(cell) : cell)

/** Cells as SQLite takes them. */
export const bind = (cells: readonly Cell[]): Bound[] => cells.map(boundOf)

const selectedOf = (columns: readonly ColumnSpec[], names: ReadonlySet<string>): string =>
  columns.map(({ name }) => (names.has(name) ? `t.${quoteName(name)}` : 'NULL')).join(', ')

const unbinder = (columns: readonly ColumnSpec[]): ((stored: readonly unknown[]) => Row) => {
  const booleans = columns.flatMap((column, index) => (column.type === 'boolean' ? [index] : []))
  return (stored) => {
    const row = stored as (Cell | number)[] // a STRICT table gives cells of its columns' types, and the row is ours alone
    for (const index of booleans) if (row[index] !== null) row[index] = row[index] === 1
    return row
  }
}

/** Stores rows under the rule of stamps. */
const writerOf = (connection: SqliteConnection, table: TableSpec): TablePlan['put'] => {
  const columns = columnsOf(table)
  const keyLength = keyColumnsOf(table).length
  const { newer, tied } = prepareUpserts(connection, table)
  const variable = variableOf(table)
  let overwrite: SqliteStatement | undefined
  // One row per statement: with many rows SQLite keeps a journal of the statement, which costs a third of the speed.
  const values: Bound[] = new Array(columns.length + 1).fill(null)
  const putOne = (row: Row, stamp: number): void => {
    for (let index = 0; index < row.length; index += 1) values[index] = boundOf(row[index] ?? null)
    values[row.length] = stamp
    if (newer.run(...values).changes === 0) tied?.run(...values)
  }
  /** Whether all of the rows were there, and have been overwritten. */
  const hasOverwritten = (rows: readonly Row[], stamp: number, text: number): boolean => {
    overwrite ??= connection.prepare(overwriteOf(table, text))
    const [first] = rows as [Row, ...Row[]] // a run has at least one row
    const same = bind(first.slice(0, keyLength).filter((_, index) => index !== text))
    const texts = JSON.stringify(rows.map((row) => row[text]))
    return overwrite.run(...bind(first.slice(keyLength)), stamp, ...same, texts, stamp).changes === rows.length
  }
  return (rows, stamps) => {
    for (const row of rows) checkCells(table, columns, row)
    for (let from = 0; from < rows.length; ) {
      const end = variable === undefined ? from + 1 : alikeEnd(rows, stamps, from, variable)
      const stamp = stampAt(stamps, from)
      const isMany = variable !== undefined && end - from >= alikeMin
      if (!isMany || !hasOverwritten(rows.slice(from, end), stamp, variable))
        for (let index = from; index < end; index += 1) putOne(rows[index]!, stamp)
      from = end
    }
  }
}

/** `names` are the columns that the table has; those it lacks are read as null (a reader may be newer than the file). */
export const planTable = (connection: SqliteConnection, table: TableSpec, names: ReadonlySet<string>): TablePlan => {
  const columns = columnsOf(table)
  const key = keyColumnsOf(table)
  const selected = selectedOf(columns, names)
  const matches = key.map((column) => `t.${quoteName(column.name)} = ?`).join(' AND ')
  const select = `SELECT ${selected} FROM ${quoteName(table.name)} AS t WHERE ${matches}`
  let write: TablePlan['put'] | undefined
  const rowOf = unbinder(columns)
  const statements = new Map<string, SqliteStatement>()
  const statement = (sql: string): SqliteStatement => {
    const known = statements.get(sql) ?? connection.prepare(sql)
    statements.set(sql, known)
    return known
  }
  return {
    table,
    isComplete: columns.every((column) => names.has(column.name)),
    keyLength: key.length,
    selected,
    statement,
    rowOf,
    put: (rows, stamps) => {
      write ??= writerOf(connection, table)
      write(rows, stamps)
    },
    get: (rowKey) => {
      checkCells(table, key, rowKey)
      const stored = statement(select).get(...bind(rowKey)) as unknown[] | undefined // rows come as arrays, see `prepare`
      return stored === undefined ? undefined : rowOf(stored)
    },
  }
}
