/**
 * Makes a table what its declaration says, or says why it cannot be: columns are only ever added, and never dropped and
 * added again, which would bring old cells back.
 *
 * A table with further columns is fine (another version of the topology wrote it); another key, or another type of a
 * column, would mix two meanings.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { TableSpec } from '../../../topology/model/ports/row-store.ts'
import { columnsOf } from '../cells/check-cells.ts'
import { changeSchema, runSchemaStatement, type StoredColumn, storedColumns, whenUsable } from './change-schema.ts'
import { ask, askAll, type Cluster } from './cluster.ts'
import {
  addColumnStatement,
  checkCqlTable,
  cqlTypes,
  createTableStatement,
  isExpiring,
  keyShape,
} from './create-table-statement.ts'
import { quoteName, tableNameOf } from './table-names.ts'

const refuse = (table: TableSpec, reason: string): never => {
  throw errors.rowsShape({ table: table.name, reason })
}

const shapeOf = (stored: readonly StoredColumn[]): string => {
  const part = (kind: string): string =>
    stored
      .filter((column) => column.kind === kind)
      .sort((left, right) => left.position - right.position)
      .map(({ name, type }) => `${name} ${type}`)
      .join(', ')
  const cluster = part('clustering')
  return `(${part('partition_key')})${cluster === '' ? '' : `, ${cluster}`}`
}

/** Names of the stored columns, `undefined` where there is no such table. Throws `rows.shape`. */
export const storedNames = async (cluster: Cluster, table: TableSpec): Promise<ReadonlySet<string> | undefined> => {
  checkCqlTable(table)
  const stored = await storedColumns(cluster, tableNameOf(table.name))
  if (stored.length === 0) return undefined
  const byName = new Map(stored.map((column) => [column.name, column]))
  const [found, wanted] = [shapeOf(stored), keyShape(table)]
  if (found !== wanted) refuse(table, `its key is ${found}, not ${wanted}`)
  for (const column of table.columns) {
    const other = byName.get(column.name)
    if (other === undefined) continue
    if (other.kind !== 'regular') refuse(table, `column ${column.name} is part of its key`)
    if (other.type !== cqlTypes[column.type]) {
      refuse(table, `column ${column.name} is ${other.type}, not ${cqlTypes[column.type]}`)
    }
  }
  return new Set(byName.keys())
}

/** Creates the table or adds its missing columns; for a reader it only checks. Throws `rows.shape`. */
export const ensureCqlTable = async (cluster: Cluster, table: TableSpec): Promise<void> => {
  const names = await storedNames(cluster, table)
  if (cluster.isReadOnly) return
  const isWhole = names !== undefined && columnsOf(table).every(({ name }) => names.has(name))
  if (!isWhole) await changeSchema(cluster, () => complete(cluster, table))
  const columns = columnsOf(table).map(({ name }) => quoteName(name))
  const from = `${quoteName(cluster.keyspace)}.${quoteName(tableNameOf(table.name))}`
  await whenUsable(cluster, () => ask(cluster, `SELECT ${columns.join(', ')} FROM ${from} LIMIT 1`, []))
  if (isExpiring(table)) await settleLife(cluster, table)
}

// Looked at once more, with the lock: another process may have done the same.
const complete = async (cluster: Cluster, table: TableSpec): Promise<void> => {
  const { keyspace, ttlSeconds } = cluster
  const names = await storedNames(cluster, table)
  if (names === undefined) {
    await runSchemaStatement(cluster, createTableStatement(table, { ttlSeconds }, keyspace))
    return
  }
  for (const column of columnsOf(table)) {
    if (!names.has(column.name)) await runSchemaStatement(cluster, addColumnStatement(table, column, keyspace))
  }
}

/** The time to live of what is written from here on follows the option. */
const settleLife = async (cluster: Cluster, table: TableSpec): Promise<void> => {
  const { keyspace, ttlSeconds } = cluster
  if (ttlSeconds === undefined) return
  const name = tableNameOf(table.name)
  const cql = 'SELECT default_time_to_live FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?'
  const [row] = await askAll(cluster, cql, [Buffer.from(keyspace), Buffer.from(name)])
  if (row?.['default_time_to_live'] === ttlSeconds) return
  const alter = `ALTER TABLE ${quoteName(keyspace)}.${quoteName(name)} WITH default_time_to_live = ${ttlSeconds}`
  await changeSchema(cluster, () => runSchemaStatement(cluster, alter))
}
