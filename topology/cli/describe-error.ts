/** What an error says to a person, and which exit code it is. */
import { messageOf, SpillwayError } from '../model/spillway-error.ts'
import type { ExitCode } from './command.ts'

/** Sentence, code and hint, on one line: it may end in a log of lines. */
export const describeError = (error: unknown): string => {
  if (!(error instanceof SpillwayError))
    return error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
  const hint = error.hint === '' ? '' : `. ${error.hint}`
  return `${error.message} (${error.code})${hint}`
}

/** Faults of declaration and configuration are 2, whoever found them; everything else that failed is 1. */
export const exitCodeOf = (error: unknown): ExitCode =>
  error instanceof SpillwayError && (error.code.startsWith('SPW-05') || error.publicName === 'sinkChanged') ? 2 : 1
