/**
 * What is to be done next about the listed deletes, as pure questions to a ledger document (PROTOCOL section 5).
 *
 * Two kinds of sinks. Where results live in slots, or in a user's own store, an entry is worked off epoch by epoch, each
 * declared before it is written. Event rows and objects lose a set of offsets, and losing it twice, in any order or for
 * several entries at once, is the same (I-3): they are swept for many entries together, and the ledger is told afterwards.
 */
import type { DeleteEntry, Home, LedgerDocument, Segment } from '../model/ledger-document.ts'
import type { SinkKind } from '../model/sink.ts'
import { isDeleteReady } from './ledger/delete-entries.ts'
import type { Proposal, RecordCount } from './ledger/proposal.ts'

export const isSwept = (kind: SinkKind): boolean => kind === 'events' || kind === 'objects'

/** Entries whose work on a sink may begin or go on, in the order of the list; who holds a turn goes first. */
export function* openEntries(doc: LedgerDocument, sink: string, eventStore: string | undefined): Iterable<DeleteEntry> {
  // Every other entry may need that very slot.
  const holder = doc.deletes.find((entry) => typeof entry.work[sink]?.declared === 'number')
  if (holder !== undefined) yield holder
  for (const entry of doc.deletes) {
    const work = entry.work[sink]
    if (work === undefined || work.state === 'done' || entry === holder) continue
    if (work.state === 'running' || isDeleteReady(doc, entry, sink, eventStore)) yield entry
  }
}

/** Whether everything that was to be read by lanes is read: no further delete will be met. */
export const areLanesAt = (doc: LedgerDocument, target: number): boolean =>
  Object.values(doc.lanes).every(
    (lane) => doc.sinks[lane.sink]?.retired === true || lane.at >= Math.min(target, lane.to ?? target),
  )

/**
 * The homes that a sweep takes together: as many as lie behind one another. Then all that it has taken out lies before a
 * place that the work can stand at. Homes of several tenants over the same offsets are taken one after the other.
 */
const homesInTurn = (todo: readonly Home[]): readonly Home[] => {
  const overlapping = todo.findIndex((home, index) => index > 0 && home.from < todo[index - 1]!.to)
  return overlapping < 0 ? todo : todo.slice(0, overlapping)
}

/** Committed ranges that the next sweep of a running entry has to read. */
export const rangesLeft = (entry: DeleteEntry, sink: string): readonly Segment[] => {
  const { todo, at } = entry.work[sink]!
  return homesInTurn(todo)
    .map((home, index) => (index === 0 ? { ...home, from: at } : home))
    .filter(({ from, to }) => to > from)
}

/** What a sweep took out for an entry. */
export interface SweptCounts {
  readonly retracted: number
  readonly byRecord: readonly RecordCount[]
  readonly expired: number
}

/**
 * Tells the ledger that everything of an entry below `upTo` has left a sink that is swept. Sent together, they are judged
 * together: another owner who was faster makes all of them void, and the counts with them.
 */
export const sweptProposals = (
  { n, work: works }: DeleteEntry,
  sink: string,
  upTo: number,
  swept: SweptCounts,
  eventStore: string | undefined,
): readonly Proposal[] => {
  const work = works[sink]!
  const proposals: Proposal[] = []
  let { todo, at, declared, seq } = work
  let counts = swept
  let inTurn = homesInTurn(todo).length
  for (let home = todo[0]; home !== undefined && inTurn > 0; home = todo[0]) {
    const to = declared ?? Math.min(home.to, upTo)
    if (to <= at && declared === null) break
    if (to > upTo) break
    const place = { entry: n, sink, at, to, left: todo.length }
    if (declared === null) {
      proposals.push({ kind: 'declareDelete', ...place, eventStore })
      seq += 1
    }
    proposals.push({ kind: 'commitDelete', ...place, seq, ...counts })
    counts = { retracted: 0, byRecord: [], expired: 0 }
    declared = null
    if (to >= home.to) {
      todo = todo.slice(1)
      at = todo[0]?.from ?? 0
      inTurn -= 1
    } else at = to
  }
  if (todo.length === 0) proposals.push({ kind: 'finishDelete', entry: n, sink })
  return proposals
}

/** A part of the log that a pass reads: a range, or single offsets. */
export type Piece =
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'points'; readonly offsets: readonly number[] }

/** Ranges joined and points outside of them, ascending. `points` ascend already. */
export const piecesOf = (
  ranges: readonly { readonly from: number; readonly to: number }[],
  points: readonly number[],
): readonly Piece[] => {
  const pieces: Piece[] = []
  let next = 0
  const pointsBelow = (end: number): void => {
    const first = next
    while (next < points.length && points[next]! < end) next += 1
    if (next > first) pieces.push({ kind: 'points', offsets: points.slice(first, next) })
  }
  for (const { from, to } of joined(ranges)) {
    pointsBelow(from)
    pieces.push({ kind: 'range', from, to })
    while (next < points.length && points[next]! < to) next += 1
  }
  pointsBelow(Number.POSITIVE_INFINITY)
  return pieces
}

const joined = (
  ranges: readonly { readonly from: number; readonly to: number }[],
): readonly { from: number; to: number }[] => {
  const result: { from: number; to: number }[] = []
  for (const { from, to } of [...ranges].sort((left, right) => left.from - right.from)) {
    const last = result.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else result.push({ from, to })
  }
  return result
}
