/**
 * The state of each branch by itself: one that fails, waits or stands still says so, and the others are not asked. Lag
 * is told apart from freshness: a branch whose live lanes follow the log is fresh, whatever drains beside them.
 */
import { addCounters, noCounters } from '../engine/ledger/document.ts'
import type { WaitingFor } from '../model/run-handle.ts'
import type { BranchLine, BranchState, LagLine } from '../model/run-snapshot.ts'
import type { LaneReport } from '../model/work-report.ts'
import { isAwaited } from './lag-figures.ts'
import { type LagTracker, laneKeyOf, type ObservedPartition } from './lag-tracker.ts'

export interface BranchFacts {
  readonly nowMs: number
  readonly places: readonly ObservedPartition[]
  readonly lag: readonly LagLine[]
  readonly reports: ReadonlyMap<string, LaneReport>
  readonly drain: Pick<LagTracker, 'etaOf' | 'drainOf'>
  readonly isPaused: (sink: string) => boolean
  /** Why a sink has stopped, where it has. */
  readonly failureOf: (sink: string) => string | undefined
  readonly waitingFor: readonly WaitingFor[]
  readonly stallAfterMs: number
  /** From which lag on people hear of it. */
  readonly lateMs: number
}

/** What of a branch has moved, and when. */
interface Progress {
  readonly mark: string
  readonly sinceMs: number
  /** The epoch that is declared, and since when it is. */
  readonly epoch: string
  readonly epochSinceMs: number
}

interface Found {
  readonly state: BranchState
  readonly reason: string
}

// What is repeated and then succeeds within this time is no news.
const patientMs = 2_000
// Many large objects of one epoch may honestly take so many times as long as rows.
const objectsPatience = 4
const busy: ReadonlySet<LaneReport['phase']> = new Set(['declaring', 'revising', 'writing', 'committing', 'restarting'])

export class BranchWatch {
  /** By lane: where it was, and since when it is there. */
  #lanes = new Map<string, Progress>()
  #states = new Map<string, { readonly state: BranchState; readonly sinceMs: number }>()
  /** When a branch has committed last, also in lanes that have ended since. */
  #committed = new Map<string, number>()

  lines(facts: BranchFacts): readonly Omit<BranchLine, 'counted'>[] {
    this.#noteProgress(facts)
    const names = [...new Set(facts.places.flatMap(({ doc }) => Object.keys(doc.sinks)))]
    const served = names.filter((name) => facts.places.some(({ doc }) => doc.sinks[name]?.retired === false))
    const states = new Map(this.#states)
    this.#states = new Map()
    return served.map((branch) => {
      const found = this.#stateOf(branch, facts)
      const before = states.get(branch)
      const sinceMs = before?.state === found.state ? before.sinceMs : facts.nowMs
      this.#states.set(branch, { state: found.state, sinceMs })
      const line = lineOf(branch, facts)
      const committedAtMs = Math.max(line.committedAtMs, this.#committed.get(branch) ?? 0)
      this.#committed.set(branch, committedAtMs)
      return { ...line, ...found, sinceMs, committedAtMs }
    })
  }

  /** A lane moves when it reads, or commits. */
  #noteProgress({ places, reports, nowMs }: BranchFacts): void {
    const lanes = new Map<string, Progress>()
    for (const { spout, partition, doc } of places) {
      for (const [id, { at, declared }] of Object.entries(doc.lanes)) {
        const key = laneKeyOf(spout, partition, Number(id))
        const mark = `${at} ${declared} ${reports.get(key)?.position}`
        const epoch = `${at} ${declared}`
        const before = this.#lanes.get(key)
        const sinceMs = before?.mark === mark ? before.sinceMs : nowMs
        lanes.set(key, { mark, sinceMs, epoch, epochSinceMs: before?.epoch === epoch ? before.epochSinceMs : nowMs })
      }
    }
    this.#lanes = lanes
  }

  #stateOf(branch: string, facts: BranchFacts): Found {
    const own = facts.lag.filter((line) => line.branch === branch)
    const failure = facts.failureOf(branch)
    if (failure !== undefined) return { state: 'failed', reason: failure }
    if (facts.isPaused(branch)) return { state: 'paused', reason: 'paused by a person; the log keeps what comes' }
    const waiting = waitOf(branch, facts)
    if (waiting !== undefined) return { state: 'waiting', reason: waiting }
    return (
      this.#stall(own, facts) ??
      detachment(branch, own, facts) ??
      lagging(own, facts) ??
      unwritten(branch, own, facts) ?? { state: 'ok', reason: '' }
    )
  }

  /**
   * It has work, may do it, and has not read, declared or committed for so long; or an epoch that is declared is not done,
   * while what follows may still be read. A lane that only collects until its epoch closes does what it should.
   */
  #stall(own: readonly LagLine[], facts: BranchFacts): Found | undefined {
    const ages = own.map((line) => ({ line, ...this.#stillFor(line, facts) }))
    const still = ages.filter(({ ms, patience }) => ms >= facts.stallAfterMs * patience)
    const working = ages.filter(({ line }) => line.lagEvents + line.heldEvents > 0).length
    // Some lanes wait for others of their branch.
    if (still.length === 0 || still.length < working / 2) return undefined
    const ms = Math.max(...still.map((one) => one.ms))
    const events = still.reduce((sum, { line }) => sum + line.lagEvents + line.heldEvents, 0)
    const lanes = still.length === own.length ? '' : ` in ${still.length} of ${own.length} lanes`
    const reason = `nothing has moved for ${Math.round(ms / 1_000)} s${lanes} while ${events.toLocaleString('en-US')} events wait`
    return { state: 'stalled', reason }
  }

  /** For how long it has not moved although it has work, ms, 0 without work; and how many times as long as others it may take. */
  #stillFor(
    line: LagLine,
    { reports, nowMs, places }: BranchFacts,
  ): { readonly ms: number; readonly patience: number } {
    const key = laneKeyOf(line.spout, line.partition, line.lane)
    const { sinceMs = nowMs, epochSinceMs = nowMs } = this.#lanes.get(key) ?? {}
    const phase = reports.get(key)?.phase
    const isBusy = phase !== undefined && busy.has(phase)
    const hasWork = (line.lagEvents > 0 && line.mayRead) || isBusy
    const doc = places.find((one) => one.spout === line.spout && one.partition === line.partition)?.doc
    // What cannot be read before the epoch is written waits for it.
    const patience = isBusy && doc?.sinks[line.branch]?.kind === 'objects' ? objectsPatience : 1
    return { ms: Math.max(hasWork ? nowMs - sinceMs : 0, isBusy ? nowMs - epochSinceMs : 0), patience }
  }
}

const waitOf = (branch: string, { waitingFor, places, nowMs }: BranchFacts): string | undefined => {
  const kind = places.map(({ doc }) => doc.sinks[branch]?.kind).find((one) => one !== undefined)
  const needs = new Set<WaitingFor['resource']>(['log', 'ledger', kind === 'objects' ? 'objects' : 'rows'])
  // Objects are listed in rows.
  if (kind === 'objects' || kind === 'custom') needs.add('rows').add('objects')
  const found = waitingFor.find(({ resource, sinceMs }) => needs.has(resource) && nowMs - sinceMs >= patientMs)
  if (found === undefined) return undefined
  return `${found.resource} ${found.name} does not answer for ${Math.round((nowMs - found.sinceMs) / 1_000)} s`
}

/** Others of the same spout follow the log, and it does not, and does not come nearer. */
const detachment = (branch: string, own: readonly LagLine[], { lag, lateMs }: BranchFacts): Found | undefined => {
  const live = own.filter(({ laneClass }) => laneClass === 'live')
  const late = live.filter(({ lagMs, slopeEventsPerSecond }) => lagMs >= lateMs && slopeEventsPerSecond >= 0)
  if (late.length === 0) return undefined
  const spouts = new Set(own.map(({ spout }) => spout))
  const others = lag.filter((one) => one.branch !== branch && one.laneClass === 'live' && spouts.has(one.spout))
  const worst = Math.max(...late.map(({ lagMs }) => lagMs))
  if (!others.some(({ lagMs }) => lagMs < lateMs)) return undefined
  return {
    state: 'detached',
    reason: `reads apart from the other branches, ${Math.round(worst / 1_000)} s behind the log`,
  }
}

const lagging = (own: readonly LagLine[], { lateMs }: BranchFacts): Found | undefined => {
  // A tenant's lane that follows the log is as good as a live one.
  const behind = own
    .filter(isAwaited)
    .filter(({ laneClass, lagMs, lagEvents }) =>
      laneClass === 'live' || laneClass === 'tenant' ? lagMs >= lateMs && lagEvents > 0 : lagEvents > 0,
    )
  if (behind.length === 0) return undefined
  const events = behind.reduce((sum, { lagEvents }) => sum + lagEvents, 0)
  const partitions = new Set(behind.map(({ spout, partition }) => `${spout}/${partition}`)).size
  const text = `${events.toLocaleString('en-US')} events behind in ${partitions} partition${partitions === 1 ? '' : 's'}`
  return { state: 'catching-up', reason: text }
}

/** All is read, and what was read waits for its store. Until its epoch closes it is held by intent; objects always are. */
const unwritten = (branch: string, own: readonly LagLine[], { places, lateMs }: BranchFacts): Found | undefined => {
  if (places.some(({ doc }) => doc.sinks[branch]?.kind === 'objects')) return undefined
  const late = own.filter(({ heldMs, closeMs = 0 }) => heldMs >= closeMs + lateMs)
  if (late.length === 0) return undefined
  const events = late.reduce((sum, { heldEvents }) => sum + heldEvents, 0)
  const oldest = Math.max(...late.map(({ heldMs }) => heldMs))
  const reason = `${events.toLocaleString('en-US')} events are read and not yet written, the oldest for ${Math.round(oldest / 1_000)} s`
  return { state: 'catching-up', reason }
}

const lineOf = (
  branch: string,
  { places, lag, drain }: BranchFacts,
): Omit<BranchLine, 'state' | 'reason' | 'sinceMs' | 'counted'> => {
  const own = lag.filter((line) => line.branch === branch)
  const sinks = places.flatMap(({ doc }) => doc.sinks[branch] ?? [])
  const lanes = places.flatMap(({ doc }) => Object.values(doc.lanes).filter(({ sink }) => sink === branch))
  const live = own.filter(({ laneClass }) => laneClass === 'live')
  const most = (lines: readonly LagLine[]): number => Math.max(0, ...lines.map(({ lagMs }) => lagMs))
  return {
    branch,
    kind: sinks[0]?.kind ?? 'custom',
    namespace: sinks[0]?.replay?.namespace ?? null,
    isOrdered: sinks.some(({ isOrdered }) => isOrdered === true),
    counters: [...sinks, ...lanes].map(({ counters }) => counters).reduce(addCounters, noCounters),
    ...wholeLag(own.filter(isAwaited), places),
    freshMs: most(live),
    lagMs: most(own.filter(isAwaited)),
    etaMs: drain.etaOf(branch),
    drainEventsPerSecond: drain.drainOf(branch),
    committedAtMs: Math.max(0, ...lanes.map(({ committedAtMs }) => committedAtMs)),
  }
}

/** Lanes of different tenants pass over the same offsets: what is not read by all of them counts once. */
const wholeLag = (
  own: readonly LagLine[],
  places: readonly ObservedPartition[],
): Pick<BranchLine, 'lagEvents' | 'lagBytes'> => {
  let [lagEvents, lagBytes] = [0, 0]
  for (const { spout, partition, doc } of places) {
    const lines = own.filter((line) => line.spout === spout && line.partition === partition && line.lagEvents > 0)
    const spans = lines.map((line) => {
      const from = (doc.lanes[line.lane]?.at ?? 0) + line.heldEvents
      return { from, to: from + line.lagEvents }
    })
    const events = unionOf(spans)
    const passed = lines.reduce((sum, line) => sum + line.lagEvents, 0)
    lagEvents += events
    lagBytes += passed === 0 ? 0 : (lines.reduce((sum, line) => sum + line.lagBytes, 0) * events) / passed
  }
  return { lagEvents, lagBytes: Math.round(lagBytes) }
}

const unionOf = (spans: readonly { readonly from: number; readonly to: number }[]): number => {
  let [covered, end] = [0, Number.NEGATIVE_INFINITY]
  for (const { from, to } of [...spans].sort((left, right) => left.from - right.from)) {
    covered += Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
  }
  return covered
}
