/** A partition as the supervisor of lanes sees it, whose reports a test tells; and one look after the other at it. */
import { createMemoryLog, createVirtualClock } from 'spillway/testing'
import { PartitionWatch } from '../../../topology/engine/shell/partition-watch.ts'
import type { SupervisedPartition } from '../../../topology/engine/shell/supervised-partition.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { LaneReport } from '../../../topology/model/work-report.ts'

export const lookedFromMs: number = Date.UTC(2026, 0, 1)

export class GivenLane {
  readonly clock = createVirtualClock(lookedFromMs)
  /** Absent: its worker has not told anything. */
  report: LaneReport | undefined
  readonly partition: SupervisedPartition
  readonly watch: PartitionWatch

  constructor(doc: LedgerDocument) {
    const log = createMemoryLog({ clock: this.clock, partitions: 1 })
    this.partition = {
      ...{ spout: 'events', partition: 0, log, doc, isPaused: () => false, hasFailed: () => false },
      propose: async () => ({ kind: 'unknown', doc }),
      setPermits: () => undefined,
      reports: () => (this.report === undefined ? [] : [this.report]),
      tenantReports: () => [],
      workerOf: () => undefined,
    }
    this.watch = new PartitionWatch(this.partition, () => 10_000)
  }

  tell(position: number, records: number, more: Partial<LaneReport> = {}): void {
    const place = { spout: 'events', partition: 0, lane: 0, positionMs: lookedFromMs - 3_600_000 }
    this.report = { ...place, position, records, bytes: records, phase: 'reading', phaseSinceMs: lookedFromMs, ...more }
  }

  /** What the planners are given after so long. */
  async look(afterMs = 500): Promise<Awaited<ReturnType<PartitionWatch['facts']>>> {
    this.clock.advance(afterMs)
    this.watch.see(this.clock.nowMs(), 300_000)
    return this.watch.facts(this.clock.nowMs())
  }
}
