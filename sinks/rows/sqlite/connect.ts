/**
 * Connections to the database file of embedded rows, and the only import of `node:sqlite`.
 *
 * Every transaction begins and ends inside one synchronous call (`write`, `look`): nothing is held over an await, so two
 * connections of one thread never wait for each other, and a reader never keeps the write-ahead log from being emptied.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { errors } from '../../../topology/model/errors.ts'
import { pageBytes, settleFormat } from './settle-format.ts'
import { sqliteError } from './sqlite-error.ts'

export type { DatabaseSync as SqliteDatabase, StatementSync as SqliteStatement } from 'node:sqlite'

/** `read` never creates a file and refuses writes; it works beside a process that writes. */
export type SqliteMode = 'readwrite' | 'read'

export interface SqliteOptions {
  /** Database file; its folder is created in mode `readwrite`. */
  readonly path: string
  /** Default `readwrite`. */
  readonly mode?: SqliteMode
  /** For tests and tools: sees the connection once it is set up, before it is used. */
  readonly onOpen?: (database: DatabaseSync) => void
}

export interface SqliteConnection {
  readonly path: string
  readonly mode: SqliteMode
  readonly database: DatabaseSync
  /** Prepares a statement that gives rows as arrays. */
  prepare(sql: string): StatementSync
  /** Runs `work` between BEGIN IMMEDIATE and COMMIT; whatever it throws takes all of it back. */
  write<Result>(work: () => Result): Result
  /** Runs `work` over one unchanging state of the file. */
  look<Result>(work: () => Result): Result
  /** May be called twice. */
  close(): void
}

// Another process may hold the file while it writes a batch or empties the write-ahead log.
const busyTimeoutMs = 30_000
// 80 MB: with the default of 1,000 pages half of the time goes into emptying the write-ahead log.
const checkpointPages = 10_000
// Twice the above: what a large batch has added is given back to the disk.
const walBytesMax = 2 * checkpointPages * pageBytes

const setUp = (database: DatabaseSync, options: SqliteOptions, settings: ConnectionSettings): void => {
  const mode = options.mode ?? 'readwrite'
  database.exec(`PRAGMA cache_size = -${settings.cacheKib}`)
  settleFormat(database, options.path, mode)
  if (mode === 'readwrite') {
    database.exec(`PRAGMA synchronous = ${settings.synchronous}`)
    database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA journal_size_limit = ${walBytesMax}`)
  }
  options.onOpen?.(database)
}

export interface ConnectionSettings {
  /** When the write-ahead log is synced: FULL at every commit, NORMAL only before it is emptied into the file. */
  readonly synchronous: 'NORMAL' | 'FULL'
  readonly cacheKib: number
}

const transactionsOf = (database: DatabaseSync, path: string): Pick<SqliteConnection, 'write' | 'look'> => {
  const commit = database.prepare('COMMIT')
  const between = (begin: StatementSync) => {
    return <Result>(work: () => Result): Result => {
      try {
        begin.run()
        const result = work()
        commit.run()
        return result
      } catch (error) {
        // A full disk ends the transaction by itself; a second ROLLBACK would hide the cause.
        if (database.isOpen && database.isTransaction) database.exec('ROLLBACK')
        throw sqliteError(path, error)
      }
    }
  }
  // A plain BEGIN that reads and then writes cannot wait for another writer: it fails at once.
  return { write: between(database.prepare('BEGIN IMMEDIATE')), look: between(database.prepare('BEGIN')) }
}

/** Opens, checks the format, sets up. Throws `storeFormat`, `pathUnusable` (stop) or `storeUnavailable` (retry). */
export const connect = (options: SqliteOptions, settings: ConnectionSettings): SqliteConnection => {
  const { path } = options
  const mode = options.mode ?? 'readwrite'
  if (mode === 'read' && !existsSync(path)) {
    throw errors.pathUnusable({ path, reason: 'there is no such database; a run creates it' })
  }
  let database: DatabaseSync | undefined
  try {
    if (mode === 'readwrite') mkdirSync(dirname(path), { recursive: true })
    database = new DatabaseSync(path, { timeout: busyTimeoutMs, readOnly: mode === 'read' })
    setUp(database, options, settings)
    return { path, mode, database, ...transactionsOf(database, path), ...handlesOf(database) }
  } catch (error) {
    if (database?.isOpen) database.close()
    throw sqliteError(path, error)
  }
}

const handlesOf = (database: DatabaseSync): Pick<SqliteConnection, 'prepare' | 'close'> => ({
  prepare: (sql) => {
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    return statement
  },
  close: () => {
    if (database.isOpen) database.close()
  },
})

/** A bare connection that fails at once when the file is locked; for locks. */
export const openBare = (path: string): DatabaseSync => {
  mkdirSync(dirname(path), { recursive: true })
  return new DatabaseSync(path, { timeout: 0 })
}
