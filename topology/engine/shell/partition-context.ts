/** What lanes, cursors and deletes of one partition share. */
import type { LaneClass } from '../../model/lane-permit.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import type { Partition } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import type { SinkWriter } from '../../model/sink.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import type { AcceptedTokens } from './accepted-tokens.ts'
import type { DeleteTexts } from './delete-texts.ts'
import type { DeadLetter, EngineParts } from './engine-parts.ts'
import type { LanePermitsHolder } from './lane-permits.ts'
import type { ListDeletes } from './list-deletes.ts'
import type { Marks } from './marks.ts'
import type { PartitionLedger } from './partition-ledger.ts'
import type { Pulse } from './pulse.ts'
import type { TenantMeter } from './tenant-meter.ts'
import type { Turns } from './turns.ts'

export interface PartitionContext {
  readonly parts: EngineParts
  readonly plan: SpoutPlan
  readonly log: EventLog
  readonly partition: Partition
  readonly ledger: PartitionLedger
  /** Shares of the process between classes of work. */
  readonly turns?: Turns
  /** What each lane may do now. */
  readonly permits?: LanePermitsHolder
  /** Where records are marked before they are processed. Absent: nobody would survive what they do. */
  readonly marks?: Marks
  /** What the listed deletes say. */
  readonly deletes: DeleteTexts
  /** Lists the delete records that lanes meet. */
  readonly listing: ListDeletes
  /** Name of the event store's sink, if the topology has one. */
  readonly eventStore: string | undefined
  readonly writers: ReadonlyMap<string, SinkWriter>
  /** Who causes the work. Absent: nobody asks. */
  readonly tenants?: TenantMeter
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
  /** Whether the budget has room for another fetch, for lanes of the class. */
  hasCredit(bytes: number, laneClass: LaneClass): boolean
  /** Lanes have taken something. */
  noteHeld(): void
  /** A batch was read, by whichever cursor; the outcome counts each record once. */
  noteRead(batch: RecordBatch): void
}
