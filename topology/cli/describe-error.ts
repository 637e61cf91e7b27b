/** What an error says to a person, and which exit code it is. */
import { shownUrl } from '../model/shown-url.ts'
import { messageOf, SpillwayError } from '../model/spillway-error.ts'
import type { ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'

/** What `topology init` makes for an error's place, and the flag by which that place may have been given. */
const creations: Readonly<Record<string, readonly [made: string, flag: string]>> = {
  topicMissing: ['--topic', 'log'],
  keyspaceMissing: ['--keyspace', 'rows'],
  bucketMissing: ['--bucket', 'objects'],
}

/** Sentence, code and hint, on one line: it may end in a log of lines. `input`: what a person has typed. */
export const describeError = (error: unknown, input?: Pick<CommandInput, 'text'>): string => {
  if (!(error instanceof SpillwayError))
    return error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
  const hint = error.hint === '' ? '' : `. ${hintOf(error, input)}`
  // What a server says may be a whole sentence.
  return `${error.message.replace(/\.$/, '')} (${error.code})${hint}`
}

/** A place that stands in no settings is named anew. */
const hintOf = ({ hint, publicName }: SpillwayError, input: Pick<CommandInput, 'text'> | undefined): string => {
  const [made, flag] = creations[publicName] ?? []
  const url = flag === undefined ? undefined : input?.text(flag)
  if (made === undefined || url === undefined) return hint
  return hint.replace(`topology init ${made}`, `topology init ${made} --${flag} ${shownUrl(url)}`)
}

/** Faults of declaration and configuration are 2, whoever found them; everything else that failed is 1. */
export const exitCodeOf = (error: unknown): ExitCode =>
  error instanceof SpillwayError && (error.code.startsWith('SPW-05') || error.publicName === 'sinkChanged') ? 2 : 1
