/**
 * A person lets go what the log has dropped before it was read (PROTOCOL section 10): in one change the lane ends where it
 * stands, the range is recorded as lost, and a new lane goes on behind it (I-5).
 *
 * An epoch that is declared there can never be finished, for nobody can read it again. It is let go as a whole: rows and
 * objects may hold a part of it, so nothing of it may be applied a second time. Event rows alone are named by their
 * events, so there only what is gone is lost.
 */
import type { LaneState, LedgerDocument, LostRange } from '../../model/ledger-document.ts'
import { addLane, finishLane, hasSlots, withLane, withSlot } from './document.ts'
import { withoutLost } from './lost-ranges.ts'
import type { Proposal, Refusal } from './proposal.ts'

/** A lane that cannot go on, as it was found, and where it goes on when what lies before is let go. */
export interface SkippedLane {
  readonly lane: number
  readonly at: number
  readonly declared: number | null
  readonly to: number
}

/** Lanes of sinks in service that stand below the start of the log. `isServed`: whoever has it has read past the start. */
export const lanesBehind = (
  doc: LedgerDocument,
  start: number,
  isServed: (lane: number) => boolean,
): readonly SkippedLane[] =>
  Object.entries(doc.lanes)
    .map(([id, lane]) => ({ id: Number(id), lane }))
    .filter(({ id, lane }) => doc.sinks[lane.sink]?.retired === false && lane.at < start && !isServed(id))
    .map(({ id, lane }) => ({ lane: id, at: lane.at, declared: lane.declared, to: goesOnAt(doc, lane, start) }))

const goesOnAt = (doc: LedgerDocument, { sink, to, declared }: LaneState, start: number): number => {
  const readable = doc.sinks[sink]?.kind === 'events' ? start : Math.max(start, declared ?? start)
  return Math.min(readable, to ?? readable)
}

export const skip = (doc: LedgerDocument, proposal: Extract<Proposal, { kind: 'skip' }>): LedgerDocument | Refusal => {
  let next = doc
  for (const skipped of proposal.lanes) {
    const lane = doc.lanes[skipped.lane]
    if (lane === undefined || lane.at !== skipped.at || lane.declared !== skipped.declared) return 'moved'
    if (skipped.to <= lane.at || (lane.to !== null && skipped.to > lane.to)) return 'range'
    next = letGo(next, skipped, lane, proposal)
  }
  return next === doc ? 'absent' : { ...next, rules: doc.rules + 1 }
}

const letGo = (
  doc: LedgerDocument,
  { lane: id, to }: SkippedLane,
  lane: LaneState,
  { atMs, by, reason }: Extract<Proposal, { kind: 'skip' }>,
): LedgerDocument => {
  const { sink, at, declared, slot, tenants } = lane
  const part = declared === null ? {} : { declared }
  const range: LostRange = { sink, from: at, to, tenants, ...part, atMs, by, reason }
  let next: LedgerDocument = { ...doc, lost: [...(doc.lost ?? []), range] }
  if (declared !== null && hasSlots(doc.sinks[sink]!.kind)) next = withSlot(next, sink, slot, { turn: null })
  next = finishLane(withLane(next, id, { to: at, declared: null }), id)
  return withCovers(addLane(next, { sink, from: to, to: lane.to, tenants, slot }), sink, range)
}

/** Deletes that have not begun on the sink wait for what they cover, and this will never be there. */
const withCovers = (doc: LedgerDocument, sink: string, range: LostRange): LedgerDocument => ({
  ...doc,
  deletes: doc.deletes.map((entry) => {
    const cover = entry.cover[sink]
    if (cover === undefined) return entry
    return { ...entry, cover: { ...entry.cover, [sink]: withoutLost(cover, [range]) } }
  }),
})
