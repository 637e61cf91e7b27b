/**
 * Questions about the delete list of a ledger document (PROTOCOL section 5): what is listed, what is done, what is still
 * to be read, and what an event that a sink had taken is to it. Entries are named by `n`, their place in the list.
 */
import type { DeleteEntry, LedgerDocument, Segment } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { coversSegments, taken } from './document.ts'

export type OffsetRange = readonly [from: number, to: number]

/** The entry with this place in the list; `undefined` when it is archived, or was never listed. */
export const entryOf = (doc: LedgerDocument, n: number): DeleteEntry | undefined => {
  const { deletes } = doc
  let [low, high] = [0, deletes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (deletes[middle]!.n < n) low = middle + 1
    else high = middle
  }
  return deletes[low]?.n === n ? deletes[low] : undefined
}

/** Sorted numbers as ranges `[from, to)`; neighbours are joined. */
export const rangesOf = (sorted: readonly number[]): readonly OffsetRange[] => {
  const ranges: [number, number][] = []
  for (const offset of sorted) {
    const last = ranges.at(-1)
    if (last !== undefined && offset <= last[1]) last[1] = Math.max(last[1], offset + 1)
    else ranges.push([offset, offset + 1])
  }
  return ranges
}

const holds = (ranges: readonly OffsetRange[], offset: number): boolean =>
  ranges.some(([from, to]) => offset >= from && offset < to)

/** Below the start nothing is read, and below `scannedTo` nothing is left to be met: what stands there counts as listed. */
export const isListed = (doc: LedgerDocument, offset: number): boolean =>
  offset < doc.start || offset < doc.scannedTo || doc.deletes.some((entry) => holds(entry.offsets, offset))

/** Whether some offset of the ranges is listed. */
export const isAnyListed = (doc: LedgerDocument, ranges: readonly OffsetRange[]): boolean => {
  const floor = Math.max(doc.start, doc.scannedTo)
  return ranges.some(
    ([from, to]) =>
      from < floor || doc.deletes.some((entry) => entry.offsets.some((one) => from < one[1] && one[0] < to)),
  )
}

/** Largest offset of an entry: where its cover is cut off, and the mark of what it empties. */
export const entryOffset = (entry: Pick<DeleteEntry, 'offsets'>): number => entry.offsets.at(-1)![1] - 1

export const turnOfDelete = (n: number, sink: string): string => `D${n}:${sink}`

export const isTurnOfDelete = (turn: string | null | undefined): boolean => turn?.startsWith('D') === true

/**
 * What the sink had taken of an entry that it still has to work off.
 *
 * Of work that is done there is none, and nobody misses it. Work starts when everything covered is committed, so no lane
 * of the sink reads a covered event again: what a lane meets behind that point was not covered, and is dropped. Work on
 * later entries asks for their own covers alone, and an event of an earlier entry is none of theirs.
 */
export const coverOf = (doc: LedgerDocument, n: number, sink: string): readonly Segment[] => {
  const cover = entryOf(doc, n)?.cover ?? {}
  if (plantedFaults.has('newborn-uses-old-cover')) return cover[sink] ?? Object.values(cover)[0] ?? []
  return cover[sink] ?? []
}

/** Whether the work of an entry may start on a sink: everything it covers is committed; the event store goes last. */
export const isDeleteReady = (
  doc: LedgerDocument,
  entry: DeleteEntry,
  sink: string,
  eventStore: string | undefined,
): boolean => {
  const isEarly = plantedFaults.has('delete-before-commit')
  if (!isEarly && !coversSegments(taken(doc, sink, true), entry.cover[sink] ?? [])) return false
  if (eventStore === undefined) return true
  if (!coversSegments(taken(doc, eventStore, true), entry.cover[eventStore] ?? [])) return false
  if (sink !== eventStore || plantedFaults.has('release-early')) return true
  return Object.keys(entry.work).every((one) => one === eventStore || isDoneOn(doc, entry, one))
}

/** A retired sink is out of service: nobody waits for it, and its work goes on when it returns. */
export const isDoneOn = (doc: LedgerDocument, entry: DeleteEntry, sink: string): boolean =>
  entry.work[sink]?.state === 'done' || doc.sinks[sink]?.retired === true

export const isDeleteDone = (doc: LedgerDocument, entry: DeleteEntry): boolean =>
  Object.keys(entry.work).every((sink) => isDoneOn(doc, entry, sink))

/**
 * Whether the sink that counts has passed the entry: until then its lanes drop events of it, and count them. One that is
 * out of service counts no more.
 */
export const isDeleteCounted = (doc: LedgerDocument, entry: DeleteEntry): boolean => {
  const { sink } = entry.counted
  if (entry.records === 0 || doc.sinks[sink]?.retired !== false) return true
  const end = entryOffset(entry)
  return Object.values(doc.lanes).every((lane) => lane.sink !== sink || lane.at >= Math.min(lane.to ?? end, end))
}

/** Whether some of what an entry covers could not be read any more: `partial: source expired`. */
export const isDeletePartial = (entry: DeleteEntry): boolean =>
  Object.values(entry.work).some((work) => (work.expired ?? 0) > 0)

/** The lowest offset that the unfinished deletes of sinks in service have still to read; infinite when there is none. */
export const lowestOfDeletes = (doc: LedgerDocument): number => {
  let lowest = Number.POSITIVE_INFINITY
  for (const entry of doc.deletes) {
    for (const [sink, work] of Object.entries(entry.work)) {
      if (isDoneOn(doc, entry, sink)) continue
      const ranges = work.state === 'running' ? work.todo : (entry.cover[sink] ?? [])
      for (const [index, { from }] of ranges.entries())
        lowest = Math.min(lowest, work.state === 'running' && index === 0 ? work.at : from)
    }
  }
  return lowest
}
