/**
 * Whose database a file is: `application_id` names Spillway, `user_version` the version of its layout.
 *
 * A file of another program or version is refused before a byte of it is changed. A new file gets both in one
 * transaction, so a crash leaves either an empty file or a named one.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { SqliteDatabase, SqliteMode } from './connect.ts'
import { isBusy } from './sqlite-error.ts'

// "SPWY" in ASCII.
const applicationId = 0x53505759
const formatVersion = 2

/**
 * Page size of a new file; one that exists keeps its own. Twice the default: half as many pages to copy into the
 * write-ahead log and out of it, which measured 4 % of the benchmark with all sinks; rows of 2 KB waste less of a page.
 * Four times measured 8 %, and a state row that changes alone would cost four times the bytes.
 */
export const pageBytes = 8_192

const numberOf = (database: SqliteDatabase, sql: string): number =>
  Number(Object.values(database.prepare(sql).get() ?? {})[0])

// What the file says, or `undefined` while nothing has been written to it.
const readFormat = (database: SqliteDatabase): { application: number; version: number } | undefined => {
  const application = numberOf(database, 'PRAGMA application_id')
  const version = numberOf(database, 'PRAGMA user_version')
  const isEmpty = numberOf(database, 'SELECT count(*) FROM sqlite_schema') === 0
  return application === 0 && version === 0 && isEmpty ? undefined : { application, version }
}

const checkFormat = (database: SqliteDatabase, path: string): boolean => {
  const format = readFormat(database)
  if (format === undefined) return false
  if (format.application !== applicationId) {
    throw errors.storeFormat({ store: path, reason: 'a SQLite database of another program' })
  }
  if (format.version !== formatVersion) {
    const reason = `rows of format ${format.version}, this version reads format ${formatVersion}`
    throw errors.storeFormat({ store: path, reason })
  }
  return true
}

// Rounds of waiting for other processes that open the same new file at the same moment.
const roundsMax = 100

// The change to the write-ahead log needs the file alone and does not wait for it, unlike BEGIN IMMEDIATE.
const turnLogOn = (database: SqliteDatabase): void => {
  for (let round = 1; ; round += 1) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (round === roundsMax || !isBusy(error)) throw error
      database.exec('BEGIN IMMEDIATE; COMMIT')
    }
  }
}

/** Checks the format; in mode `readwrite` makes a new file ours and turns the write-ahead log on. */
export const settleFormat = (database: SqliteDatabase, path: string, mode: SqliteMode): void => {
  const isOurs = checkFormat(database, path)
  if (mode === 'read') return
  // Only a file that nothing has been written to takes it, and none that has its write-ahead log.
  if (!isOurs) database.exec(`PRAGMA page_size = ${pageBytes}`)
  turnLogOn(database)
  if (isOurs) return
  database.exec('BEGIN IMMEDIATE')
  // Another process may have done the same since the check.
  if (!checkFormat(database, path)) {
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatVersion}`)
  }
  database.exec('COMMIT')
}
