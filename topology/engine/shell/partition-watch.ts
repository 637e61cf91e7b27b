/**
 * Watches one partition for its supervisor: how far each lane is, how fast it reads, how old the next record is. Asks the
 * log only where a lane may be behind, so that a partition that is not costs nothing (I-9).
 */
import { partition as toPartition } from '../../model/position.ts'
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
// Between two looks: of a longer time nobody knows who stood still, the store or whoever looks.
const watchedMostMs = 2_000
// Of what was passed before, at each look: counts of workers are two or three looks late.
const reachKept = 0.75

interface SeenLane {
  readonly atMs: number
  readonly position: number
  readonly records: number
  /** Since the look before. */
  readonly taken: number
  /** Offsets that it has passed of late: places are told more often than counts. */
  readonly reach: number
  readonly speed: number | undefined
  /** Records that it takes, a second. */
  readonly taking: number | undefined
  /** How long its epoch was seen being written. */
  readonly writing: Writing | undefined
  /** When it was last known to stand at the end of the log. */
  readonly headAtMs: number
}

interface Writing {
  readonly sinceMs: number
  readonly lookedAtMs: number
  readonly watchedMs: number
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

  /** Whether some lane of a sink is there that has not been writing for so long. */
  isAlive(sink: string, stuckMs: number): boolean {
    return this.partition.reports().some(({ lane, phase }) => {
      if (this.partition.doc.lanes[lane]?.sink !== sink) return false
      return phase !== 'writing' || (this.#seen.get(lane)?.writing?.watchedMs ?? 0) < stuckMs
    })
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

  /** Whether permits hold some lane back, or may: they change without a word of the log. */
  get hasPermits(): boolean {
    return this.hasOthers || this.memory.held.size > 0
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
      // What was read before the partition was watched belongs to whoever watched it then.
      const taken = before === undefined && this.#seen.size === 0 ? 0 : now.taken
      hasRead ||= now.taken > 0
      const laneClass = laneClassOf(doc, lane)
      if (laneClass === 'backlog' || laneClass === 'replay') this.#behindRecords += taken
      const knownMs = Math.max(now.headAtMs, report?.positionMs ?? 0)
      const restMs = now.taken > 0 ? freshMs : Math.min(quietMs, afterMs / 4)
      isDue ||= (now.writing?.watchedMs ?? 0) >= patienceOf(doc, lane.sink, writingMs)
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
    this.#end = (await log.bounds(toPartition(partition))).end
    note(nowMs() - beganMs)
    const reports = this.#reports()
    for (const [id, one] of this.#seen) {
      const position = reports.get(id)?.position ?? one.position
      if (position >= this.#end) this.#seen = new Map(this.#seen).set(id, { ...one, headAtMs: beganMs })
    }
  }

  /** The same facts with the place where what came within `freshForMs` begins, if the log can say it. */
  async withFresh(facts: PartitionFacts, freshForMs: number): Promise<PartitionFacts> {
    const { log, partition } = this.partition
    const freshFrom = await log.offsetAt(toPartition(partition), facts.nowMs - freshForMs).catch(() => undefined)
    return freshFrom === undefined ? facts : { ...facts, freshFrom }
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
    { speed, taking, writing }: SeenLane,
    report: LaneReport | undefined,
    nowMs: number,
  ): Omit<LaneFacts, 'position' | 'lagEvents' | 'lagMs'> {
    const isOff = this.partition.isPaused(sink) || this.partition.hasFailed(sink) || report?.phase === 'stopped'
    const isWriting = report?.phase === 'writing' && report.phaseSinceMs === writing?.sinceMs
    const writingSinceMs = isWriting ? nowMs - writing.watchedMs : undefined
    const patience = patienceOf(this.partition.doc, sink, writingMs)
    return {
      isServed: !isOff && (writingSinceMs === undefined || nowMs - writingSinceMs < patience),
      ...(speed === undefined ? {} : { eventsPerSecond: speed }),
      ...(taking === undefined ? {} : { takenPerSecond: taking }),
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
  const records = report?.records ?? before?.records ?? 0
  const writing = seenWriting(before?.writing, report, nowMs)
  if (before === undefined) {
    const taken = Math.min(records, Math.max(0, position - at))
    const first = { atMs: nowMs, position, records, taken, reach: 0, headAtMs: 0 }
    return { ...first, writing, speed: undefined, taking: undefined }
  }
  const { headAtMs } = before
  const passedMs = nowMs - before.atMs
  if (passedMs < leastRateMs) return { ...before, taken: 0, writing }
  const passed = Math.max(0, position - before.position)
  const speed = smoothed(before.speed, passed, passedMs)
  const reach = passed + before.reach * reachKept
  const taken = takenSince(before, records, reach)
  const taking = smoothed(before.taking, taken, passedMs)
  return { atMs: nowMs, position, records, taken, reach, speed, taking, writing, headAtMs }
}

/**
 * Counts begin anew with each runner of a lane, and those of a runner that is gone may be told once more: nobody has taken
 * less than nothing, nor more than what the lane has passed.
 */
const takenSince = (before: SeenLane, records: number, reach: number): number =>
  Math.max(0, Math.min(records - before.records, Math.ceil(reach)))

/** A second. The last seconds count for more than one. */
const smoothed = (before: number | undefined, count: number, passedMs: number): number => {
  const rate = (count * 1_000) / passedMs
  return before === undefined ? rate : Math.max(rate, (rate + before) / 2)
}

/** Time in which nobody looked does not count: a process that was stopped would take all stores for stuck. */
const seenWriting = (
  before: Writing | undefined,
  report: LaneReport | undefined,
  nowMs: number,
): Writing | undefined => {
  if (report?.phase !== 'writing') return undefined
  const { phaseSinceMs: sinceMs } = report
  const isSame = before?.sinceMs === sinceMs
  const passedMs = nowMs - (isSame ? before.lookedAtMs : sinceMs)
  const seenMs = Math.max(0, Math.min(passedMs, watchedMostMs))
  return { sinceMs, lookedAtMs: nowMs, watchedMs: (isSame ? before.watchedMs : 0) + seenMs }
}
