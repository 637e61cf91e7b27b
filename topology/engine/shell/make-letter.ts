/** A record that is passed over, as the table of dead letters keeps it. */
import type { LogRecord } from '../../model/record.ts'
import { messageOf, SpillwayError } from '../../model/spillway-error.ts'
import type { LetterLine } from '../workers/messages.ts'
import type { DeadLetter } from './engine-parts.ts'
import type { PartitionContext } from './partition-context.ts'

/** Why, in the words of the error catalogue. */
export interface LetterReason {
  readonly cause: string
  readonly message: string
}

export const makeLetter = (
  { plan, log, partition }: Pick<PartitionContext, 'plan' | 'log' | 'partition'>,
  record: LogRecord,
  sink: string,
  project: string | undefined,
  { cause, message }: LetterReason,
  attempts = 1,
): DeadLetter => ({
  spout: plan.spout.name,
  topic: log.topic,
  partition,
  sink,
  record,
  project,
  cause,
  message,
  attempts,
})

/** Of a record that a bolt refused. */
export const reasonOf = (bolt: string, error: unknown): LetterReason => ({
  cause: error instanceof SpillwayError ? error.publicName : 'BoltError',
  message: `${bolt.includes(' ') ? '' : 'bolt '}${bolt}: ${messageOf(error)}`,
})

/** What people are told of it at once. */
export const letterLine = (letter: DeadLetter): LetterLine => {
  const { spout, topic, partition, record, project, cause, message } = letter
  const whose = project === undefined ? {} : { project }
  return { spout, topic, partition, offset: record.offset, ...whose, cause, message }
}
