/**
 * A lane whose declared epoch cannot be written holds its slot and stands still. What it has not declared goes on in
 * another slot; the epoch waits alone until its store answers. Where the store says whose data it is that it does not
 * take, that tenant goes on apart from the others (A9).
 */
import type { LaneState, LedgerDocument } from '../../model/ledger-document.ts'
import { slotsPerSink } from '../../model/limits.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { hasSlots } from '../ledger/document.ts'
import type { Proposal } from '../ledger/proposal.ts'
import { inScope } from '../ledger/tenant-scope.ts'
import type { PartitionFacts } from './lane-facts.ts'

export interface UnstuckKnobs {
  /** How long a store may take before it counts as stuck. */
  readonly stuckMs: number
  /** Whether other work of the sink goes on: what stands still as a whole waits for its store. */
  readonly isAlive: (sink: string) => boolean
}

// Whatever hangs may be met again by the lane that goes on: where so many slots are lost it is no single key.
const stuckMost = slotsPerSink / 2

// Many large objects of one epoch take minutes to be written by a store in good health, and each request has its deadline.
const objectsPatience = 12

/** `rowsMs`: of a sink that writes rows. */
export const patienceOf = (doc: LedgerDocument, sink: string, rowsMs: number): number =>
  doc.sinks[sink]?.kind === 'objects' ? rowsMs * objectsPatience : rowsMs

export const planUnstuck = (facts: PartitionFacts, { stuckMs, isAlive }: UnstuckKnobs): readonly Proposal[] => {
  const { doc, lanes, nowMs } = facts
  const stuck = [...lanes].flatMap(([id, one]) => {
    const lane = doc.lanes[id]
    if (lane === undefined || one.writingSinceMs === undefined) return []
    const isStuck = nowMs - one.writingSinceMs >= patienceOf(doc, lane.sink, stuckMs)
    return isStuck && lane.declared !== null ? [{ id, lane, tenant: one.stuckTenant }] : []
  })
  return stuck.flatMap(({ id, lane, tenant }): readonly Proposal[] => {
    const ofSink = stuck.filter((one) => one.lane.sink === lane.sink)
    // A tenant that reads apart waits alone already.
    const hasMore = lane.tenants.kind !== 'only' && (lane.to === null || lane.declared! < lane.to)
    if (!hasMore || doc.sinks[lane.sink]?.isOrdered === true || ofSink.length > stuckMost) return []
    const [slot, other] = freeSlots(doc, lane)
    if (slot === undefined || plantedFaults.has('stuck-tenant-holds-all')) return []
    const at = lane.declared!
    const isShared = tenant !== undefined && inScope(lane.tenants, tenant)
    if (isShared && other !== undefined) return [{ kind: 'divert', lane: id, at, tenant, slot: other, restSlot: slot }]
    return isAlive(lane.sink) ? [{ kind: 'cut', lane: id, at, cuts: [], slots: [slot] }] : []
  })
}

/** Whether lanes of a proposal may be joined now: not while their store does not take the data of some tenant. */
export const mayJoin = ({ doc, lanes }: PartitionFacts, proposal: Proposal): boolean => {
  if (proposal.kind !== 'rejoin') return true
  const sink = doc.lanes[proposal.lanes[0]]?.sink
  return ![...lanes].some(([id, one]) => one.stuckTenant !== undefined && doc.lanes[id]?.sink === sink)
}

/** Slots that no epoch holds, except that of the lane. */
const freeSlots = (doc: LedgerDocument, { sink, slot }: Pick<LaneState, 'sink' | 'slot'>): readonly number[] => {
  const state = doc.sinks[sink]
  if (state === undefined) return []
  return Array.from({ length: slotsPerSink }, (_, other) => other).filter(
    (other) => other !== slot && (!hasSlots(state.kind) || state.slots[other]?.turn === null),
  )
}
