/** Which class a lane belongs to: a function of the ledger document alone, so that everybody gives it the same. */
import type { LaneClass } from '../model/lane-permit.ts'
import type { LaneState, LedgerDocument } from '../model/ledger-document.ts'
import { sameScope } from './ledger/tenant-scope.ts'

export const laneClassOf = (doc: LedgerDocument, lane: LaneState): LaneClass => {
  const replay = doc.sinks[lane.sink]?.replay
  // What readers see in the place of a declared sink is live work.
  if (replay !== undefined && replay.isPromoted !== true) return 'replay'
  if (lane.tenants.kind === 'only') return 'tenant'
  return lane.to === null || goesOnLive(doc, lane) ? 'live' : 'backlog'
}

/**
 * Where a tenant goes or comes back, what a live lane has not read up to there is as fresh as what follows: the lane that
 * goes on in its slot is live. Where the same tenants go on there the lane was cut, because it lay behind.
 */
const goesOnLive = (doc: LedgerDocument, { sink, to, slot, tenants }: LaneState): boolean =>
  Object.values(doc.lanes).some(
    (next) =>
      next.sink === sink &&
      next.from === to &&
      next.slot === slot &&
      next.tenants.kind !== 'only' &&
      !sameScope(next.tenants, tenants) &&
      (next.to === null || (next.to > next.from && goesOnLive(doc, next))),
  )

const classes: readonly LaneClass[] = ['live', 'tenant', 'backlog', 'replay']

/** Work that several lanes share is done for the first of their classes. */
export const firstClass = (some: readonly LaneClass[]): LaneClass => classes.find((one) => some.includes(one)) ?? 'live'
