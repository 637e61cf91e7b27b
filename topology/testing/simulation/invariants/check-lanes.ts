/**
 * What lanes, slots and finished ranges may do from one version of a ledger document to the next (PROTOCOL sections 2, 3
 * and 8): I-2, I-4 and I-8.
 *
 * One compare-and-set may hold many transitions, so each predicate is about their sum.
 */
import type { Counters, Home, LaneState, LedgerDocument, SinkState } from '../../../model/ledger-document.ts'
import { Violation } from '../violation.ts'
import { checkSuspect, checkSuspectOfNew } from './check-suspect.ts'
import { isSameReplay } from './is-same-replay.ts'

/** Throws a `Violation`. Says whether something has happened that must raise `rules`. */
export const checkLanes = (before: LedgerDocument, after: LedgerDocument): boolean => {
  let isRuled = false
  for (const [id, lane] of Object.entries(after.lanes)) {
    const earlier = before.lanes[id]
    if (earlier === undefined) checkNewLane(before, after, Number(id), lane)
    else if (checkLane(id, earlier, lane)) isRuled = true
    if (lane.declared !== null) checkTurnOfLane(after, id, lane)
  }
  for (const [id, lane] of Object.entries(before.lanes))
    if (after.lanes[id] === undefined) checkEnded(before, after, Number(id), lane)
  return isRuled || after.nextLane > before.nextLane
}

/** A lane of a first document, or one that a cut has made: nothing has happened in it. */
export const checkNewLane = (
  before: LedgerDocument | undefined,
  after: LedgerDocument,
  id: number,
  lane: LaneState,
): void => {
  const { from, to, at, declared, counters, sink } = lane
  checkSuspectOfNew(before, id, lane)
  if (id >= after.nextLane || (before !== undefined && id < before.nextLane))
    throw new Violation('I-4', `lane ${id} is new, and nextLane went from ${before?.nextLane} to ${after.nextLane}`)
  if (at !== from || declared !== null || counters.received !== 0)
    throw new Violation('I-4', `lane ${id} of ${sink} is new and stands at ${at}, not at its start ${from}`)
  if (to !== null && to <= from) throw new Violation('I-5', `lane ${id} of ${sink} holds nothing: [${from}, ${to})`)
}

/** Whether its range has changed. */
const checkLane = (id: string, before: LaneState, after: LaneState): boolean => {
  const isSame = after.sink === before.sink && after.from === before.from && after.slot === before.slot
  if (!isSame || !sameTenants(before, after))
    throw new Violation('I-5', `lane ${id} of ${before.sink} has changed its sink, start, slot or tenants`)
  checkProgress(id, before, after)
  if (after.to === before.to) return false
  if (after.to === null || (before.to !== null && after.to > before.to))
    throw new Violation('I-5', `lane ${id} of ${after.sink} grew from ${before.to} to ${after.to ?? 'no end'}`)
  return true
}

const sameTenants = ({ tenants: left }: LaneState, { tenants: right }: LaneState): boolean => {
  if (left === right || (left.kind === 'all' && right.kind === 'all')) return true
  if (left.kind === 'all' || right.kind === 'all' || left.kind !== right.kind) return false
  return left.names.length === right.names.length && left.names.every((name, index) => name === right.names[index])
}

const checkProgress = (id: string, before: LaneState, after: LaneState): void => {
  const { at, declared, to, sink, seq } = after
  checkSuspect(id, before, after)
  const place = `lane ${id} of ${sink}`
  if (at < before.at) throw new Violation('I-4', `${place} went back from ${before.at} to ${at}`)
  if (at > before.at && at !== before.declared)
    throw new Violation(
      'I-4',
      `${place} went from ${before.at} to ${at}, and ${before.declared ?? 'nothing'} was declared`,
    )
  if (at === before.at && before.declared !== null && declared !== before.declared)
    throw new Violation('I-4', `${place} had declared ${before.declared} from ${at} on, now ${declared ?? 'nothing'}`)
  if (declared !== null && declared <= at)
    throw new Violation('I-4', `${place} has declared ${declared}, and stands at ${at}`)
  if (to !== null && (declared ?? at) > to)
    throw new Violation('I-5', `${place} has taken up to ${declared ?? at}, and ends at ${to}`)
  if (seq < before.seq) throw new Violation('I-4', `the seq of ${place} fell from ${before.seq} to ${seq}`)
  const isFresh = declared !== null && (at > before.at || before.declared === null)
  if (isFresh && seq === before.seq)
    throw new Violation('I-4', `${place} has declared ${declared} under its old seq ${seq}`)
  checkCounted(place, before.counters, after.counters, at - before.at)
}

/** I-8, and no record is counted that was not read. */
const checkCounted = (place: string, before: Counters, after: Counters, offsets: number): void => {
  const { received, applied, deadLettered, dropped } = after
  if (received !== applied + deadLettered + dropped)
    throw new Violation('I-8', `${place} received ${received}, and ${applied} + ${deadLettered} + ${dropped} are told`)
  const isLess =
    applied < before.applied ||
    deadLettered < before.deadLettered ||
    dropped < before.dropped ||
    received < before.received
  if (isLess)
    throw new Violation('I-8', `a counter of ${place} fell: ${JSON.stringify(before)}, ${JSON.stringify(after)}`)
  if (received - before.received > offsets)
    throw new Violation('I-8', `${place} passed ${offsets} offsets and received ${received - before.received} records`)
}

/** What it had taken stands in a finished range, or was let go. */
const checkEnded = (before: LedgerDocument, after: LedgerDocument, id: number, lane: LaneState): void => {
  const { sink, from, at, declared } = lane
  const isLost =
    after.lost?.slice(before.lost?.length ?? 0).some((one) => one.sink === sink && one.from === at) === true
  const end = isLost ? at : (declared ?? at)
  if (end === from) return
  const slot = after.sinks[sink]!.slots.length > 0 ? lane.slot : undefined
  if (!after.sinks[sink]!.homes.some((home) => holds(home, from, end, slot)))
    throw new Violation(
      'I-4',
      `lane ${id} of ${sink} is gone, and no finished range holds [${from}, ${end}) that it had taken`,
    )
}

const holds = (home: Home, from: number, to: number, slot: number | undefined): boolean =>
  home.from <= from && home.to >= to && (slot === undefined || home.slot === slot)

/** Finished ranges stay and may be joined; slots count upwards; what a sink is does not change. */
export const checkSink = (name: string, before: SinkState, after: SinkState, ended: boolean): void => {
  const isSame = after.kind === before.kind && after.from === before.from && isSameReplay(before, after)
  if (!isSame || after.fingerprint !== before.fingerprint || after.slots.length !== before.slots.length)
    throw new Violation('I-1', `sink ${name} has become another`)
  if (before.lapsed === true && after.lapsed !== true) throw new Violation('I-3', `sink ${name} lapsed and came back`)
  for (const [index, { seq }] of before.slots.entries())
    if (after.slots[index]!.seq < seq)
      throw new Violation('I-4', `slot ${index} of ${name} went back from ${seq} to ${after.slots[index]!.seq}`)
  for (const [index, home] of before.homes.entries()) {
    const there = after.homes[index]
    if (there !== undefined && isWithin(home, there, after)) continue
    if (!after.homes.some((one) => isWithin(home, one, after)))
      throw new Violation('I-5', `the finished range [${home.from}, ${home.to}) of ${name} is gone`)
  }
  // Counters of a sink are those of lanes that are no more.
  checkCounted(`sink ${name}`, before.counters, after.counters, ended ? Number.POSITIVE_INFINITY : 0)
}

const isWithin = (home: Home, other: Home, { kind }: SinkState): boolean => {
  if (other.from > home.from || other.to < home.to || other.tenants.kind !== home.tenants.kind) return false
  if (kind === 'rows') return other.slot === home.slot
  return kind === 'events' || other.lane === home.lane
}

const checkTurnOfLane = ({ sinks }: LedgerDocument, id: string, { sink, slot, seq, declared }: LaneState): void => {
  const state = sinks[sink]!.slots[slot]
  if (state === undefined || (state.turn === `L${id}` && state.seq === seq)) return
  throw new Violation(
    'I-4',
    `lane ${id} of ${sink} has declared ${declared} as ${seq} in slot ${slot}, and ${state.turn ?? 'nobody'} has its turn at ${state.seq}`,
  )
}

/** A slot's turn names who has declared in it. */
export const checkTurns = (doc: LedgerDocument): void => {
  for (const [sink, { slots }] of Object.entries(doc.sinks))
    for (const [index, { turn, seq }] of slots.entries()) {
      if (turn === null) continue
      const epoch = turn.startsWith('L') ? doc.lanes[turn.slice(1)] : workOf(doc, turn, sink)
      if (epoch === undefined || epoch.declared === null || epoch.seq !== seq)
        throw new Violation('I-4', `slot ${index} of ${sink} waits for ${turn}, which has declared nothing as ${seq}`)
    }
}

const workOf = (
  { deletes }: LedgerDocument,
  turn: string,
  sink: string,
): { readonly declared: number | null; readonly seq: number } | undefined => {
  const n = Number(turn.slice(1, turn.indexOf(':')))
  return turn.slice(turn.indexOf(':') + 1) === sink ? deletes.find((entry) => entry.n === n)?.work[sink] : undefined
}
