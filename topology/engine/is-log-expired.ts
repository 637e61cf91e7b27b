/** Whether an error says that the log no longer has an offset. */
import { errors } from '../model/errors.ts'
import { SpillwayError } from '../model/spillway-error.ts'

export const isLogExpired = (error: unknown): boolean =>
  error instanceof SpillwayError && error.code === errors.logExpired.entry.code
