/** Which tenants have caught up in lanes of their own, and come back to the others. */
import type { Proposal } from '../ledger/proposal.ts'
import { tooLargeShare } from './plan-diverts.ts'
import type { TenantLook } from './plan-tenants.ts'
import { nearGroups, ownerOf, type SeenLaneOf } from './tenant-lanes.ts'
import { isBehind, partingPlace, type SeenTenant } from './tenant-memory.ts'

export type Rejoin = Extract<Proposal, { kind: 'rejoin' }>

// About what a lane in good health is late, with room for a hiccup.
const caughtUpMs = 1_000
// Below the line above which it had to go, so that it does not go again at once.
const backBelow = 0.8
// Who keeps coming back too early waits twice as long each time, up to 32 windows.
const doublingsMax = 5
const forgottenAfterMs = 600_000

interface Pair {
  readonly own: SeenLaneOf
  readonly rest: SeenLaneOf
}

export interface RejoinPlan {
  readonly rejoins: readonly Rejoin[]
  /** Lanes that have to stand still first. */
  readonly held: readonly number[]
  readonly seen: ReadonlyMap<string, SeenTenant>
}

/** `leaving`: lanes that somebody is diverted from by the same look. At most one tenant joins a lane at a time. */
export const planRejoins = (look: TenantLook, leaving: ReadonlySet<number>): RejoinPlan => {
  const seen = new Map(look.tenants)
  const rejoins: Rejoin[] = []
  const held: number[] = []
  const busy = new Set(leaving)
  for (const tenant of new Set(look.lanes.flatMap((one) => ownerOf(one) ?? []))) {
    const pairs = pairsOf(look, tenant)
    const before = seen.get(tenant) ?? { tokens: look.knobs.burstEvents, returns: 0, returnedAtMs: 0 }
    const { calmSinceMs: since, ...rest } = before
    if (!isCalm(look, tenant, pairs)) {
      seen.set(tenant, rest)
      continue
    }
    const calmSinceMs = since ?? look.facts.nowMs
    const isTime = look.facts.nowMs - calmSinceMs >= dwellMs(look, before)
    if (!isTime || pairs.some((pair) => busy.has(pair.rest.id))) {
      seen.set(tenant, { ...rest, calmSinceMs })
      continue
    }
    for (const pair of pairs) busy.add(pair.rest.id)
    const joining = rejoinAll(look, pairs)
    rejoins.push(...joining.rejoins)
    held.push(...joining.held)
    if (joining.rejoins.length === 0) seen.set(tenant, { ...rest, calmSinceMs })
    else seen.set(tenant, { ...rest, returns: recentReturns(look, before) + 1, returnedAtMs: look.facts.nowMs })
  }
  return { rejoins, held, seen: forgetting(look, seen) }
}

/** Its open lanes with those of the others, over the same offsets. */
const pairsOf = ({ lanes }: TenantLook, tenant: string): readonly Pair[] =>
  lanes
    .filter((one) => ownerOf(one) === tenant && one.lane.to === null)
    .flatMap((own) => {
      const rest = lanes.find(
        (one) => one.lane.sink === own.lane.sink && one.lane.to === null && one.lane.tenants.kind === 'except',
      )
      return rest === undefined ? [] : [{ own, rest }]
    })

const isCalm = (look: TenantLook, tenant: string, pairs: readonly Pair[]): boolean => {
  const { before, facts, hold, knobs } = look
  const rate = facts.tenants.find((one) => one.tenant === tenant)
  const share = Math.max(rate?.share ?? 0, rate?.recentShare ?? 0)
  const isOverLimit = knobs.eventsPerSecond > 0 && (look.tenants.get(tenant)?.tokens ?? 1) <= 0
  if (pairs.length === 0 || isOverLimit || share > tooLargeShare(look) * backBelow) return false
  return pairs.every(
    ({ own, rest }) =>
      hold(tenant, own.lane.sink) === undefined &&
      own.facts.isServed &&
      rest.facts.isServed &&
      (own.facts.lagMs < caughtUpMs || before.held.has(own.id)) &&
      !isBehind(before, rest.id, rest.facts, facts.nowMs),
  )
}

const recentReturns = ({ facts }: TenantLook, { returns, returnedAtMs }: SeenTenant): number =>
  facts.nowMs - returnedAtMs > forgottenAfterMs ? 0 : returns

const dwellMs = (look: TenantLook, seen: SeenTenant): number =>
  look.knobs.windowMs * 2 ** Math.min(doublingsMax, recentReturns(look, seen))

/** From the same offset on where they stand close to each other, so that they share cursors again. */
const rejoinAll = (look: TenantLook, pairs: readonly Pair[]): Omit<RejoinPlan, 'seen'> => {
  const parts = nearGroups(pairs.map(({ rest }) => rest)).map((group): Omit<RejoinPlan, 'seen'> => {
    const joined = pairs.filter(({ rest }) => group.includes(rest))
    const both = joined.flatMap(({ own, rest }) => [own, rest])
    const { at, held } = partingPlace(look.before, both, look.facts)
    if (at === undefined) return { rejoins: [], held }
    const rejoins = joined.map(
      ({ own, rest }): Rejoin => ({ kind: 'rejoin', lanes: [rest.id, own.id], at, slot: rest.lane.slot }),
    )
    return { rejoins, held }
  })
  return { rejoins: parts.flatMap(({ rejoins }) => rejoins), held: parts.flatMap(({ held }) => held) }
}

/** Only tenants that were seen of late, or are away, are remembered. */
const forgetting = ({ facts, lanes }: TenantLook, seen: Map<string, SeenTenant>): ReadonlyMap<string, SeenTenant> => {
  const active = new Set([...facts.tenants.map(({ tenant }) => tenant), ...lanes.flatMap((one) => ownerOf(one) ?? [])])
  for (const [tenant, { returnedAtMs }] of seen)
    if (!active.has(tenant) && facts.nowMs - returnedAtMs > forgottenAfterMs) seen.delete(tenant)
  return seen
}
