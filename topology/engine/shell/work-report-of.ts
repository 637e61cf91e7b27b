/** The report of a process that runs lanes: what it has measured, and where its lanes stand. */
import type { WorkReport } from '../../model/work-report.ts'
import type { EngineParts } from './engine-parts.ts'
import type { LaneCredit } from './lane-credit.ts'
import type { PartitionLanes } from './partition-lanes.ts'

/** `worker`: 0 for the supervisor's own process. */
export const workReportOf = (
  parts: Pick<EngineParts, 'clock' | 'meters' | 'knob'>,
  worker: number,
  credit: LaneCredit,
  partitions: readonly Pick<PartitionLanes, 'reports' | 'tenantReports'>[],
): WorkReport => {
  const budgetBytes = parts.knob('memory.budgetBytes')
  const lanes = partitions.flatMap((one) => one.reports())
  const tenants = partitions.flatMap((one) => one.tenantReports())
  const told = { worker, heldBytes: credit.heldBytes, budgetBytes, lanes, tenants }
  if (parts.meters !== undefined) return parts.meters.report(told)
  const nothing = { pid: 0, startedAtMs: 0, rssBytes: 0, loopDelayMs: 0, stages: [], calls: [] }
  return { ...nothing, ...told, atMs: parts.clock.nowMs() }
}
