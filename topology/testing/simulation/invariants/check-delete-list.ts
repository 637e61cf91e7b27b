/**
 * What the delete list of a ledger document may do from one version to the next (PROTOCOL section 5): I-3 and I-4.
 *
 * Entries are added, worked off and archived. What an entry covers is what each sink had taken when it was listed, no
 * less; it never grows.
 */
import type { DeleteEntry, LedgerDocument } from '../../../model/ledger-document.ts'
import { Violation } from '../violation.ts'
import { checkDeleteWork } from './check-delete-work.ts'
import { eventStoreIn, firstMissing, takenBy, tenantText } from './ranges.ts'

/** Throws a `Violation`. */
export const checkDeleteList = (before: LedgerDocument, after: LedgerDocument): void => {
  if (after.nextDelete < before.nextDelete)
    throw new Violation('I-3', `nextDelete went back from ${before.nextDelete} to ${after.nextDelete}`)
  if (after.scannedTo < before.scannedTo)
    throw new Violation('I-3', `scannedTo went back from ${before.scannedTo} to ${after.scannedTo}`)
  let next = 0
  const gone: DeleteEntry[] = []
  for (const entry of before.deletes) {
    const same = after.deletes[next]
    if (same === undefined || same.n !== entry.n) gone.push(entry)
    else {
      checkEntry(entry, same, before, after)
      next += 1
    }
  }
  const added = after.deletes.slice(next)
  let n = before.nextDelete - 1
  for (const entry of added) {
    if (entry.n <= n || entry.n >= after.nextDelete)
      throw new Violation('I-3', `delete ${entry.n} was listed behind ${n}, and the next one is ${after.nextDelete}`)
    n = entry.n
    checkAdded(entry, before, after)
  }
  for (const entry of gone) checkArchivable(entry, after)
  if (gone.length > 0 || before.archive.length !== after.archive.length) checkArchive(before, after, added.length, gone)
}

const checkEntry = (before: DeleteEntry, after: DeleteEntry, earlier: LedgerDocument, doc: LedgerDocument): void => {
  const { n } = before
  if (after.stored !== before.stored || after.records !== before.records || after.isById !== before.isById)
    throw new Violation('I-3', `delete ${n} has become another`)
  for (const [sink, work] of Object.entries(after.work)) {
    const was = before.work[sink]
    if (was === undefined) throw new Violation('I-3', `delete ${n} has got work on ${sink} after it was listed`)
    checkDeleteWork(doc, after, sink, was, work, before.cover[sink])
    if (work.state === 'done') continue
    const [cover, covered] = [after.cover[sink], before.cover[sink]]
    if (cover === undefined || covered === undefined)
      throw new Violation('I-3', `delete ${n} has forgotten what it covers on ${sink}, and its work is ${work.state}`)
    if (isEqual(cover, covered)) continue
    const more = firstMissing(cover, covered)
    if (more !== undefined)
      throw new Violation('I-3', `delete ${n} covers ${more.offset} of ${sink} now, and did not before`)
    if (earlier.lost?.length === doc.lost?.length) throw new Violation('I-3', `delete ${n} covers less of ${sink} now`)
  }
  if (Object.keys(before.work).length !== Object.keys(after.work).length)
    throw new Violation('I-3', `delete ${n} has forgotten its work on a sink`)
  for (const [record, count] of before.counted.byRecord.entries())
    if ((after.counted.byRecord[record] ?? 0) < count)
      throw new Violation('I-8', `record ${record} of delete ${n} had taken ${count} events, now fewer`)
}

const isEqual = (left: DeleteEntry['cover'][string], right: DeleteEntry['cover'][string]): boolean =>
  left === right ||
  (left.length === right.length &&
    left.every(({ from, to, tenants }, index) => {
      const other = right[index]!
      return from === other.from && to === other.to && tenants.kind === other.tenants.kind
    }))

/** It covers what each sink has taken, cut off at its largest offset, and nothing else. */
const checkAdded = (entry: DeleteEntry, before: LedgerDocument, doc: LedgerDocument): void => {
  const { n, offsets, cover, work, records } = entry
  const floor = Math.max(before.start, before.scannedTo)
  const [first] = offsets[0]!
  if (first < floor) throw new Violation('I-3', `delete ${n} stands at ${first}, below ${floor} all are listed`)
  for (const other of doc.deletes)
    if (other !== entry && other.offsets.some(([from, to]) => offsets.some((one) => one[0] < to && from < one[1])))
      throw new Violation('I-3', `the delete record at ${first} is listed as ${other.n} and as ${n}`)
  const end = offsets.at(-1)![1] - 1
  if (records > 0) checkSource(entry, doc, end)
  for (const [sink, { kind, lapsed }] of Object.entries(doc.sinks)) {
    if (records === 0 || lapsed === true) continue
    if (work[sink]?.state !== 'waiting') throw new Violation('I-3', `delete ${n} has no work on ${sink}`)
    const taken = takenBy(doc, sink, false)
    const missing = firstMissing(taken, cover[sink] ?? [], end)
    if (missing !== undefined)
      throw new Violation(
        'I-3',
        `delete ${n} does not cover ${missing.offset} (${tenantText(missing.tenant)}), which ${sink} has taken`,
      )
    // The event store keeps what any sink had taken until that has read it.
    const more = kind === 'events' ? undefined : firstMissing(cover[sink] ?? [], taken, end)
    if (more !== undefined || (cover[sink] ?? []).some(({ to }) => to > end))
      throw new Violation('I-3', `delete ${n} at ${end} covers more than ${sink} has taken`)
  }
}

/** The event store has still to take, or keeps, whatever another sink had taken: that reads it there. */
const checkSource = ({ n, cover }: DeleteEntry, doc: LedgerDocument, end: number): void => {
  const store = eventStoreIn(doc)
  if (store === undefined) return
  const { from: begun } = doc.sinks[store]!
  const needed = Object.keys(doc.sinks)
    .filter((sink) => doc.sinks[sink]!.lapsed !== true)
    .flatMap((sink) => takenBy(doc, sink, false))
    .map((range) => ({ ...range, from: Math.max(range.from, begun) }))
    .filter(({ from, to }) => to === null || to > from)
  const kept = [...(cover[store] ?? []), ...(doc.lost ?? []).filter(({ sink }) => sink === store)]
  const missing = firstMissing(needed, kept, end)
  if (missing !== undefined)
    throw new Violation('I-3', `delete ${n} does not keep ${missing.offset} in ${store}, which another sink has taken`)
}

const checkArchivable = (entry: DeleteEntry, { sinks, scannedTo }: LedgerDocument): void => {
  for (const [sink, { state }] of Object.entries(entry.work))
    if (state !== 'done' && sinks[sink]?.lapsed !== true)
      throw new Violation('I-3', `delete ${entry.n} left the list, and its work on ${sink} was ${state}`)
  const end = entry.offsets.at(-1)![1] - 1
  if (end >= scannedTo)
    throw new Violation('I-3', `delete ${entry.n} at ${end} left the list, which is scanned to ${scannedTo}`)
}

/** What has left the list stands in the archive, unless nobody reads below it any more. */
const checkArchive = (
  before: LedgerDocument,
  after: LedgerDocument,
  added: number,
  gone: readonly DeleteEntry[],
): void => {
  const total = before.deletes.length + entriesOf(before.archive) + added
  let forgotten = 0
  if (after.start > before.start) {
    forgotten = entriesOf(before.archive.filter(({ to }) => to <= after.start))
    forgotten += gone.filter((entry) => entry.offsets.at(-1)![1] <= after.start).length
  }
  const kept = after.deletes.length + entriesOf(after.archive)
  if (kept > total || kept < total - forgotten)
    throw new Violation(
      'I-3',
      `${total} deletes were known and ${kept} are, of which ${forgotten} lay below the start ${after.start}`,
    )
}

const entriesOf = (blocks: LedgerDocument['archive']): number => blocks.reduce((sum, { entries }) => sum + entries, 0)
