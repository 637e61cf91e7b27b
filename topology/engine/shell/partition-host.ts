/** What the supervisor of a run tells each of its partitions, and hears from them. */
import type { LaneClass } from '../../model/lane-permit.ts'
import type { LetterLine } from '../workers/messages.ts'
import type { IsHeld } from './held-work.ts'
import type { LaneHolder } from './lane-credit.ts'
import type { Marks } from './marks.ts'
import type { CountedRange } from './read-tally.ts'
import type { Turns } from './turns.ts'

export interface PartitionHost {
  readonly signal: AbortSignal
  readonly stopSignal: AbortSignal
  isStopping(): boolean
  /** Of the process that runs the lanes. */
  readonly turns: Turns
  /** Absent: nobody would survive what records do here. */
  readonly marks?: Marks
  isPaused(sink: string): boolean
  /** Whether the sink has stopped with an error. */
  hasFailed(sink: string): boolean
  /** Whether a person holds what a sink, or a lane of some tenants, would read, so that the run does not wait for it. */
  readonly isHeld?: IsHeld
  /** Whether work on the delete of this request or job waits. */
  isDeletePaused(id: string): boolean
  hasCredit(bytes: number, laneClass: LaneClass): boolean
  /** What lanes of a partition hold has changed. */
  noteHeld(holder: LaneHolder): void
  noteRead(counted: CountedRange): void
  noteDeadLetter(letter: LetterLine): void
  sinkStopped(sink: string, error: unknown): void
  changed(): void
}
