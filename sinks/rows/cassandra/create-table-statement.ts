/**
 * The CREATE statement of a table of rows in Cassandra: what the adapter runs and what `describe --tables` prints.
 *
 * Rows carry their stamp as the write time of their cells (PROTOCOL section 2), so there is no column for it. State is
 * overwritten for ever: levelled compaction keeps a read at few files. Event rows are stamped by the hour of their event
 * time and hardly change: compaction by time windows leaves old ones alone, and drops whole files where they expire.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { ColumnSpec, ColumnType, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { columnsOf, keyColumnsOf } from '../cells/check-cells.ts'
import { checkTable } from '../cells/check-table.ts'
import { quoteName, quoteText, tableNameOf } from './table-names.ts'

export const cqlTypes: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'bigint',
  double: 'double',
  boolean: 'boolean',
  bytes: 'blob',
}

/** Tables of the adapter itself begin so; a sink cannot be named for one. */
export const ledgerTable = 'spillway_ledger'
export const ledgerKeysTable = 'spillway_ledger_keys'
export const formatTable = 'spillway_format'
const ownTables = new Set([ledgerTable, ledgerKeysTable, formatTable])

// Ten days, as Cassandra has it: longer than a host may be away, and than any writer may be held up.
const graceSeconds = 864_000
const daySeconds = 86_400
// About as many windows as files that are searched: 30 of a life that ends, else a month each.
const windowsPerLife = 30

/** Rows of such a table expire where a time to live is asked for. */
export const isExpiring = (table: TableSpec): boolean => table.nulls === 'keep'

export interface TableLife {
  /** Seconds after which event rows expire. Default: never. */
  readonly ttlSeconds?: number | undefined
}

/** Throws `rows.shape` for a table that Cassandra cannot hold. */
export const checkCqlTable = (table: TableSpec): void => {
  checkTable(table)
  if (ownTables.has(table.name)) {
    throw errors.rowsShape({ table: table.name, reason: 'the name belongs to the ledger' })
  }
}

const definition = ({ name, type }: ColumnSpec): string => `${quoteName(name)} ${cqlTypes[type]}`
const named = (columns: readonly ColumnSpec[]): string => columns.map(({ name }) => quoteName(name)).join(', ')

const optionsOf = (table: TableSpec, { ttlSeconds }: TableLife): readonly string[] => {
  const comment = `comment = ${quoteText(table.name)}`
  const grace = `gc_grace_seconds = ${graceSeconds}`
  if (!isExpiring(table)) return [comment, "compaction = {'class': 'LeveledCompactionStrategy'}", grace]
  const days = ttlSeconds === undefined ? 30 : Math.max(1, Math.ceil(ttlSeconds / daySeconds / windowsPerLife))
  const windows = `'compaction_window_unit': 'DAYS', 'compaction_window_size': '${days}'`
  const compaction = `compaction = {'class': 'TimeWindowCompactionStrategy', ${windows}}`
  return [comment, compaction, grace, ...(ttlSeconds === undefined ? [] : [`default_time_to_live = ${ttlSeconds}`])]
}

/** One statement without a semicolon; `keyspace` goes before the name. Throws `rows.shape`. */
export const createTableStatement = (table: TableSpec, life: TableLife = {}, keyspace?: string): string => {
  checkCqlTable(table)
  const name = `${keyspace === undefined ? '' : `${quoteName(keyspace)}.`}${quoteName(tableNameOf(table.name))}`
  const cluster = table.cluster.length === 0 ? '' : `, ${named(table.cluster)}`
  const lines = [...columnsOf(table).map(definition), `PRIMARY KEY ((${named(table.partition)})${cluster})`]
  return `CREATE TABLE IF NOT EXISTS ${name} (\n  ${lines.join(',\n  ')}\n) WITH ${optionsOf(table, life).join('\n  AND ')}`
}

/** The statement that adds a column. */
export const addColumnStatement = (table: TableSpec, column: ColumnSpec, keyspace: string): string =>
  `ALTER TABLE ${quoteName(keyspace)}.${quoteName(tableNameOf(table.name))} ADD ${definition(column)}`

/** `[name type, ...]` of the key, as a shape is compared and shown. */
export const keyShape = (table: TableSpec): string => {
  const shown = (columns: readonly ColumnSpec[]): string =>
    columns.map(({ name, type }) => `${name} ${cqlTypes[type]}`).join(', ')
  return `(${shown(table.partition)})${keyColumnsOf(table).length > table.partition.length ? `, ${shown(table.cluster)}` : ''}`
}
