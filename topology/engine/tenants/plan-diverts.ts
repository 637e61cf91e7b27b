/** Which tenants leave the lanes that they share with others, and from which offset on. */
import type { LedgerDocument } from '../../model/ledger-document.ts'
import { lanesPerSinkMax } from '../../model/limits.ts'
import { lanesOf } from '../ledger/document.ts'
import type { Proposal } from '../ledger/proposal.ts'
import type { TenantLook } from './plan-tenants.ts'
import { isOrdered, isSharedBy, nearGroups, ownerOf, type SeenLaneOf, slotFor } from './tenant-lanes.ts'
import { isBehind, partingPlace, readMeanwhile } from './tenant-memory.ts'
import { otherTenants } from './tenant-rates.ts'

export type Divert = Extract<Proposal, { kind: 'divert' }>

// Each reads the same bytes of the log once more, and three slots serve them.
const divertedMax = 8
// Among few tenants an even share is large: nobody who has no more than that, and half as much again, is too large.
const aboveEven = 1.5
// Of what a lane reads until a decision is in the ledger: two seconds, and what may become of them.
const paceApart = 5
// What is left of a lane, the others and the tenant are three.
const lanesOfDivert = 2
const restPatience = 13

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
  const shared = look.lanes.filter((one) => ownerOf(one) === undefined && !isOrdered(doc, one) && hasRoom(doc, one))
  const parts = nearGroups(shared).flatMap((group) => {
    const leaving = byRule(look, group) ?? byLimit(look, group) ?? byShare(look, group)
    return leaving === undefined ? [] : byPace(look, leaving).map((one) => divertAll(look, one))
  })
  return {
    diverts: withinBound(
      doc,
      parts.flatMap(({ diverts }) => diverts),
    ),
    held: parts.flatMap(({ held }) => held),
  }
}

/** So many as the sinks have room for; the others have their turn when lanes are done. */
const withinBound = (doc: LedgerDocument, diverts: readonly Divert[]): readonly Divert[] => {
  const counts = new Map<string, number>()
  return diverts.filter(({ lane }) => {
    const { sink } = doc.lanes[lane]!
    const count = (counts.get(sink) ?? lanesOf(doc, sink).length) + lanesOfDivert
    if (count > lanesPerSinkMax) return false
    counts.set(sink, count)
    return true
  })
}

interface Leaving {
  readonly tenant: string
  readonly lanes: readonly SeenLaneOf[]
}

/** What people have ruled holds for everything that is not read, backlog too. */
const byRule = (look: TenantLook, group: readonly SeenLaneOf[]): Leaving | undefined => {
  const { ruled, hold } = look
  for (const tenant of ruled) {
    const lanes = group.filter(
      (one) => isSharedBy(one, tenant) && hold(tenant, one.lane.sink) !== undefined && !isRest(look, one, tenant),
    )
    if (lanes.length > 0) return { tenant, lanes }
  }
  return undefined
}

/**
 * What is left of a lane up to the place where the tenant has left it already: it is done soon, and to part it again and
 * again would make lanes without end.
 */
const isRest = (
  { lanes: all, before, facts: { nowMs } }: TenantLook,
  { id, lane, facts }: SeenLaneOf,
  tenant: string,
): boolean =>
  lane.to !== null &&
  lane.to - facts.position <= readMeanwhile(before, id, facts, nowMs) * restPatience &&
  all.some((one) => one.lane.sink === lane.sink && one.lane.from === lane.to && ownerOf(one) === tenant)

/** A document must stay small. */
const hasRoom = (doc: LedgerDocument, { lane }: SeenLaneOf): boolean =>
  lanesOf(doc, lane.sink).length + lanesOfDivert <= lanesPerSinkMax

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

/**
 * Ranges that a slow sink reads far behind the others are parted where it stands: what is left of it up to their place
 * would be read for long. Lanes that read what has just come stay together.
 */
const byPace = ({ before, facts }: TenantLook, { tenant, lanes }: Leaving): readonly Leaving[] => {
  if (lanes.some(({ lane }) => lane.to === null)) return [{ tenant, lanes }]
  const groups: Leaving[] = []
  let rest = [...lanes].sort((left, right) => right.facts.position - left.facts.position)
  while (rest.length > 0) {
    const at = partingPlace(before, rest.slice(0, 1), facts).at ?? rest[0]!.facts.position
    const near = rest.filter(
      ({ id, facts: seen }, index) =>
        index === 0 || at - seen.position <= readMeanwhile(before, id, seen, facts.nowMs) * paceApart,
    )
    groups.push({ tenant, lanes: near })
    rest = rest.filter((one) => !near.includes(one))
  }
  return groups
}

/** All from the same offset on, so that they go on sharing cursors. */
const divertAll = (look: TenantLook, { tenant, lanes }: Leaving): DivertPlan => {
  const { at, held } = partingPlace(look.before, lanes, look.facts)
  if (at === undefined) return { diverts: [], held }
  const slot = slotFor(tenant, look.lanes)
  const open = lanes.filter(({ lane }) => lane.to === null || at < lane.to)
  return { diverts: open.map(({ id }) => ({ kind: 'divert', lane: id, at, tenant, slot })), held }
}
