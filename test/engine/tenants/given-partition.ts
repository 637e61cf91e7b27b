/**
 * A partition in a model of time: tenants send, lanes read as fast as a processor lets them, and the planner of tenants
 * looks once a second. Its proposals go through the transitions of the ledger, with the delay of a tick.
 */

import type { LaneFacts } from '../../../topology/engine/catch-up/lane-facts.ts'
import { applyProposal } from '../../../topology/engine/ledger/apply-proposal.ts'
import { finishLane, withLane } from '../../../topology/engine/ledger/document.ts'
import { inScope } from '../../../topology/engine/ledger/tenant-scope.ts'
import { planTenants, type TenantKnobs, type TenantPlan } from '../../../topology/engine/tenants/plan-tenants.ts'
import { TenantRates } from '../../../topology/engine/tenants/tenant-rates.ts'
import type { TenantRule } from '../../../topology/engine/tenants/tenant-rule.ts'
import type { LaneState, LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { SinkKind } from '../../../topology/model/sink.ts'
import type { TenantReport } from '../../../topology/model/work-report.ts'
import { withSinks } from '../ledger/given-documents.ts'

export const usualKnobs: TenantKnobs = {
  ...{ shareRatio: 0.25, windowMs: 10_000, eventsPerSecond: 0, burstEvents: 1_000, afterMs: 300_000 },
}

interface Sent {
  readonly tenant: string
  readonly atMs: number
}

const stepMs = 50
// From the look to the decision in the ledger.
const ledgerMs = 300
// From the reading of an event to its row: an epoch fills (1 s) and waits for a tick of the ledger.
const visibleMs = 1_250
// What a record costs that is left out unread.
const skipRatio = 0.03

export class GivenPartition {
  doc: LedgerDocument
  nowMs = 1_000_000
  rules: readonly TenantRule[] = []
  knobs: TenantKnobs = usualKnobs
  plan: TenantPlan | undefined
  /** How late the events of each tenant were visible, ms, and when they were sent. */
  readonly delays: Map<string, { readonly atMs: number; readonly delayMs: number }[]> = new Map()
  /** Proposals that the ledger refused: a lane had read past them. */
  refused = 0
  /** Events that each sink has read, by tenant. */
  readonly read: Map<string, Map<string, number>> = new Map()
  readonly diverts: string[] = []
  readonly rejoins: number[] = []
  readonly #log: Sent[] = []
  readonly #rest = new Map<number, number>()
  readonly #positions = new Map<number, number>()
  readonly #reports = new Map<string, { records: number; bytes: number }>()
  readonly #rates = new TenantRates(() => this.knobs.windowMs)
  readonly #paused = new Set<string>()
  #owed = new Map<string, number>()
  /** Wrong ones show that a test sees them. */
  planner: typeof planTenants = planTenants
  /** Records that the processor takes in a millisecond. */
  capacity = 5

  constructor(sinks: Readonly<Record<string, SinkKind>> = { totals: 'rows' }) {
    this.doc = withSinks(sinks)
  }

  /** Events in the log, by tenant. */
  get sent(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { tenant } of this.#log) counts.set(tenant, (counts.get(tenant) ?? 0) + 1)
    return counts
  }

  get end(): number {
    return this.#log.length
  }

  pause(sink: string, isPaused: boolean): void {
    if (isPaused) this.#paused.add(sink)
    else this.#paused.delete(sink)
  }

  /** Lets time pass while tenants send so many events a second each. */
  pass(ms: number, sending: Readonly<Record<string, number>>): void {
    for (const until = this.nowMs + ms; this.nowMs < until; ) {
      this.nowMs += stepMs
      this.#send(sending)
      this.#read()
      if (this.nowMs % 1_000 === 0) this.#look()
      if (this.nowMs % 1_000 === ledgerMs) this.#decide()
    }
  }

  lanesOf(tenant: string): readonly LaneState[] {
    return Object.values(this.doc.lanes).filter(
      ({ tenants }) => tenants.kind === 'only' && tenants.names.includes(tenant),
    )
  }

  /** How late a share of the events of some tenants was, from a time on. */
  delay(ratio: number, tenants: readonly string[], fromMs = 0): number {
    const all = tenants
      .flatMap((tenant) => this.delays.get(tenant) ?? [])
      .filter(({ atMs }) => atMs >= fromMs)
      .map(({ delayMs }) => delayMs)
      .sort((left, right) => left - right)
    return all[Math.min(all.length - 1, Math.floor(all.length * ratio))] ?? Number.POSITIVE_INFINITY
  }

  /** How late the oldest unread record is, ms, by the tenant of a lane; those of several under ''. */
  lags(): ReadonlyMap<string, number> {
    const lags = new Map<string, number>()
    for (const [id, lane] of Object.entries(this.doc.lanes)) {
      const owner = lane.tenants.kind === 'only' ? lane.tenants.names.join() : ''
      lags.set(owner, Math.max(lags.get(owner) ?? 0, this.#factsOf(Number(id), lane).lagMs))
    }
    return lags
  }

  /** Cuts a lane of several tenants in two, as catch-up does. */
  cut(sink: string, at: number, to: number): void {
    const [id] = Object.entries(this.doc.lanes).find(([, lane]) => lane.sink === sink && lane.to === null)!
    const next = applyProposal(this.doc, { kind: 'cut', lane: Number(id), at, cuts: [to], slots: [1, 0] })
    if (typeof next === 'string') throw new Error(next)
    this.doc = next
  }

  #send(sending: Readonly<Record<string, number>>): void {
    const batch: Sent[] = []
    for (const [tenant, rate] of Object.entries(sending)) {
      const due = (this.#owed.get(tenant) ?? 0) + (rate * stepMs) / 1_000
      for (let index = 0; index < Math.floor(due); index++) batch.push({ tenant, atMs: this.nowMs })
      this.#owed.set(tenant, due - Math.floor(due))
    }
    // Mixed, as they come from many clients.
    batch.sort((left, right) => hash(`${left.tenant}${this.nowMs}`) - hash(`${right.tenant}${this.nowMs}`))
    this.#log.push(...batch)
  }

  /** Live lanes first, what they leave goes to the others; one read serves all sinks that stand at the same place. */
  #read(): void {
    let room = this.capacity * stepMs
    const lanes = Object.entries(this.doc.lanes).map(([id, lane]) => ({ id: Number(id), lane }))
    const isApart = (lane: LaneState): boolean => lane.tenants.kind === 'only'
    const cursors = Map.groupBy(
      lanes.filter(({ id, lane }) => this.#mayRead(id, lane)),
      ({ id, lane }) => `${this.#positionOf(id, lane)} ${lane.to} ${JSON.stringify(lane.tenants)}`,
    )
    const ordered = [...cursors.values()].sort(
      (left, right) => Number(isApart(left[0]!.lane)) - Number(isApart(right[0]!.lane)),
    )
    for (const cursor of ordered) room -= this.#readOne(cursor, isApart(cursor[0]!.lane) ? room : room * 0.7)
  }

  #mayRead(id: number, lane: LaneState): boolean {
    return !this.#paused.has(lane.sink) && this.plan?.permits.get(id)?.mayRead !== false
  }

  #readOne(cursor: readonly { readonly id: number; readonly lane: LaneState }[], room: number): number {
    const [{ id, lane }] = cursor as [{ readonly id: number; readonly lane: LaneState }] // grouped: never empty
    const rate = this.plan?.permits.get(id)?.recordsPerSecond ?? Number.POSITIVE_INFINITY
    // What a step had too much of, the next has too little of.
    let records = Math.min(rate, (rate * stepMs) / 1_000 + (this.#rest.get(id) ?? 0))
    let position = this.#positionOf(id, lane)
    let used = 0
    for (; position < Math.min(lane.to ?? this.end, this.end) && used < room && records > 0; position++) {
      const { tenant, atMs } = this.#log[position]!
      const isOwn = inScope(lane.tenants, tenant)
      used += isOwn ? 1 : skipRatio
      if (!isOwn) continue
      records -= 1
      this.#note(tenant, atMs)
    }
    if (Number.isFinite(records)) this.#rest.set(id, records)
    for (const one of cursor) {
      this.#readBy(one.lane, position)
      this.#move(one.id, position)
    }
    return used
  }

  /** Every sink reads every event once. */
  #readBy({ sink, at, tenants }: LaneState, to: number): void {
    const counts = this.read.get(sink) ?? new Map<string, number>()
    this.read.set(sink, counts)
    for (let offset = at; offset < to; offset++) {
      const { tenant } = this.#log[offset]!
      if (inScope(tenants, tenant)) counts.set(tenant, (counts.get(tenant) ?? 0) + 1)
    }
  }

  #note(tenant: string, atMs: number): void {
    const seen = this.delays.get(tenant) ?? []
    seen.push({ atMs, delayMs: this.nowMs - atMs + visibleMs })
    this.delays.set(tenant, seen)
    const count = this.#reports.get(tenant) ?? { records: 0, bytes: 0 }
    this.#reports.set(tenant, { records: count.records + 1, bytes: count.bytes + 100 })
  }

  #positionOf(id: number, lane: LaneState): number {
    return this.#positions.get(id) ?? lane.at
  }

  #move(id: number, position: number): void {
    this.#positions.set(id, position)
    this.doc = finishLane(withLane(this.doc, id, { at: position }), id)
  }

  #look(): void {
    this.#rates.add(this.#tenantReports(), this.nowMs)
    const lanes = new Map<number, LaneFacts>()
    for (const [id, lane] of Object.entries(this.doc.lanes)) {
      lanes.set(Number(id), this.#factsOf(Number(id), lane))
    }
    const facts = { doc: this.doc, nowMs: this.nowMs, end: this.end, lanes, tenants: this.#rates.rates() }
    this.plan = this.planner(facts, this.rules, this.knobs, this.plan?.memory)
  }

  #factsOf(id: number, lane: LaneState): LaneFacts {
    const position = this.#positionOf(id, lane)
    const lagEvents = Math.max(0, Math.min(lane.to ?? this.end, this.end) - position)
    const lagMs = lagEvents === 0 ? 0 : this.nowMs - this.#log[position]!.atMs
    return { position, lagEvents, lagMs, isServed: !this.#paused.has(lane.sink) }
  }

  #decide(): void {
    for (const proposal of this.plan?.proposals ?? []) {
      const next = applyProposal(this.doc, proposal)
      if (typeof next === 'string') {
        this.refused += 1
        continue
      }
      this.doc = next
      if (proposal.kind === 'divert') this.diverts.push(proposal.tenant)
      if (proposal.kind === 'rejoin') this.rejoins.push(proposal.at)
    }
  }

  #tenantReports(): readonly TenantReport[] {
    return [...this.#reports].map(([tenant, { records, bytes }]) => ({
      ...{ spout: 'events', partition: 0, laneClass: 'live', tenant, records, bytes, cpuMs: 0, deletes: 0 },
    }))
  }
}

const hash = (text: string): number => {
  let value = 7
  for (const letter of text) value = (value * 31 + letter.charCodeAt(0)) % 10_007
  return value
}
