/**
 * One run at a time on embedded rows: an exclusive lock on a small database file beside them.
 *
 * Node has no file locks of its own; SQLite's are kept by the operating system for the process, so they are free the
 * moment it ends, kill -9 included. Nothing is ever written to the file, and it is never removed: removing it would
 * let a third process lock a new file while the second still holds the old one.
 */
import { errors } from '../../../topology/model/errors.ts'
import { openBare, type SqliteDatabase } from './connect.ts'
import { isBusy, sqliteError } from './sqlite-error.ts'

export interface RunLock {
  /** May be called twice. */
  release(): void
}

/** Locks the rows at `path` for this holder. Throws `storeLocked` (stop) while another holds them, in any process. */
export const lockForRun = (path: string): RunLock => {
  let database: SqliteDatabase | undefined
  try {
    database = openBare(`${path}-run-lock`)
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    throw isBusy(error) ? errors.storeLocked({ store: path }) : sqliteError(path, error)
  }
  const held = database
  return {
    release: () => {
      if (held.isOpen) held.close()
    },
  }
}
