/**
 * The archive of the delete list (PROTOCOL section 5): entries whose work is done leave the document for rows that it
 * names, so that it stays small however many deletes there have been (I-6).
 *
 * An archived entry has no cover any more, and needs none: it was done on every sink, so what any had taken is out, and
 * whatever lane meets one of its events drops it (I-3).
 */
import type { DeleteEntry, LedgerDocument } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { entryOf, entryOffset, isDoneOn } from './delete-entries.ts'
import { lanesOf, lowestUnfinished } from './document.ts'
import type { Proposal, Refusal } from './proposal.ts'

// A list that is longer is archived without waiting for lanes that lag, or for sinks that nobody serves.
const listedEntriesMax = 1_000
const listedRecordsMax = 100_000

/** Whether the list is too long to wait for all that a short one waits for. */
const isLong = ({ deletes }: LedgerDocument): boolean =>
  deletes.length > listedEntriesMax || deletes.reduce((sum, entry) => sum + entry.records, 0) > listedRecordsMax

/**
 * Every delete record below is listed: some sink has read all of it, without a gap since the point below which that was
 * known before, and no lane declares what holds an unlisted record. A sink of one tenant skips what others ask for.
 */
export const scannedTo = (doc: LedgerDocument): number => {
  const floor = Math.max(doc.start, doc.scannedTo)
  let scanned = floor
  for (const [name, sink] of Object.entries(doc.sinks)) {
    if (sink.from > floor || sink.replay?.tenant !== undefined) continue
    const reached = Math.min(sink.to ?? Number.POSITIVE_INFINITY, ...lanesOf(doc, name).map(([, lane]) => lane.at))
    if (Number.isFinite(reached)) scanned = Math.max(scanned, reached)
  }
  return scanned
}

/** Entries that may go to the archive now, in list order. */
export const archivable = (doc: LedgerDocument): readonly DeleteEntry[] => {
  const hurries = isLong(doc)
  // Short of that, a lane that lags counts what it drops, and needs no block loaded.
  const passed = Math.min(scannedTo(doc), hurries ? Number.POSITIVE_INFINITY : lowestUnfinished(doc))
  const isOver = (entry: DeleteEntry): boolean =>
    Object.entries(entry.work).every(([sink, work]) => work.state === 'done' || (hurries && isDoneOn(doc, entry, sink)))
  return doc.deletes.filter((entry) => entryOffset(entry) < passed && isOver(entry))
}

/** A retired sink that has not done the work of an archived entry can never do it: it may not return. */
const withLapsed = (doc: LedgerDocument, entries: readonly DeleteEntry[]): LedgerDocument['sinks'] => {
  const lapsed = entries.flatMap(({ work }) => Object.keys(work).filter((sink) => work[sink]!.state !== 'done'))
  if (lapsed.length === 0) return doc.sinks
  return Object.fromEntries(
    Object.entries(doc.sinks).map(([name, sink]) => [name, lapsed.includes(name) ? { ...sink, lapsed: true } : sink]),
  )
}

/** `rules` stays: what an epoch leaves out is the same before and after. */
export const archiveDeletes = (
  doc: LedgerDocument,
  proposal: Extract<Proposal, { kind: 'archiveDeletes' }>,
): LedgerDocument | Refusal => {
  const entries = proposal.entries.flatMap((n) => entryOf(doc, n) ?? [])
  if (entries.length !== proposal.entries.length) return 'moved'
  const ready = new Set(archivable(doc))
  if (entries.some((entry) => !ready.has(entry))) return 'notReady'
  const rest = doc.archive.filter(({ stored }) => !proposal.replaced.includes(stored))
  if (rest.length + proposal.replaced.length !== doc.archive.length) return 'moved'
  const gone = new Set(proposal.entries)
  return {
    ...doc,
    deletes: doc.deletes.filter(({ n }) => !gone.has(n)),
    archive: plantedFaults.has('forget-done-deletes') ? rest : [...rest, proposal.block],
    scannedTo: scannedTo(doc),
    sinks: withLapsed(doc, entries),
  }
}
