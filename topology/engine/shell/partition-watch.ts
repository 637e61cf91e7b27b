/**
 * Watches one partition for its supervisor: how far each lane is, how fast it reads, how old the next record is. Asks the
 * log only where a lane may be behind, so that a partition that is not costs nothing (I-9).
 */
import type { LaneReport } from '../../model/work-report.ts'
import type { LaneFacts, PartitionFacts } from '../catch-up/lane-facts.ts'
import { patienceOf } from '../catch-up/plan-unstuck.ts'
import { laneClassOf } from '../lane-class.ts'
import { noTenantMemory, type TenantMemory } from '../tenants/tenant-memory.ts'
import { TenantRates } from '../tenants/tenant-rates.ts'
import { NextRecords } from './next-records.ts'
import type { SupervisedPartition } from './supervised-partition.ts'

// Younger than that nobody calls it behind.
const freshMs = 400
// How long the word of the log that nothing is behind holds for a lane that reads nothing.
const quietMs = 5_000
// A rate over less says little.
const leastRateMs = 500
// Longer than an epoch takes to be written by a store in good health.
const writingMs = 10_000

interface SeenLane {
  readonly atMs: number
  readonly position: number
  readonly records: number
  readonly speed: number | undefined
  /** When it was last known to stand at the end of the log. */
  readonly headAtMs: number
}

/** How long a log took to answer. */
export type NoteLatency = (ms: number) => void

export class PartitionWatch {
  readonly partition: SupervisedPartition
  readonly rates: TenantRates
  /** What the planner of tenants remembers. */
  memory: TenantMemory = noTenantMemory
  /** A proposal of the last look is still under way. */
  isProposing = false
  readonly #next: NextRecords
  #seen: ReadonlyMap<number, SeenLane> = new Map()
  #end = 0
  #isDue = true
  /** Read by lanes that lie behind, since the partition is watched. */
  #behindRecords = 0

  constructor(partition: SupervisedPartition, windowMs: () => number) {
    this.partition = partition
    this.rates = new TenantRates(windowMs)
    this.#next = new NextRecords(partition)
  }

  get behindRecords(): number {
    return this.#behindRecords
  }

  /** Whether some lane may be behind: the log has to be asked. */
  get isDue(): boolean {
    return this.#isDue
  }

  /** Whether it has lanes that are not live: they have permits. */
  get hasOthers(): boolean {
    const { doc } = this.partition
    return Object.values(doc.lanes).some((lane) => laneClassOf(doc, lane) !== 'live')
  }

  /** Takes the reports of this moment. */
  see(nowMs: number, afterMs: number): void {
    const { doc } = this.partition
    const reports = new Map(this.partition.reports().map((one) => [one.lane, one]))
    const seen = new Map<number, SeenLane>()
    let isDue = false
    let hasRead = false
    for (const [key, lane] of Object.entries(doc.lanes)) {
      const id = Number(key)
      const report = reports.get(id)
      const before = this.#seen.get(id)
      const now = seenLane(before, report, lane.at, nowMs)
      seen.set(id, now)
      const read = Math.max(0, now.records - (before?.records ?? 0))
      hasRead ||= read > 0
      const laneClass = laneClassOf(doc, lane)
      if (laneClass === 'backlog' || laneClass === 'replay') this.#behindRecords += read
      const knownMs = Math.max(now.headAtMs, report?.positionMs ?? 0)
      const restMs = read > 0 ? freshMs : Math.min(quietMs, afterMs / 4)
      isDue ||= report?.phase === 'writing' && nowMs - report.phaseSinceMs >= patienceOf(doc, lane.sink, writingMs)
      isDue ||= nowMs - knownMs > freshMs && nowMs - now.headAtMs > restMs
    }
    this.#seen = seen
    this.#isDue = isDue
    if (hasRead) this.rates.add(this.partition.tenantReports(), nowMs)
  }

  /** Where the log ends now, and with it which lanes stand there. */
  async ask(nowMs: () => number, note: NoteLatency): Promise<void> {
    const { log, partition } = this.partition
    const beganMs = nowMs()
    this.#end = (await log.bounds(partition as Parameters<typeof log.bounds>[0])).end // it is one of this log's
    note(nowMs() - beganMs)
    const reports = this.#reports()
    for (const [id, one] of this.#seen) {
      const position = reports.get(id)?.position ?? one.position
      if (position >= this.#end) this.#seen = new Map(this.#seen).set(id, { ...one, headAtMs: beganMs })
    }
  }

  async facts(nowMs: number): Promise<PartitionFacts> {
    const { doc } = this.partition
    const reports = this.#reports()
    const positions: number[] = []
    const lanes = new Map<number, LaneFacts>()
    for (const [id, one] of this.#seen) {
      const lane = doc.lanes[id]
      if (lane === undefined) continue
      const report = reports.get(id)
      const position = report?.position ?? one.position
      positions.push(position)
      const end = Math.max(position, Math.min(lane.to ?? this.#end, Math.max(this.#end, position)))
      const lagEvents = end - position
      // What it has read last is a little older than what comes next; a lane that nobody reads has to be looked up.
      const appendMs = lagEvents === 0 ? undefined : (report?.positionMs ?? (await this.#next.appendMsAt(position)))
      const lagMs = appendMs === undefined ? 0 : Math.max(0, nowMs - appendMs)
      lanes.set(id, { position, lagEvents, lagMs, ...this.#stateOf(lane.sink, one, report, nowMs) })
    }
    this.#next.forgetBut(positions)
    return { doc, nowMs, end: this.#end, lanes, tenants: this.rates.rates(nowMs) }
  }

  #stateOf(
    sink: string,
    { speed }: SeenLane,
    report: LaneReport | undefined,
    nowMs: number,
  ): Pick<LaneFacts, 'isServed' | 'eventsPerSecond' | 'writingSinceMs' | 'stuckTenant'> {
    const isOff = this.partition.isPaused(sink) || this.partition.hasFailed(sink) || report?.phase === 'stopped'
    const writingSinceMs = report?.phase === 'writing' ? report.phaseSinceMs : undefined
    const patience = patienceOf(this.partition.doc, sink, writingMs)
    return {
      isServed: !isOff && (writingSinceMs === undefined || nowMs - writingSinceMs < patience),
      ...(speed === undefined ? {} : { eventsPerSecond: speed }),
      ...(writingSinceMs === undefined ? {} : { writingSinceMs }),
      ...(report?.stuckTenant === undefined ? {} : { stuckTenant: report.stuckTenant }),
    }
  }

  #reports(): ReadonlyMap<number, LaneReport> {
    return new Map(this.partition.reports().map((one) => [one.lane, one]))
  }
}

const seenLane = (
  before: SeenLane | undefined,
  report: LaneReport | undefined,
  at: number,
  nowMs: number,
): SeenLane => {
  const position = report?.position ?? at
  const records = report?.records ?? 0
  if (before === undefined) return { atMs: nowMs, position, records, speed: undefined, headAtMs: 0 }
  const { headAtMs } = before
  const passedMs = nowMs - before.atMs
  if (passedMs < leastRateMs) return { ...before, records: Math.max(records, before.records) }
  const speed = (Math.max(0, position - before.position) * 1_000) / passedMs
  // The last seconds count for more than one.
  const smooth = before.speed === undefined ? speed : Math.max(speed, (speed + before.speed) / 2)
  return { atMs: nowMs, position, records, speed: smooth, headAtMs }
}
