/**
 * Permits for everything that is not live, over all partitions of a process: which ranges read now, how many, how fast.
 * Holds the probe, and what was seen of each range when it began.
 */
import type { LanePermit, LanePermits } from '../../model/lane-permit.ts'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { PartitionFacts } from '../catch-up/lane-facts.ts'
import { firstProbe, type ProbeState, probeStep } from '../catch-up/lane-probe.ts'
import { type BacklogOrder, type BacklogRange, planPermits, rampedLimit } from '../catch-up/plan-permits.ts'
import { replayRate } from '../catch-up/replay-rate.ts'
import { type PacedLane, shareReplayRates } from '../catch-up/share-replay-rates.ts'
import { laneClassOf } from '../lane-class.ts'
import type { EngineParts } from './engine-parts.ts'

/** A partition as it was seen at this look. */
export interface LookedAt {
  /** Spout and partition. */
  readonly key: string
  readonly facts: PartitionFacts
  /** Of lanes, from what holds for tenants. */
  readonly tenants: ReadonlyMap<number, Partial<LanePermit>>
  /** How long its log keeps records, ms; infinite: for ever. */
  readonly retentionMs: number
  /** Who reads a slot; `undefined`: nobody knows. */
  readonly workerOf: (slot: number) => number | undefined
}

export interface PermitLook {
  /** Of all partitions of the process, also of those that were not looked at. */
  readonly docs: readonly LedgerDocument[]
  readonly nowMs: number
  readonly workers: number
  /** Read by lanes that lie behind, since the process began. */
  readonly behindRecords: number
  readonly isStrained: boolean
  /** The run ends by itself: there is nothing that a limit would protect. */
  readonly isDraining: boolean
}

// What is done so soon needs its permit for one look only.
const soonMs = 2_000

const orders: readonly BacklogOrder[] = ['oldestFirst', 'newestFirst', 'smallestFirst']

export class BacklogPermits {
  readonly #parts: Pick<EngineParts, 'knob' | 'knobs'>
  readonly #startedMs: number
  #probe: ProbeState | undefined
  #oldest = new Map<string, number>()
  /** What lanes of replays with a rate were given, by partition and lane. */
  #paced: ReadonlyMap<string, number> = new Map()
  /** Ranges that may read, and those that might. */
  #used = { reading: 0, wanted: 0, limit: Number.POSITIVE_INFINITY }

  constructor(parts: Pick<EngineParts, 'knob' | 'knobs'>, nowMs: number) {
    this.#parts = parts
    this.#startedMs = nowMs
  }

  /** Ranges that may read at once now. */
  get limit(): number {
    return this.#used.limit
  }

  /** Whether more ranges may read than there are. */
  get hasIdle(): boolean {
    return this.#used.wanted < this.#used.limit
  }

  /** By partition: what each of its lanes may do. */
  plan(looks: readonly LookedAt[], look: PermitLook): ReadonlyMap<string, LanePermits> {
    const ranges = looks.flatMap((one) => this.#rangesOf(one))
    this.#oldest = new Map(ranges.map(({ range }) => [range.key, range.oldestMs]))
    const behind = ranges.filter(({ range }) => range.leftEvents > 0)
    const limit = this.#limitFor(behind.length, look)
    const permits = planPermits(
      ranges.map(({ range }) => range),
      {
        order: this.#order(),
        limit,
        recordsPerSecond: this.#parts.knob('backlog.recordsPerSecond'),
        replayShare: this.#parts.knob('replay.shareRatio'),
      },
    )
    const reading = behind.filter(({ range }) => permits.get(range.key)?.mayRead === true).length
    this.#used = { reading, wanted: behind.length, limit }
    const mayRead = new Set(
      ranges.flatMap(({ at, range }) =>
        permits.get(range.key)?.mayRead === true ? range.lanes.map((lane) => `${at} ${lane}`) : [],
      ),
    )
    this.#paced = shareReplayRates(look.docs, this.#pacedLanes(looks, mayRead))
    return new Map(
      looks.map((one) => {
        const own = new Map(
          ranges
            .filter(({ at }) => at === one.key)
            .flatMap(({ range }) => range.lanes.map((lane) => [lane, permits.get(range.key)!] as const)),
        )
        return [one.key, permitsOf(one, own, this.#paced)]
      }),
    )
  }

  #pacedLanes(looks: readonly LookedAt[], mayRead: ReadonlySet<string>): readonly PacedLane[] {
    return looks.flatMap(({ key: at, facts: { doc, lanes } }) =>
      [...lanes].flatMap(([id, { takenPerSecond: taken }]): readonly PacedLane[] => {
        const key = `${at} ${id}`
        const sink = doc.lanes[id]?.sink
        return sink === undefined || !mayRead.has(key) ? [] : [{ key, sink, given: this.#paced.get(key), taken }]
      }),
    )
  }

  /** For lanes that have just been made: so many of them read as the others leave room for, until the next look at all. */
  withNew(doc: LedgerDocument, before: LanePermits): LanePermits {
    const permits = new Map(before)
    const begun = new Set<number | null>()
    const room = this.#used.limit - this.#used.reading
    const rate = this.#parts.knob('backlog.recordsPerSecond') / Math.max(1, this.#used.reading + room)
    for (const [key, lane] of Object.entries(doc.lanes)) {
      const laneClass = laneClassOf(doc, lane)
      if (permits.has(Number(key)) || (laneClass !== 'backlog' && laneClass !== 'replay')) continue
      if (begun.size < room) begun.add(lane.to)
      const mayRead = begun.has(lane.to)
      const recordsPerSecond = Math.min(rate === 0 ? Number.POSITIVE_INFINITY : rate, replayRate(doc, lane))
      permits.set(Number(key), { laneClass, mayRead, recordsPerSecond: mayRead ? recordsPerSecond : 0 })
    }
    this.#used = { ...this.#used, reading: this.#used.reading + begun.size }
    return permits
  }

  #limitFor(wanted: number, { nowMs, workers, behindRecords, isStrained, isDraining }: PermitLook): number {
    const fixed = this.#parts.knob('backlog.activeLanes')
    if (isDraining && fixed === 0) return Number.POSITIVE_INFINITY
    this.#probe = probeStep(
      this.#probe ?? firstProbe(2 * workers, nowMs),
      { nowMs, records: behindRecords, wanted, isStrained },
      { probeMs: this.#parts.knob('backlog.probeMs'), most: 256, least: workers },
    )
    const limit = fixed > 0 ? fixed : this.#probe.limit
    return rampedLimit(limit, nowMs - this.#startedMs, this.#parts.knob('start.rampMs'), workers)
  }

  #order(): BacklogOrder {
    const word = this.#parts.knobs?.word('backlog.order')
    return orders.find((one) => one === word) ?? 'oldestFirst'
  }

  /** Lanes of the same end and tenants are one range, whichever sinks they are of. */
  #rangesOf(look: LookedAt): readonly { readonly at: string; readonly range: BacklogRange }[] {
    const { key, facts, retentionMs, workerOf } = look
    const { doc, nowMs } = facts
    const found = new Map<string, { range: BacklogRange; speed: number }>()
    for (const [id, one] of facts.lanes) {
      const lane = doc.lanes[id]
      if (lane === undefined || !one.isServed || doc.sinks[lane.sink]?.retired !== false) continue
      const laneClass = laneClassOf(doc, lane)
      if (laneClass !== 'backlog' && laneClass !== 'replay') continue
      const end = String(lane.to ?? '').padStart(16, '0')
      const name = `${key} ${laneClass} ${end} ${JSON.stringify(lane.tenants)}`
      const before = found.get(name)
      const lanes = [...(before?.range.lanes ?? []), id]
      const leftEvents = Math.max(before?.range.leftEvents ?? 0, one.lagEvents)
      const speed = Math.max(before?.speed ?? 0, one.eventsPerSecond ?? 0)
      const seenMs = one.lagMs === 0 ? 0 : nowMs - one.lagMs
      const oldestMs = before?.range.oldestMs || this.#oldest.get(name) || seenMs
      const guard = retentionMs * this.#parts.knob('retention.guardRatio')
      const isRetentionNear = before?.range.isRetentionNear === true || one.lagMs > guard
      const isNearlyDone = (leftEvents * 1_000) / speed < soonMs
      const whose = { place: `${key} ${lane.slot}`, worker: workerOf(lane.slot) }
      const left = { oldestMs, leftEvents, isNearlyDone, isRetentionNear }
      const range = { key: name, lanes, laneClass, ...whose, ...left }
      found.set(name, { range, speed })
    }
    return [...found.values()].map(({ range }) => ({ at: key, range }))
  }
}

type RangePermit = Pick<LanePermit, 'mayRead' | 'recordsPerSecond'>

/** A lane is held by whoever holds it most. */
const permitsOf = (
  { key, facts, tenants }: LookedAt,
  ranges: ReadonlyMap<number, RangePermit>,
  paced: ReadonlyMap<string, number>,
): LanePermits => {
  const permits = new Map<number, LanePermit>()
  for (const id of facts.lanes.keys()) {
    const lane = facts.doc.lanes[id]
    if (lane === undefined) continue
    const own = ranges.get(id)
    const rule = tenants.get(id)
    permits.set(id, {
      laneClass: laneClassOf(facts.doc, lane),
      mayRead: (own?.mayRead ?? true) && (rule?.mayRead ?? true),
      recordsPerSecond: Math.min(
        own?.recordsPerSecond ?? Number.POSITIVE_INFINITY,
        rule?.recordsPerSecond ?? Number.POSITIVE_INFINITY,
        paced.get(`${key} ${id}`) ?? Number.POSITIVE_INFINITY,
      ),
    })
  }
  return permits
}
