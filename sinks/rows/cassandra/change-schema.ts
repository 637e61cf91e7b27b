/**
 * Changes of the schema, one at a time over all processes: two hosts that create one table at the same moment give it two
 * identities, and one of them loses its rows.
 *
 * The first table, which holds the format and the lock, is the only one that is created without it. Whoever changes the
 * schema waits until all hosts have the change.
 */
import { errors } from '../../../topology/model/errors.ts'
import { messageOf } from '../../../topology/model/spillway-error.ts'
import { ask, askAll, type Cluster, schemaMs } from './cluster.ts'
import { formatTable } from './create-table-statement.ts'
import { quoteName } from './table-names.ts'

const formatVersion = '2'
// A process that dies with the lock is waited for so long; one that lives takes it again before.
const lockSeconds = 15
const renewMs = 4_000
const lockWaitMs = 90_000
const lockPauseMs = 100

const tableIn = (cluster: Cluster): string => `${quoteName(cluster.keyspace)}.${quoteName(formatTable)}`

/** One statement, and the agreement of all hosts on it. */
export const runSchemaStatement = async (cluster: Cluster, statement: string): Promise<void> => {
  const { isAgreed } = await ask(cluster, statement, [], { readTimeout: schemaMs })
  if (!isAgreed) throw errors.storeUnavailable({ store: cluster.name, reason: 'its hosts do not agree on the schema' })
}

/** Columns of a table by name, in no order; empty where there is no such table. */
export const storedColumns = async (cluster: Cluster, table: string): Promise<readonly StoredColumn[]> => {
  const cql =
    'SELECT column_name, kind, position, type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?'
  const rows = await askAll(cluster, cql, [Buffer.from(cluster.keyspace), Buffer.from(table)])
  return rows.map((row) => ({
    name: String(row['column_name']),
    kind: String(row['kind']),
    position: Number(row['position']),
    type: String(row['type']),
  }))
}

export interface StoredColumn {
  readonly name: string
  /** `partition_key`, `clustering`, `regular`, `static`. */
  readonly kind: string
  readonly position: number
  readonly type: string
}

// A table stands in the tables of the schema a moment before the host that another process has asked knows it.
const usableWithinMs = 10_000

const isUnknownYet = (error: unknown): boolean =>
  /table \S+ does not exist|unconfigured table|undefined column name/i.test(messageOf(error))

/** Repeats a call while the host that it asks does not know yet what another process has just made. */
export const whenUsable = async <T>(cluster: Cluster, call: () => Promise<T>): Promise<T> => {
  const untilMs = cluster.clock.nowMs() + usableWithinMs
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isUnknownYet(error) || cluster.clock.nowMs() > untilMs) throw error
      await cluster.clock.sleep(lockPauseMs)
    }
  }
}

/** Refuses rows of another version; a new keyspace becomes one of this version, except for a reader. */
export const settleFormat = async (cluster: Cluster): Promise<void> => {
  const table = tableIn(cluster)
  const isThere = (await storedColumns(cluster, formatTable)).length > 0
  if (!isThere && cluster.isReadOnly) return
  if (!isThere) {
    const columns = '"name" text PRIMARY KEY, "value" text'
    await runSchemaStatement(cluster, `CREATE TABLE IF NOT EXISTS ${table} (${columns})`)
  }
  const name = Buffer.from('format')
  if (!cluster.isReadOnly) {
    const insert = `INSERT INTO ${table} ("name", "value") VALUES (?, ?) IF NOT EXISTS`
    await whenUsable(cluster, () => ask(cluster, insert, [name, Buffer.from(formatVersion)]))
  }
  const read = `SELECT "value" FROM ${table} WHERE "name" = ?`
  const { rows } = await whenUsable(cluster, () => ask(cluster, read, [name], { consistency: 'serial' }))
  const found = rows[0]?.['value']
  if (found === undefined || found === formatVersion) return
  const reason = `rows of format ${String(found)}, this version reads format ${formatVersion}`
  throw errors.storeFormat({ store: cluster.name, reason })
}

/** Runs `change` while no other process changes the schema of the keyspace. */
export const changeSchema = async (cluster: Cluster, change: () => Promise<void>): Promise<void> => {
  const table = tableIn(cluster)
  const name = Buffer.from('schema lock')
  const owner = Buffer.from(`${cluster.clock.nowMs()} ${cluster.random.next()}`)
  const take = `INSERT INTO ${table} ("name", "value") VALUES (?, ?) IF NOT EXISTS USING TTL ${lockSeconds}`
  const untilMs = cluster.clock.nowMs() + lockWaitMs
  while (!(await ask(cluster, take, [name, owner])).isApplied) {
    if (cluster.clock.nowMs() > untilMs) {
      throw errors.storeUnavailable({ store: cluster.name, reason: 'another process keeps changing its schema' })
    }
    await cluster.clock.sleep(lockPauseMs)
  }
  const over = new AbortController()
  const renewing = renewLock(cluster, [owner, name, owner], over.signal)
  try {
    await change()
  } finally {
    over.abort()
    await renewing
    // It expires where this fails.
    await ask(cluster, `DELETE FROM ${table} WHERE "name" = ? IF "value" = ?`, [name, owner]).catch(() => undefined)
  }
}

const renewLock = async (cluster: Cluster, params: readonly Buffer[], signal: AbortSignal): Promise<void> => {
  const renew = `UPDATE ${tableIn(cluster)} USING TTL ${lockSeconds} SET "value" = ? WHERE "name" = ? IF "value" = ?`
  for (;;) {
    await cluster.clock.sleep(renewMs, signal)
    if (signal.aborted) return
    // A host that does not answer now may answer the next time, and the lock outlives three of them.
    await ask(cluster, renew, params).catch(() => undefined)
  }
}
