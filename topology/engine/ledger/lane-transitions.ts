/**
 * The life of a lane as pure changes of its document: declare, commit, and what a supervisor does to lanes (PROTOCOL
 * sections 3 and 8). Each function gives the next document, or the reason why the present one does not allow it.
 *
 * Keeps I-2 and I-5: `at` moves once per epoch, both halves of a cut appear in one change, and nothing that decides the
 * content of a declared epoch can change behind it.
 */
import type { LaneState, LedgerDocument } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { SinkKind } from '../../model/sink.ts'
import { isListed, isTurnOfDelete } from './delete-entries.ts'
import { withCounts } from './delete-transitions.ts'
import {
  addCounters,
  addLane,
  finishLane,
  hasSlots,
  isDeadLettered,
  isIn,
  lanePosition,
  lanesOf,
  newSink,
  taken,
  withLane,
  withSink,
  withSlot,
} from './document.ts'
import { withBackfill } from './group-offset.ts'
import type { Proposal, Refusal } from './proposal.ts'
import {
  allTenants,
  inScope,
  isEmptyScope,
  onlyTenant,
  removeFromScope,
  scopesOverlap,
  uniteScopes,
} from './tenant-scope.ts'

type Of<Kind extends Proposal['kind']> = Extract<Proposal, { kind: Kind }>
type Step = LedgerDocument | Refusal

const withRules = (doc: LedgerDocument): LedgerDocument => ({ ...doc, rules: doc.rules + 1 })

export const turnOfLane = (lane: number): string => `L${lane}`

/** A new sink begins at or above the log's start and takes over no earlier cover: it drops what any listed delete matches. */
export const addSink = (doc: LedgerDocument, proposal: Of<'addSink'>): Step => {
  if (doc.sinks[proposal.sink] !== undefined) return 'present'
  const { sink, sinkKind, order = 'commutative', fingerprint, replay } = proposal
  const from = Math.max(proposal.from, doc.start)
  const to = proposal.to === null ? null : Math.max(proposal.to, from)
  const needs = order === 'commutative' ? {} : ({ isOrdered: true } as const)
  const origin = replay === undefined ? needs : { ...needs, replay }
  const state = withBackfill(doc, sink, { ...newSink(sinkKind, from, to, fingerprint), ...origin }, from)
  const sinks = { ...doc.sinks, [sink]: state }
  const tenants = replay?.tenant === undefined ? allTenants : onlyTenant(replay.tenant)
  return withRules(addLane({ ...doc, sinks }, { sink, from, to, tenants, slot: 0 }))
}

export const retireSink = (doc: LedgerDocument, proposal: Of<'retireSink'>): Step => {
  const sink = doc.sinks[proposal.sink]
  if (sink?.retired === proposal.retired) return 'present'
  // An archived delete went by without it: nothing will take out what it holds of that.
  if (!proposal.retired && sink?.lapsed === true) return 'absent'
  if (proposal.retired || sink === undefined) return withSink(doc, proposal.sink, { retired: proposal.retired })
  const at = Math.min(...lanesOf(doc, proposal.sink).map(([, lane]) => lane.at))
  return withSink(doc, proposal.sink, { ...withBackfill(doc, proposal.sink, sink, at), retired: false })
}

const isOrdered = (doc: LedgerDocument, { sink }: LaneState): boolean => doc.sinks[sink]?.isOrdered === true

/** Of a sink that needs its tuples in order one lane comes behind the other: a replay that goes on without an end has two. */
export const isOutOfTurn = (doc: LedgerDocument, lane: LaneState): boolean =>
  isOrdered(doc, lane) &&
  lanesOf(doc, lane.sink).some(([, one]) => one.from < lane.from) &&
  !plantedFaults.has('ordered-lanes-together')

/** Counted before anything is processed, so that a record which ends its worker is known by the count. */
export const startLane = (doc: LedgerDocument, proposal: Of<'startLane'>): Step => {
  const lane = doc.lanes[proposal.lane]
  return lane === undefined ? 'absent' : withLane(doc, proposal.lane, { tries: lane.tries + 1 })
}

/** Test-only: the planted owner chooses the end of a declared epoch anew, as if nothing had been declared. */
export const isEndForgotten = (kind: SinkKind): boolean =>
  plantedFaults.has('undeclared') || (kind === 'objects' && plantedFaults.has('undeclared-object-end'))

const isTurnIgnored = (turn: string): boolean =>
  plantedFaults.has('no-turn') || (isTurnOfDelete(turn) && plantedFaults.has('turn-taken-from-delete'))

export const declare = (doc: LedgerDocument, proposal: Of<'declare'>): Step => {
  const lane = doc.lanes[proposal.lane]
  if (lane === undefined || lane.at !== proposal.at) return 'moved'
  const isForgotten = lane.declared !== null && isEndForgotten(doc.sinks[lane.sink]!.kind)
  if (lane.declared !== null && !isForgotten) return 'moved'
  if (proposal.to <= lane.at || (lane.to !== null && proposal.to > lane.to)) return 'range'
  const isLate = plantedFaults.has('register-after-commit')
  if (!isLate && proposal.deletes.some((offset) => !isListed(doc, offset))) return 'unlisted'
  if (doc.rules !== proposal.rules && !plantedFaults.has('declare-with-stale-rules')) return 'rules'
  if (isOutOfTurn(doc, lane)) return 'waits'
  const declared = { declared: proposal.to, code: proposal.code, partBytes: proposal.partBytes }
  if (isForgotten) return withLane(doc, proposal.lane, declared)
  const read = withLeader(doc, proposal)
  if (!hasSlots(doc.sinks[lane.sink]!.kind)) return withLane(read, proposal.lane, { ...declared, seq: lane.seq + 1 })
  const slot = doc.sinks[lane.sink]!.slots[lane.slot]!
  if (slot.turn !== null && !isTurnIgnored(slot.turn)) return 'waits'
  const seq = slot.seq + 1
  return withSlot(withLane(read, proposal.lane, { ...declared, seq }), lane.sink, lane.slot, {
    seq,
    turn: turnOfLane(proposal.lane),
  })
}

/** What is not known of this declaration is not told by an earlier one. */
const withLeader = (doc: LedgerDocument, { lane, leaderEpoch }: Of<'declare'>): LedgerDocument => {
  const { leaderEpoch: before, ...rest } = doc.lanes[lane]!
  if (leaderEpoch === before) return doc
  const state = leaderEpoch === undefined ? rest : { ...rest, leaderEpoch }
  return { ...doc, lanes: { ...doc.lanes, [lane]: state } }
}

export const commit = (doc: LedgerDocument, proposal: Of<'commit'>): Step => {
  const lane = doc.lanes[proposal.lane]
  if (lane === undefined || lane.at !== proposal.at || lane.declared !== proposal.to || lane.seq !== proposal.seq)
    return 'moved'
  const counted = addCounters(lane.counters, proposal.counters)
  const isAgain = lane.tries > 1 && plantedFaults.has('counted-again-on-recovery')
  const counters = isAgain ? addCounters(counted, proposal.counters) : counted
  const moved = withLane(doc, proposal.lane, {
    at: proposal.to,
    declared: null,
    counters,
    tries: 0,
    committedAtMs: proposal.atMs,
  })
  const freed = hasSlots(doc.sinks[lane.sink]!.kind) ? withSlot(moved, lane.sink, lane.slot, { turn: null }) : moved
  return finishLane(withCounts(freed, lane.sink, proposal.dropped ?? []), proposal.lane)
}

const lowestCut = (lane: LaneState): number => (plantedFaults.has('cut-at-committed') ? lane.at : lanePosition(lane))
const isInside = (lane: LaneState, at: number): boolean => at >= lowestCut(lane) && (lane.to === null || at < lane.to)

/** Ends a lane at `at` and tiles what lies behind it with new lanes between the cuts, each in a slot of its own choice. */
export const cut = (doc: LedgerDocument, proposal: Of<'cut'>): Step => {
  const lane = doc.lanes[proposal.lane]
  if (lane === undefined) return 'absent'
  if (isOrdered(doc, lane)) return 'ordered'
  const edges = [proposal.at, ...proposal.cuts]
  const isAscending = edges.every((edge, index) => index === 0 || edge > edges[index - 1]!)
  if (!isAscending || edges.some((edge) => !isInside(lane, edge))) return 'range'
  let next = withLane(doc, proposal.lane, { to: proposal.at })
  // The planted owner dies between the two steps of closing and opening.
  if (plantedFaults.has('cut-in-two-steps')) return withRules(finishLane(next, proposal.lane))
  edges.forEach((from, index) => {
    const to = index + 1 < edges.length ? edges[index + 1]! : lane.to
    next = addLane(next, { sink: lane.sink, from, to, tenants: lane.tenants, slot: proposal.slots[index] ?? lane.slot })
  })
  return withRules(finishLane(next, proposal.lane))
}

/** From `at` on one tenant is read by a lane of its own; the decision stands in the document before any epoch skips it. */
export const divert = (doc: LedgerDocument, proposal: Of<'divert'>): Step => {
  const lane = doc.lanes[proposal.lane]
  if (lane === undefined) return 'absent'
  if (isOrdered(doc, lane)) return 'ordered'
  const rest = removeFromScope(lane.tenants, proposal.tenant)
  if (!isInside(lane, proposal.at) || !inScope(lane.tenants, proposal.tenant) || isEmptyScope(rest)) return 'range'
  const { sink, to, slot } = lane
  let next = withLane(doc, proposal.lane, { to: proposal.at })
  next = addLane(next, { sink, from: proposal.at, to, tenants: rest, slot: proposal.restSlot ?? slot })
  next = addLane(next, {
    sink,
    from: proposal.at,
    to,
    tenants: { kind: 'only', names: [proposal.tenant] },
    slot: proposal.slot,
  })
  return withRules(finishLane(next, proposal.lane))
}

/** Two lanes over the same offsets, with different tenants, become one from `at` on. */
export const rejoin = (doc: LedgerDocument, proposal: Of<'rejoin'>): Step => {
  const [left, right] = proposal.lanes.map((id) => doc.lanes[id])
  if (left === undefined || right === undefined) return 'absent'
  const isPair = left.sink === right.sink && left.to === right.to && !scopesOverlap(left.tenants, right.tenants)
  if (!isPair || !isInside(left, proposal.at) || !isInside(right, proposal.at)) return 'range'
  let next = doc
  for (const id of proposal.lanes) next = withLane(next, id, { to: proposal.at })
  const tenants = uniteScopes(left.tenants, right.tenants)
  next = addLane(next, { sink: left.sink, from: proposal.at, to: left.to, tenants, slot: proposal.slot })
  for (const id of proposal.lanes) next = finishLane(next, id)
  return withRules(next)
}

/** Refused when an offset is already in a home or an epoch of one of the sinks: what was applied cannot be dead-lettered. */
export const deadLetter = (doc: LedgerDocument, proposal: Of<'deadLetter'>): Step => {
  let deadLetters = doc.deadLetters
  for (const sink of proposal.sinks) {
    if (doc.sinks[sink] === undefined) return 'absent'
    const segments = taken(doc, sink, false)
    if (proposal.offsets.some((offset, index) => isIn(segments, offset, proposal.tenants[index]!))) return 'taken'
    const fresh = proposal.offsets.filter((offset) => !isDeadLettered(doc, sink, offset))
    if (fresh.length > 0) deadLetters = { ...deadLetters, [sink]: joinOffsets(doc.deadLetters[sink] ?? [], fresh) }
  }
  return deadLetters === doc.deadLetters ? 'present' : withRules({ ...doc, deadLetters })
}

const joinOffsets = (
  ranges: readonly (readonly [number, number])[],
  offsets: readonly number[],
): readonly (readonly [number, number])[] => {
  const sorted = [...ranges, ...offsets.map((offset) => [offset, offset + 1] as const)].sort(
    (left, right) => left[0] - right[0],
  )
  const joined: [number, number][] = []
  for (const [from, to] of sorted) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else joined.push([from, to])
  }
  return joined
}
