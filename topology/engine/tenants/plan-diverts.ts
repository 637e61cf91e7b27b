/** Which tenants leave the lanes that they share with others, and from which offset on. */
import type { Proposal } from '../ledger/proposal.ts'
import type { TenantLook } from './plan-tenants.ts'
import { isOrdered, isSharedBy, nearGroups, ownerOf, type SeenLaneOf, slotFor } from './tenant-lanes.ts'
import { isBehind, partingPlace } from './tenant-memory.ts'
import { otherTenants } from './tenant-rates.ts'

export type Divert = Extract<Proposal, { kind: 'divert' }>

// Each reads the same bytes of the log once more, and three slots serve them.
const divertedMax = 8
// Among few tenants an even share is large: nobody who has no more than that, and half as much again, is too large.
const aboveEven = 1.5

/** The share above which a tenant delays the others, where it delays them. */
export const tooLargeShare = ({ facts, knobs }: Pick<TenantLook, 'facts' | 'knobs'>): number => {
  const active = facts.tenants.filter(({ share }) => share > 0).length
  return Math.max(knobs.shareRatio, aboveEven / Math.max(1, active))
}

export interface DivertPlan {
  readonly diverts: readonly Divert[]
  /** Lanes that have to stand still first. */
  readonly held: readonly number[]
}

/** At most one tenant leaves a lane at a time: what is left of the lane is another one then. */
export const planDiverts = (look: TenantLook): DivertPlan => {
  const { doc } = look.facts
  const shared = look.lanes.filter((one) => ownerOf(one) === undefined && !isOrdered(doc, one))
  const parts = nearGroups(shared).flatMap((group) => {
    const leaving = byRule(look, group) ?? byLimit(look, group) ?? byShare(look, group)
    return leaving === undefined ? [] : [divertAll(look, leaving)]
  })
  return { diverts: parts.flatMap(({ diverts }) => diverts), held: parts.flatMap(({ held }) => held) }
}

interface Leaving {
  readonly tenant: string
  readonly lanes: readonly SeenLaneOf[]
}

/** What people have ruled holds for everything that is not read, backlog too. */
const byRule = ({ ruled, hold }: TenantLook, group: readonly SeenLaneOf[]): Leaving | undefined => {
  for (const tenant of ruled) {
    const lanes = group.filter((one) => isSharedBy(one, tenant) && hold(tenant, one.lane.sink) !== undefined)
    if (lanes.length > 0) return { tenant, lanes }
  }
  return undefined
}

/** Over the default limit for longer than a burst. */
const byLimit = ({ knobs, tenants }: TenantLook, group: readonly SeenLaneOf[]): Leaving | undefined => {
  if (knobs.eventsPerSecond === 0 || group[0]?.lane.to !== null) return undefined
  for (const [tenant, { tokens }] of tenants)
    if (tokens < 0 && tenant !== otherTenants && isSharedBy(group[0], tenant)) return { tenant, lanes: group }
  return undefined
}

/** The largest tenant of a live lane that cannot follow. What is much too late is cut first. */
const byShare = (look: TenantLook, group: readonly SeenLaneOf[]): Leaving | undefined => {
  const { before, facts, knobs, lanes } = look
  const late = group.filter(({ id, facts: seen }) => isBehind(before, id, seen, facts.nowMs))
  const isCut = late.some((one) => one.facts.lagMs > knobs.afterMs)
  if (late.length === 0 || isCut || group[0]?.lane.to !== null) return undefined
  const away = new Set(lanes.flatMap((one) => ownerOf(one) ?? []))
  const [largest] = facts.tenants
    .filter(
      ({ tenant }) =>
        tenant !== otherTenants && isSharedBy(group[0]!, tenant) && (away.has(tenant) || away.size < divertedMax),
    )
    .map((one) => ({ tenant: one.tenant, share: Math.max(one.share, one.recentShare ?? 0) }))
    .filter(({ share }) => share > tooLargeShare(look))
    .sort((left, right) => right.share - left.share)
  return largest === undefined ? undefined : { tenant: largest.tenant, lanes: group }
}

/** All from the same offset on, so that they go on sharing cursors. */
const divertAll = (look: TenantLook, { tenant, lanes }: Leaving): DivertPlan => {
  const { at, held } = partingPlace(look.before, lanes, look.facts)
  if (at === undefined) return { diverts: [], held }
  const slot = slotFor(tenant, look.lanes)
  const open = lanes.filter(({ lane }) => lane.to === null || at < lane.to)
  return { diverts: open.map(({ id }) => ({ kind: 'divert', lane: id, at, tenant, slot })), held }
}
