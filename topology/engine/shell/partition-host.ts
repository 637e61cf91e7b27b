/** What the supervisor of a run tells each of its partitions, and hears from them. */
import type { DeadLetter } from './engine-parts.ts'
import type { LaneHolder } from './lane-credit.ts'

export interface PartitionHost {
  readonly signal: AbortSignal
  readonly stopSignal: AbortSignal
  isStopping(): boolean
  isPaused(sink: string): boolean
  /** Whether work on the delete of this request or job waits. */
  isDeletePaused(id: string): boolean
  hasCredit(bytes: number): boolean
  /** What lanes of a partition hold has changed. */
  noteHeld(holder: LaneHolder): void
  noteRead(records: number, bytes: number): void
  noteDeadLetter(letter: DeadLetter): void
  sinkStopped(sink: string, error: unknown): void
  changed(): void
}
