/**
 * Decides which tenants of a partition read apart from the others, and how fast they may: what people have ruled, the
 * default limit, and a tenant whose share of a lane that cannot follow is too large.
 *
 * A tenant is diverted from the place on where its lanes stand, and joins the others again when it has caught up and
 * keeps to its share. Both are changes of the ledger document, so no cut of time changes a result (I-1, I-5). Where lanes
 * read what has just come, they stand still for a moment first: what they have collected would be read once more. A sink
 * whose branch needs its tuples in order keeps one lane: nobody is diverted from it.
 */
import type { LanePermit } from '../../model/lane-permit.ts'
import type { PartitionFacts } from '../catch-up/lane-facts.ts'
import type { Proposal } from '../ledger/proposal.ts'
import { planDiverts } from './plan-diverts.ts'
import { planRejoins } from './plan-rejoins.ts'
import { isOrdered, lanesInService, ownerOf, type SeenLaneOf } from './tenant-lanes.ts'
import { isBehind, noTenantMemory, remember, type SeenTenant, type TenantMemory } from './tenant-memory.ts'
import { holdOf, type TenantHold, type TenantRule } from './tenant-rule.ts'

export interface TenantKnobs {
  /** `tenant.shareRatio`, `tenant.windowMs`. */
  readonly shareRatio: number
  readonly windowMs: number
  /** `tenant.eventsPerSecond`, 0: no limit; `tenant.burstEvents`. */
  readonly eventsPerSecond: number
  readonly burstEvents: number
  /** `tenant.blockedNames`. */
  readonly blockedNames?: readonly string[]
  /** `catchUp.afterMs`: a lane that is so late is cut first, which helps everybody. */
  readonly afterMs: number
  /** In how many partitions a tenant is seen: they share a limit. Absent: in this one. */
  readonly partitionsOf?: (tenant: string) => number
}

/** A tenant that cannot be held as it should be, and why. */
export interface KeptTenant {
  readonly tenant: string
  readonly sink: string
  readonly why: 'ordered'
}

export interface TenantPlan {
  readonly proposals: readonly Proposal[]
  /** By lane; beside what catch-up says of it. */
  readonly permits: ReadonlyMap<number, Partial<LanePermit>>
  /** Lanes stand still for a moment, so that the next look may part or join them: the sooner it comes the better. */
  readonly isWaiting: boolean
  /** To be handed in with the next look at the same partition. */
  readonly memory: TenantMemory
  readonly kept: readonly KeptTenant[]
}

/** What holds for a tenant in a sink now, whoever has decided it. */
export type HoldFor = (tenant: string, sink: string) => TenantHold | undefined

export const planTenants = (
  facts: PartitionFacts,
  rules: readonly TenantRule[],
  knobs: TenantKnobs,
  before: TenantMemory = noTenantMemory,
): TenantPlan => {
  const ruled = rulesWith(rules, knobs.blockedNames ?? [])
  const lanes = lanesInService(facts)
  const hold: HoldFor = (tenant, sink) => holdOf(ruled, tenant, sink, facts.nowMs)
  const tenants = spend(facts, knobs, before)
  const look = { facts, lanes, knobs, before, hold, tenants, ruled: [...new Set(ruled.map(({ tenant }) => tenant))] }
  const { diverts, held: leaving } = planDiverts(look)
  const { rejoins, held: joining, seen } = planRejoins(look, new Set([...diverts.map(({ lane }) => lane), ...leaving]))
  const held = new Set([...leaving, ...joining])
  const isLate = (one: SeenLaneOf): boolean => isBehind(before, one.id, one.facts, facts.nowMs)
  const late = new Set(lanes.filter((one) => leaving.includes(one.id) && isLate(one)).map(({ id }) => id))
  const permits = permitsOf(lanes, hold, knobs)
  for (const id of held) permits.set(id, { mayRead: false, recordsPerSecond: 0 })
  const proposals = [...diverts, ...rejoins]
  const changedAtMs = proposals.length + held.size > 0 ? facts.nowMs : before.changedAtMs
  const memory = remember(facts, { tenants: seen, held, late, changedAtMs })
  return { proposals, permits, isWaiting: held.size > 0, memory, kept: keptBy(look) }
}

/** What both halves of the plan look at. */
export interface TenantLook {
  readonly facts: PartitionFacts
  readonly lanes: readonly SeenLaneOf[]
  readonly knobs: TenantKnobs
  readonly before: TenantMemory
  readonly hold: HoldFor
  readonly tenants: ReadonlyMap<string, SeenTenant>
  /** Tenants of rules, the first rule first. */
  readonly ruled: readonly string[]
}

const rulesWith = (rules: readonly TenantRule[], blocked: readonly string[]): readonly TenantRule[] => {
  const byKnob = { rule: 'block', author: '', reason: 'tenant.blockedNames', untilMs: null } as const
  return [...rules, ...blocked.map((tenant) => ({ ...byKnob, tenant }))]
}

/** The buckets of the default limit: they fill with time and empty with what was read. */
const spend = (
  { nowMs, tenants }: PartitionFacts,
  { eventsPerSecond, burstEvents, partitionsOf }: TenantKnobs,
  before: TenantMemory,
): ReadonlyMap<string, SeenTenant> => {
  const passedMs = nowMs - before.lookedAtMs
  const elapsedMs = Number.isFinite(passedMs) ? Math.max(0, Math.min(passedMs, 60_000)) : 0
  const seen = new Map(before.tenants)
  for (const { tenant, eventsPerSecond: read } of tenants) {
    const last = seen.get(tenant) ?? { tokens: burstEvents, returns: 0, returnedAtMs: 0 }
    const filled = last.tokens + ((eventsPerSecond / (partitionsOf?.(tenant) ?? 1) - read) * elapsedMs) / 1_000
    const least = -burstEvents
    seen.set(tenant, { ...last, tokens: eventsPerSecond === 0 ? burstEvents : clamp(filled, least, burstEvents) })
  }
  return seen
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

/** Lanes of one tenant alone obey its rules and the default limit; several of one sink share it. */
const permitsOf = (
  lanes: readonly SeenLaneOf[],
  hold: HoldFor,
  { eventsPerSecond, partitionsOf }: TenantKnobs,
): Map<number, Partial<LanePermit>> => {
  const permits = new Map<number, Partial<LanePermit>>()
  for (const one of lanes) {
    const tenant = ownerOf(one)
    if (tenant === undefined) continue
    const ruled = hold(tenant, one.lane.sink)?.eventsPerSecond
    if (ruled === 0) {
      permits.set(one.id, { mayRead: false, recordsPerSecond: 0 })
      continue
    }
    const most = Math.min(ruled ?? Number.POSITIVE_INFINITY, eventsPerSecond || Number.POSITIVE_INFINITY)
    if (!Number.isFinite(most)) continue
    const siblings = lanes.filter((other) => ownerOf(other) === tenant && other.lane.sink === one.lane.sink).length
    const sharers = siblings * Math.max(1, partitionsOf?.(tenant) ?? 1)
    permits.set(one.id, { recordsPerSecond: most / sharers })
  }
  return permits
}

const keptBy = ({ facts, lanes, hold, ruled }: TenantLook): readonly KeptTenant[] => {
  const ordered = new Set(lanes.filter((one) => isOrdered(facts.doc, one)).map(({ lane }) => lane.sink))
  return ruled.flatMap((tenant) =>
    [...ordered]
      .filter((sink) => hold(tenant, sink) !== undefined)
      .map((sink) => ({ tenant, sink, why: 'ordered' as const })),
  )
}
