/**
 * Charges the loss of a process to the records that were in user code, before anybody reads them again: the range first,
 * which is then read record by record, so that the next loss names one (PROTOCOL section 2, `tries`).
 *
 * Nothing here changes what an epoch contains; what is passed over is a dead letter like any other.
 */
import type { LaneState, LedgerDocument, Suspect } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { Proposal, Refusal } from './proposal.ts'

type Of<Kind extends Proposal['kind']> = Extract<Proposal, { kind: Kind }>
interface Range {
  readonly from: number
  readonly to: number
}

const overlap = (left: Range, right: Range): Range | undefined => {
  const range = { from: Math.max(left.from, right.from), to: Math.min(left.to, right.to) }
  return range.from < range.to ? range : undefined
}

/** Charged once to each of these lanes, and to others that suspect the same record, so that it ends no more of them. */
export const suspect = (doc: LedgerDocument, proposal: Of<'suspect'>): LedgerDocument | Refusal => {
  const { from, to, cause, isDoubtful } = proposal
  const lanes: Record<string, LaneState> = {}
  for (const [id, lane] of Object.entries(doc.lanes)) {
    if (isDoubtful && lane.suspect !== undefined) continue
    const isNamed = proposal.lanes.includes(Number(id))
    const isShared = to - from === 1 && lane.suspect !== undefined && overlap(lane.suspect, { from, to }) !== undefined
    // What is committed has nothing to fear; of what a cut has taken away the new lanes are charged when they meet it.
    const range = overlap({ from, to }, { from: lane.at, to: lane.to ?? Number.POSITIVE_INFINITY })
    if ((isNamed || isShared) && range !== undefined)
      lanes[id] = { ...lane, suspect: charged(lane.suspect, range, cause) }
  }
  return Object.keys(lanes).length === 0 ? 'present' : { ...doc, lanes: { ...doc.lanes, ...lanes } }
}

const charged = (before: Suspect | undefined, range: Range, cause: string): Suspect => {
  const both = before === undefined ? undefined : overlap(before, range)
  return both === undefined ? { ...range, attempts: 1, cause } : { ...both, attempts: before!.attempts + 1, cause }
}

const movesLanes: ReadonlySet<Proposal['kind']> = new Set(['cut', 'divert', 'rejoin'])

/** A lane that has passed its suspect forgets it; lanes that take over a part of another one's range take it along. */
export const carrySuspects = (before: LedgerDocument, after: LedgerDocument, proposal: Proposal): LedgerDocument => {
  if (proposal.kind === 'commit') return forgetPassed(after, proposal.lane)
  return movesLanes.has(proposal.kind) ? handOn(before, after) : after
}

const forgetPassed = (doc: LedgerDocument, id: number): LedgerDocument => {
  const lane = doc.lanes[id]
  if (lane?.suspect === undefined || lane.at < lane.suspect.to || plantedFaults.has('suspect-kept')) return doc
  const { suspect: _passed, ...rest } = lane
  return { ...doc, lanes: { ...doc.lanes, [id]: rest } }
}

const handOn = (before: LedgerDocument, after: LedgerDocument): LedgerDocument => {
  const suspecting = Object.values(before.lanes).filter((lane) => lane.suspect !== undefined)
  if (suspecting.length === 0) return after
  const lanes: Record<string, LaneState> = {}
  for (const [id, lane] of Object.entries(after.lanes)) {
    if (before.lanes[id] !== undefined) continue
    const range = { from: lane.from, to: lane.to ?? Number.POSITIVE_INFINITY }
    for (const { sink, suspect } of suspecting) {
      const part = sink === lane.sink ? overlap(suspect!, range) : undefined
      if (part !== undefined) lanes[id] = { ...lane, suspect: { ...suspect!, ...part } }
    }
  }
  return Object.keys(lanes).length === 0 ? after : { ...after, lanes: { ...after.lanes, ...lanes } }
}
