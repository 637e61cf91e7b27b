/**
 * The lanes' side of one partition as its desk sees it: a runner in this process, or runners in workers. It follows the
 * document that the desk hands on, and proposes changes of it through the desk's ledger.
 */
import type { LanePermits } from '../../model/lane-permit.ts'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import type { Partition } from '../../model/position.ts'
import type { SpoutPlan } from '../../model/spout-plan.ts'
import type { LaneReport, TenantReport } from '../../model/work-report.ts'
import type { DeleteTexts } from './delete-texts.ts'
import type { PartitionHost } from './partition-host.ts'
import type { PartitionLedger } from './partition-ledger.ts'

/** What is known of a lane that somebody runs. */
export interface LaneView {
  readonly position: number
  /** It may still move. */
  readonly isActive: boolean
  readonly isPaused: boolean
  /** Nothing is collected or under way. */
  readonly isSettled: boolean
}

export interface PartitionLanes {
  /** By id. */
  readonly lanes: ReadonlyMap<number, LaneView>
  /** Whether nobody is to be waited for, should the run end now. */
  readonly isSettled: boolean
  /** The document is in line with log and topology: lanes begin. */
  start(): void
  follow(doc: LedgerDocument): void
  /** Reads on: others wait for what has come since. */
  raiseTarget(target: number): void
  /** Closes what is open and reads no more. */
  wake(): void
  /** Another process has the partition: what is collected is let go, what is declared goes on to its end. */
  leave(): void
  setPaused(sink: string, isPaused: boolean): void
  /** Deletes look for work again: one of them was paused or resumed. */
  wakeDeletes(): void
  setPermits(permits: LanePermits): void
  /** Who runs the lanes of a slot; `undefined` where no workers do, or none at this moment. */
  workerOf(slot: number): number | undefined
  reports(): readonly LaneReport[]
  tenantReports(): readonly TenantReport[]
  /** Stops at once; what is open is abandoned, which loses nothing. */
  close(): Promise<void>
}

/** What lanes of a partition are given. */
export interface LanesPlace {
  readonly host: PartitionHost
  readonly plan: SpoutPlan
  readonly log: EventLog
  readonly partition: Partition
  /** Where a run that ends by itself stops reading; infinite otherwise. */
  readonly target: number
  readonly ledger: PartitionLedger
  readonly deletes: DeleteTexts
}

export type OpenLanes = (place: LanesPlace) => Promise<PartitionLanes>
