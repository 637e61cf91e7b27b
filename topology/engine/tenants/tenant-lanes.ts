/** The lanes of a partition as the planner of tenants sees them: those of live work, and those of one tenant alone. */
import type { LaneState, LedgerDocument } from '../../model/ledger-document.ts'
import { slotsPerSink } from '../../model/limits.ts'
import type { LaneFacts, PartitionFacts } from '../catch-up/lane-facts.ts'
import { joinDistanceRecords } from '../cursor-plan.ts'
import { inScope } from '../ledger/tenant-scope.ts'

export interface SeenLaneOf {
  readonly id: number
  readonly lane: LaneState
  readonly facts: LaneFacts
}

/** Lanes of sinks in service. A replay is what somebody has asked for: its lanes are left alone until readers see it. */
export const lanesInService = ({ doc, lanes }: PartitionFacts): readonly SeenLaneOf[] =>
  Object.entries(doc.lanes).flatMap(([id, lane]) => {
    const facts = lanes.get(Number(id))
    const sink = doc.sinks[lane.sink]
    if (facts === undefined || sink === undefined || sink.retired) return []
    if (sink.replay !== undefined && sink.replay.isPromoted !== true) return []
    return [{ id: Number(id), lane, facts }]
  })

/** The one tenant of a lane that was made for it. */
export const ownerOf = ({ lane }: Pick<SeenLaneOf, 'lane'>): string | undefined =>
  lane.tenants.kind === 'only' && lane.tenants.names.length === 1 ? lane.tenants.names[0] : undefined

export const isOrdered = (doc: LedgerDocument, { lane }: SeenLaneOf): boolean =>
  doc.sinks[lane.sink]?.isOrdered === true

/** Whether a tenant's records come through a lane together with those of others. */
export const isSharedBy = (one: SeenLaneOf, tenant: string): boolean =>
  ownerOf(one) === undefined && inScope(one.lane.tenants, tenant)

/** Lanes that stand close to each other and read the same tenants share a cursor: what is done to one is done to all. */
export const nearGroups = (lanes: readonly SeenLaneOf[]): readonly (readonly SeenLaneOf[])[] => {
  const groups: SeenLaneOf[][] = []
  for (const one of [...lanes].sort((left, right) => left.facts.position - right.facts.position)) {
    const isNear = ([first]: readonly SeenLaneOf[]): boolean =>
      first !== undefined &&
      one.lane.to === first.lane.to &&
      JSON.stringify(one.lane.tenants) === JSON.stringify(first.lane.tenants) &&
      one.facts.position - first.facts.position <= joinDistanceRecords
    const group = groups.find(isNear)
    if (group === undefined) groups.push([one])
    else group.push(one)
  }
  return groups
}

/** The slot of a tenant: the one that it has in some sink, else the one with the fewest lanes; never that of live lanes. */
export const slotFor = (tenant: string, lanes: readonly SeenLaneOf[]): number => {
  const own = lanes.find((one) => ownerOf(one) === tenant && one.lane.slot > 0)
  if (own !== undefined) return own.lane.slot
  const counts = Array.from(
    { length: slotsPerSink },
    (_, slot) => lanes.filter(({ lane }) => lane.slot === slot).length,
  )
  return counts.slice(1).indexOf(Math.min(...counts.slice(1))) + 1
}
