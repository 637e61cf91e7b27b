/**
 * The patience of a command that works for hours: what is away for a while is asked again, and a person who has had
 * enough waits for no call.
 */
import { withPatience } from '../change-document.ts'
import { SpillwayError } from '../model/spillway-error.ts'
import type { CommandIo } from './command.ts'
import type { Talk } from './talk.ts'

// Where a command has begun, their addresses are right: who cannot be reached is away.
const unreachable = new Set(['rowsUnreachable', 'kafkaUnreachable', 'objectsUnreachable'])

const asPassing = (error: unknown): unknown => {
  if (!(error instanceof SpillwayError) || !unreachable.has(error.publicName)) return error
  const { code, publicName: name, message, hint } = error
  return new SpillwayError({ code, name, message, hint, errorClass: 'retry', cause: error })
}

/** Repeats what may pass, and tells of it once. `undefined`: the command is to end. */
export const patiently = async <T>(
  { clock, random, signal }: CommandIo,
  talk: Talk,
  call: () => Promise<T>,
): Promise<T | undefined> => {
  const passing = (): Promise<T> =>
    call().catch((error: unknown) => {
      throw asPassing(error)
    })
  try {
    return await withPatience({ clock, random, onTrouble: talk.warn }, signal, passing)
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** The same for a look that leaves nothing behind: it is not waited for when the command is to end. */
export const patientLook = async <T>(io: CommandIo, talk: Talk, look: () => Promise<T>): Promise<T | undefined> => {
  const ended = Promise.withResolvers<undefined>()
  const end = (): void => ended.resolve(undefined)
  io.signal.addEventListener('abort', end, { once: true })
  try {
    return io.signal.aborted ? undefined : await Promise.race([patiently(io, talk, look), ended.promise])
  } finally {
    io.signal.removeEventListener('abort', end)
  }
}
