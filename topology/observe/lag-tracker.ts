/**
 * Lag of each lane as people ask for it: events, bytes and time, how fast it shrinks, when it will be gone, and when the
 * log drops what is not read. Keeps what was seen in the last minutes; everything else is handed in.
 *
 * Lag counts from the position read. Events are counted by offsets, so a lane that passes over records of others counts
 * those that it has to pass as well.
 */
import { lanePosition } from '../engine/ledger/document.ts'
import type { LaneState, LedgerDocument } from '../model/ledger-document.ts'
import type { LagLine, TenantRuleLine } from '../model/run-snapshot.ts'
import type { LaneReport } from '../model/work-report.ts'
import { type Backlog, type DrainRate, type EtaRange, laterOf, partOf, wholeOf } from './eta-range.ts'
import { etaFromWindows } from './eta-windows.ts'
import { bytesEachOf, figuresOf, type LaneCount, timesOf, unreadMsOf } from './lag-figures.ts'
import { laneRule } from './lane-rule.ts'
import type { PartitionCurve } from './partition-curve.ts'
import { RateWindow } from './rate-window.ts'

/** A partition as its owner, or a reader of the ledger, sees it. */
export interface ObservedPartition {
  readonly spout: string
  readonly topic: string
  readonly partition: number
  readonly doc: LedgerDocument
  /** One behind the last record. */
  readonly end: number
  readonly curve: PartitionCurve
  /** How long the log keeps a record; absent: for ever. */
  readonly retentionMs?: number | undefined
}

type PartitionCount = 'end' | 'bytes'
/** What all lanes of a branch have read, and what has come in for them. */
type BranchCount = 'read' | 'readBytes' | 'come' | 'comeBytes' | 'left'

// Nothing is told about how it goes on before so much was seen.
const leastSeenMs = 3_000
// Nobody calls it behind who is no later.
const followingMs = 10_000
// A branch drains as fast as it did for so long.
const drainMs = 10_000
// What has grown for so long has no end, whatever was read of it.
const growingMs = 300_000

interface Watched {
  readonly window: RateWindow<LaneCount>
  /** Somebody reads it and tells. */
  readonly isTold: boolean
}

interface Seen {
  readonly line: LagLine
  readonly place: ObservedPartition
  readonly window: RateWindow<LaneCount>
  readonly isOpen: boolean
  /** Nothing waits in it but what has come since somebody looked. */
  readonly isFollowing: boolean
  /** What a person has decided about its tenants, where it reads these alone. */
  readonly rule: TenantRuleLine['rule'] | undefined
  /** What is left of its own, where that is known; what it passes over costs next to nothing. */
  readonly left: Backlog
  /** Of what comes, its own part. */
  readonly share: number
  /** Read since the last time, of its own. */
  readonly read: Backlog
  /** Bytes of a record around where it reads. */
  readonly bytesEach: number
}

const shareMs = 60_000

export class LagTracker {
  readonly #lanes = new Map<string, Watched>()
  readonly #ends = new Map<string, RateWindow<PartitionCount>>()
  /** What has come in since the last time, by partition. Bytes are unknown where nobody has looked. */
  readonly #come = new Map<string, { readonly events: number; readonly bytes: number | undefined }>()
  readonly #branches = new Map<string, RateWindow<BranchCount>>()
  #hasLooked = false
  /** Of each branch, as told last. */
  #etas = new Map<string, EtaRange | null>()

  /** When the lag of a branch will be gone; `null`: not at this rate. */
  etaOf(branch: string): EtaRange | null {
    return this.#etas.get(branch) ?? null
  }

  /** Events of a branch that were read of what lies behind, a second, in the last seconds. */
  drainOf(branch: string): number {
    return Math.max(0, this.#branches.get(branch)?.perSecond('read', drainMs) ?? 0)
  }

  /** Called about once a second. `reports`: by `laneKeyOf`; a lane without one is read by nobody. */
  observe(
    places: readonly ObservedPartition[],
    reports: ReadonlyMap<string, LaneReport>,
    nowMs: number,
    rules: readonly TenantRuleLine[] = [],
  ): readonly LagLine[] {
    const seen: Seen[] = []
    for (const place of places) {
      this.#noteEnd(place, nowMs)
      for (const [id, lane] of Object.entries(place.doc.lanes)) {
        if (place.doc.sinks[lane.sink]?.retired !== false) continue
        const report = reports.get(laneKeyOf(place.spout, place.partition, Number(id)))
        seen.push({ ...this.#lane(place, Number(id), lane, report, nowMs), rule: laneRule(lane, rules) })
      }
    }
    const lines: LagLine[] = []
    this.#etas = new Map()
    for (const [branch, own] of Map.groupBy(seen, ({ line }) => line.branch))
      lines.push(...this.#withEtas(branch, own, nowMs))
    this.#forget(seen, places)
    this.#hasLooked = seen.length > 0
    return lines
  }

  /** Records and bytes that come in a second, of a partition. */
  inflow(place: Pick<ObservedPartition, 'spout' | 'partition'>, ms: number): { events: number; bytes: number } {
    const window = this.#ends.get(partitionKeyOf(place))
    return { events: window?.perSecond('end', ms) ?? 0, bytes: window?.perSecond('bytes', ms) ?? 0 }
  }

  #noteEnd(place: ObservedPartition, nowMs: number): void {
    const { curve, end } = place
    curve.noteEnd(end, nowMs)
    const window = getOrMake(this.#ends, partitionKeyOf(place), () => new RateWindow<PartitionCount>(['end']))
    const before = window.last
    const bytes = before === undefined ? 0 : curve.bytesBetween(before.end, end)
    this.#come.set(partitionKeyOf(place), { events: Math.max(0, end - (before?.end ?? end)), bytes })
    window.note(nowMs, { end, bytes: (before?.bytes ?? 0) + (bytes ?? 0) })
  }

  #lane(
    place: ObservedPartition,
    id: number,
    lane: LaneState,
    report: LaneReport | undefined,
    nowMs: number,
  ): Omit<Seen, 'rule'> {
    const { end, curve } = place
    const position = Math.max(lanePosition(lane), report?.position ?? 0)
    const to = Math.min(lane.to ?? end, end)
    const [isOpen, lag] = [lane.to === null, Math.max(0, to - position)]
    const window = this.#windowOf(laneKeyOf(place.spout, place.partition, id), report !== undefined)
    const before = window.last
    const appendMs = report?.positionMs ?? curve.appendMsAt(position) ?? 0
    const lagBytes = curve.bytesBetween(position, to) ?? lag * bytesEachOf(window)
    const records = curve.recordsOf(lane.tenants, position, to)
    const isPart = lane.tenants.kind !== 'all' && records !== undefined && report !== undefined
    // Who follows the log reads what lies at its end.
    const bytesEach = lag === 0 ? (curve.bytesBetween(end - 1, end) ?? bytesEachOf(window)) : lagBytes / lag
    const left = isPart ? { events: records, bytes: records * bytesEach } : { events: lag, bytes: lagBytes }
    const own = isPart ? report.records : position
    window.note(nowMs, { position, bytes: report?.bytes ?? 0, own, lag, appendMs })
    // A lane that was made since the last look has read all that its runner has.
    const last =
      before ?? (this.#hasLooked ? { position: position - (report?.records ?? 0), bytes: 0, own: 0 } : undefined)
    const read = isPart
      ? { events: grown(last?.own, own), bytes: grown(last?.own, own) * bytesEach }
      : { events: grown(last?.position, position), bytes: grown(last?.bytes, report?.bytes) }
    const share = isPart && isOpen ? this.#shareOf(place, lane.tenants) : 1
    const unreadMs = lag === 0 ? undefined : unreadMsOf(curve, position, report)
    const knownMs = curve.reaches(position) ? unreadMs : report?.positionMs
    const isEven = lag === 0 || (knownMs !== undefined && nowMs - knownMs < followingMs)
    const line = { ...figuresOf(place, id, lane, window), ...timesOf(place, unreadMs, report, nowMs) }
    const heldEvents = Math.max(0, position - lane.at)
    const counts = { lagEvents: lag, lagBytes: lag === 0 ? 0 : Math.round(lagBytes), heldEvents }
    return {
      line: { ...line, ...counts, ownEvents: Math.round(left.events) },
      ...{ place, window, isOpen, isFollowing: isOpen && isEven, left, share, read, bytesEach },
    }
  }

  /** Of what comes in, the part of these tenants: over a minute, or a burst of the others would hide who sends most. */
  #shareOf(place: ObservedPartition, tenants: LaneState['tenants']): number {
    const { curve, end } = place
    const come = Math.max(1, Math.round((this.inflow(place, shareMs).events * shareMs) / 1_000))
    return (curve.recordsOf(tenants, Math.max(0, end - come), end) ?? come) / come
  }

  /** What nobody has told is not compared with what somebody tells. */
  #windowOf(key: string, isTold: boolean): RateWindow<LaneCount> {
    const known = this.#lanes.get(key)
    if (known?.isTold === isTold) return known.window
    const window = new RateWindow<LaneCount>(['position', 'bytes'])
    this.#lanes.set(key, { window, isTold })
    return window
  }

  #withEtas(branch: string, own: readonly Seen[], nowMs: number): readonly LagLine[] {
    // Who is blocked waits for a person, and nobody waits for them.
    const free = own.filter(({ rule }) => rule !== 'block')
    // A report is some moments old, and what has come since is no backlog.
    const behind = free.filter(({ line, isFollowing }) => line.lagEvents > 0 && !isFollowing)
    const together = this.#branchEta(branch, free, nowMs)
    const etas = new Map(behind.map((one) => [one, this.#laneEta(one)]))
    const ends = (isLimited: boolean): readonly EtaRange[] =>
      [...etas].flatMap(([{ rule }, eta]) => (eta !== null && (rule === 'limit') === isLimited ? [eta] : []))
    // A limit is not lifted when others have ended.
    const whole = together === null ? null : ends(true).reduce(laterOf, wholeOf(together, ends(false)))
    const isDone = behind.length === 0 && free.length > 0
    this.#etas.set(branch, isDone ? [0, 0] : whole)
    return own.map((one): LagLine => {
      const eta = etas.get(one) ?? null
      const isEven = one.isFollowing && one.rule !== 'block'
      if (one.line.lagEvents === 0 || isEven) return { ...one.line, etaMs: [0, 0] }
      if (one.rule === 'block') return { ...one.line, etaMs: null, isBlocked: true }
      if (one.rule === 'limit') return { ...one.line, etaMs: eta }
      // A lane that reads nothing waits for others, and ends when all do.
      return { ...one.line, etaMs: eta === null || whole === null ? (eta ?? whole) : partOf(eta, whole) }
    })
  }

  /** By its own rate. */
  #laneEta({ place, window, isOpen, left, share }: Seen): EtaRange | null {
    if (window.spanMs < leastSeenMs) return null
    const bytesEach = left.events === 0 ? 0 : left.bytes / left.events
    return etaFromWindows(left, {
      rateOver: (ms) => {
        const come = isOpen ? this.inflow(place, ms) : { events: 0, bytes: 0 }
        const eventsPerSecond = window.perSecond('own', ms) ?? 0
        return {
          eventsPerSecond,
          bytesPerSecond: share === 1 ? (window.perSecond('bytes', ms) ?? 0) : eventsPerSecond * bytesEach,
          inflowEventsPerSecond: come.events * share,
          inflowBytesPerSecond: come.bytes * share,
        }
      },
      stretches: (ms) => window.stretches('own', ms),
    })
  }

  /** By what all its lanes read together, against all that comes in. */
  #branchEta(branch: string, own: readonly Seen[], nowMs: number): EtaRange | null {
    const window = getOrMake(this.#branches, branch, () => new RateWindow<BranchCount>([]))
    const counts = { ...(window.last ?? { read: 0, readBytes: 0, come: 0, comeBytes: 0, left: 0 }) }
    const left = { events: 0, bytes: 0 }
    for (const one of own) {
      left.events += one.left.events
      left.bytes += one.left.bytes
      const come = this.#comeOf(one)
      // Who follows the log takes what comes for it out of the account: what it gains is left.
      const isFollowing = one.isOpen && one.line.lagMs < followingMs
      counts.read += one.read.events - (isFollowing ? come.events : 0)
      counts.readBytes += isFollowing ? (one.read.events - come.events) * one.bytesEach : one.read.bytes
      counts.come += isFollowing ? 0 : come.events
      counts.comeBytes += isFollowing ? 0 : come.bytes
    }
    window.note(nowMs, { ...counts, left: left.events })
    if (window.spanMs < leastSeenMs) return null
    const isLate = own.some(({ line }) => line.lagEvents > 0 && line.lagMs >= followingMs)
    if (isLate && (window.perSecond('left', growingMs) ?? 0) > 0) return null
    const perSecond = (name: BranchCount, ms: number): number => window.perSecond(name, ms) ?? 0
    return etaFromWindows(left, {
      rateOver: (ms): DrainRate => ({
        eventsPerSecond: perSecond('read', ms),
        bytesPerSecond: perSecond('readBytes', ms),
        inflowEventsPerSecond: perSecond('come', ms),
        inflowBytesPerSecond: perSecond('comeBytes', ms),
      }),
      stretches: (ms) => window.stretches('read', ms),
    })
  }

  /** Of what has come in since the last time, its own part. */
  #comeOf({ isOpen, place, share, bytesEach }: Seen): Backlog {
    const come = isOpen ? this.#come.get(partitionKeyOf(place)) : undefined
    const events = come?.events ?? 0
    return { events: events * share, bytes: (come?.bytes ?? events * bytesEach) * share }
  }

  #forget(seen: readonly Seen[], places: readonly ObservedPartition[]): void {
    keepOnly(this.#lanes, new Set(seen.map(({ line }) => laneKeyOf(line.spout, line.partition, line.lane))))
    const partitions = new Set(places.map(partitionKeyOf))
    keepOnly(this.#ends, partitions)
    keepOnly(this.#come, partitions)
    keepOnly(this.#branches, new Set(seen.map(({ line }) => line.branch)))
  }
}

export const laneKeyOf = (spout: string, partition: number, lane: number): string => `${spout}/${partition}/${lane}`

const partitionKeyOf = ({ spout, partition }: Pick<ObservedPartition, 'spout' | 'partition'>): string =>
  `${spout}/${partition}`

/** Who has begun to count anew has read nothing since. */
const grown = (before: number | undefined, now: number | undefined): number =>
  before === undefined || now === undefined ? 0 : Math.max(0, now - before)

const getOrMake = <Value>(map: Map<string, Value>, key: string, make: () => Value): Value => {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

const keepOnly = (map: Map<string, unknown>, keys: ReadonlySet<string>): void => {
  for (const key of map.keys()) if (!keys.has(key)) map.delete(key)
}
