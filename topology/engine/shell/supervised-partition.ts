/** A partition as the supervisor of lanes sees it, whoever runs them. */
import type { LanePermits } from '../../model/lane-permit.ts'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import type { LaneReport, TenantReport } from '../../model/work-report.ts'
import type { Proposal } from '../ledger/proposal.ts'
import type { Verdict } from './ledger-writer.ts'

export interface SupervisedPartition {
  readonly spout: string
  readonly partition: number
  readonly log: EventLog
  readonly doc: LedgerDocument
  propose(proposal: Proposal): Promise<Verdict>
  setPermits(permits: LanePermits): void
  reports(): readonly LaneReport[]
  tenantReports(): readonly TenantReport[]
  /** Who runs the lanes of a slot; `undefined` where no workers do, or none at this moment. */
  workerOf(slot: number): number | undefined
  isPaused(sink: string): boolean
  hasFailed(sink: string): boolean
}
