/**
 * Failures of SQLite as ours. The low byte of `errcode` is the kind, the rest details it.
 *
 * Full disks and busy files are waited for. A failed read or write of the device is not: after a failed fsync the
 * kernel may have dropped pages that it calls written, so only a new process, which reads the file again, may go on.
 */
import { errors, storageError } from '../../../topology/model/errors.ts'
import { SpillwayError } from '../../../topology/model/spillway-error.ts'

const busy = 5
const locked = 6
const corrupt = 11
const full = 13
const notDatabase = 26
// SQLITE_IOERR_SHMSIZE: the shared memory file could not grow, which is a full disk too.
const sharedMemorySize = 4874

/** Whether another connection holds the file. */
export const isBusy = (error: unknown): boolean => {
  const fields = error as { errcode?: unknown } // node:sqlite attaches the code of SQLite
  return typeof fields.errcode === 'number' && (fields.errcode & 0xff) === busy
}

/** Takes anything thrown while working on the database at `path`; a `SpillwayError` stays what it is. */
export const sqliteError = (path: string, cause: unknown): SpillwayError => {
  if (cause instanceof SpillwayError) return cause
  const fields = cause as { code?: unknown; errcode?: unknown; message?: unknown } // node:sqlite attaches these
  if (fields.code === 'ERR_OUT_OF_RANGE') {
    return errors.storeFormat({ store: path, reason: 'a stored integer is beyond 2^53' }, cause)
  }
  if (typeof fields.errcode !== 'number') return storageError(path, cause)
  const kind = fields.errcode & 0xff
  const reason = String(fields.message)
  if (kind === full || fields.errcode === sharedMemorySize) return errors.diskFull({ path }, cause)
  if (kind === busy || kind === locked) return errors.storeUnavailable({ store: path, reason }, cause)
  if (kind === corrupt || kind === notDatabase) return errors.storeFormat({ store: path, reason }, cause)
  return errors.pathUnusable({ path, reason }, cause)
}
