/** What lanes, cursors and deletes of one partition share. */
import type { EventLog } from '../../model/ports/event-log.ts'
import type { Partition } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import type { SinkWriter } from '../../model/sink.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import type { AcceptedTokens } from './accepted-tokens.ts'
import type { DeleteTexts } from './delete-texts.ts'
import type { DeadLetter, EngineParts } from './engine-parts.ts'
import type { LedgerWriter } from './ledger-writer.ts'
import type { ListDeletes } from './list-deletes.ts'
import type { Pulse } from './pulse.ts'

export interface PartitionContext {
  readonly parts: EngineParts
  readonly plan: SpoutPlan
  readonly log: EventLog
  readonly partition: Partition
  readonly ledger: LedgerWriter
  /** What the listed deletes say. */
  readonly deletes: DeleteTexts
  /** Lists the delete records that lanes meet. */
  readonly listing: ListDeletes
  /** Name of the event store's sink, if the topology has one. */
  readonly eventStore: string | undefined
  readonly writers: ReadonlyMap<string, SinkWriter>
  /** What duplicates are told by. */
  readonly tokens: AcceptedTokens
  /** Aborts when the run ends at once; nothing that is under way is waited for. */
  readonly signal: AbortSignal
  /** Aborts as soon as a stop is asked for: ends waits for records that may never come. */
  readonly stopSignal: AbortSignal
  /** Beats when room was made, a lane moved, or the run is asked to stop. */
  readonly pulse: Pulse
  /** Whether no more records are read: a stop was asked for. */
  isStopping(): boolean
  /** Where `untilCaughtUp` ends; infinite otherwise. */
  readonly target: number
  noteDeadLetter(letter: DeadLetter): void
  /** A lane stopped with an error of class `stop`. */
  laneStopped(sink: string, error: unknown): void
  /** Whether the budget has room for another fetch. */
  hasCredit(bytes: number): boolean
  /** Lanes have taken something. */
  noteHeld(): void
  /** A batch was read, by whichever cursor; the outcome counts each record once. */
  noteRead(batch: RecordBatch): void
}
