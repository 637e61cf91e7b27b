/**
 * Takes the events of all running entries out of event rows or objects in one pass: an object is read and replaced once
 * for all of them.
 *
 * Why that is safe without declaring first (PROTOCOL sections 5 and 6): what leaves is a set of offsets, each of which
 * belongs to one entry for good, once that entry is listed. Emptying a row and taking a line out of an object can be done
 * twice, by two owners, and for a part only; nothing is added or subtracted. So a sweep that was not told to the ledger
 * is done again, and one that another owner has told is void with its counts (I-3, I-4).
 */
import type { DeleteEntry, LedgerDocument } from '../../model/ledger-document.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { rangesLeft, sweptProposals } from '../delete-work.ts'
import { entryOf, entryOffset } from '../ledger/delete-entries.ts'
import { type DeleteContext, idsOfEntry, reportDelete, writeDelete } from './delete-context.ts'
import { addAll, DeletePass, Outlet, PassShare } from './delete-pass.ts'
import { type ReadShare, readForDelete } from './delete-reading.ts'

/** Sweeps once: everything, or as much as memory may hold. Throws what stops the sink. */
export const sweepDeletes = async (
  parts: DeleteContext,
  node: PlannedSink,
  entries: readonly number[],
): Promise<void> => {
  const { doc } = parts.context.ledger
  const running = entries.flatMap((n) => {
    const entry = entryOf(doc, n)
    return entry?.work[node.name]?.state === 'running' ? [entry] : []
  })
  const outlets = openOutlets(parts, node, running)
  try {
    const shares = await Promise.all(running.map((entry) => shareOf(parts, node, entry, outlets.get(entry.n)!)))
    const unread = shares.filter(({ share }) => !takeKept(parts, doc, share))
    const to = await read(parts, doc, unread)
    if (to === undefined) return
    const from = Math.min(to, lowestOf(shares))
    for (const [outlet, deleteOffset] of marksOf(shares)) {
      if (outlet.failure !== undefined) throw outlet.failure.error
      const epoch = { from, to, seq: 0, slot: 0, lane: 0 }
      if (outlet.isUsed) await writeDelete(parts.context, node, outlet.effects, epoch, deleteOffset)
    }
    await tell(parts, node, shares, ({ share }) => (unread.some((one) => one.share === share) ? to : everything))
  } finally {
    for (const outlet of new Set(outlets.values())) outlet.effects.discard()
  }
}

const everything = Number.POSITIVE_INFINITY
// As many as a batch of the log has, about.
const rowsAtOnce = 4_096

/** Takes what an earlier pass has found of an entry; false where the log has to be read. */
const takeKept = ({ kept: all }: DeleteContext, doc: LedgerDocument, share: PassShare): boolean => {
  const kept = all.get(share.entry.n)
  const { chain, dedupes, replay } = share.node
  // What a bolt makes of an event, and whether the sink has it at all, needs the event itself.
  const isPlain = chain.length === 0 && dedupes.length === 0 && replay?.timeframe === undefined
  if (kept === undefined || !isPlain) return false
  if (share.ranges.some(({ from, to }) => from < kept.from || to > kept.to)) return false
  const rows: number[] = []
  kept.each((row, at, tenant, record) => {
    if (!share.holds(doc, at, tenant)) return
    rows.push(row)
    share.note(record)
  })
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    addAll(share.outlet, [kept.select(rows.slice(from, from + rowsAtOnce))])
  return true
}

/** By entry. Each emptied row names the delete that emptied it; what leaves an object leaves no name behind. */
const openOutlets = (
  { context }: DeleteContext,
  node: PlannedSink,
  entries: readonly DeleteEntry[],
): ReadonlyMap<number, Outlet> => {
  const open = (): Outlet => new Outlet(node.name, context.writers.get(node.name)!.openEpoch())
  const shared = node.kind === 'objects' && entries.length > 0 ? open() : undefined
  return new Map(entries.map((entry) => [entry.n, shared ?? open()]))
}

const shareOf = async (
  { context }: DeleteContext,
  node: PlannedSink,
  entry: DeleteEntry,
  outlet: Outlet,
): Promise<ReadShare> => ({
  share: new PassShare(node, entry, rangesLeft(entry, node.name), outlet),
  records: await context.deletes.recordsOf(entry),
})

const marksOf = (shares: readonly ReadShare[]): ReadonlyMap<Outlet, number> => {
  const marks = new Map<Outlet, number>()
  for (const { share } of shares)
    marks.set(share.outlet, Math.max(entryOffset(share.entry), marks.get(share.outlet) ?? 0))
  return marks
}

const lowestOf = (shares: readonly ReadShare[]): number => {
  let lowest = Number.POSITIVE_INFINITY
  for (const { share } of shares) for (const { from } of share.ranges) lowest = Math.min(lowest, from)
  return lowest
}

/** Gives the offset below which everything is collected; `undefined` when a delete was paused. */
const read = async (
  { context, cache, isDeletePaused }: DeleteContext,
  doc: LedgerDocument,
  shares: readonly ReadShare[],
): Promise<number | undefined> => {
  const all = shares.map(({ share }) => share)
  const first = lowestOf(shares)
  if (!Number.isFinite(first)) return first
  const ids = (await Promise.all(all.map(({ entry }) => idsOfEntry(context, entry)))).flat()
  const records = shares.flatMap((one) => one.records)
  return readForDelete(context, cache, {
    pass: new DeletePass(context, doc, await context.deletes.matcherOf(doc, first), all, records),
    shares,
    to: Number.POSITIVE_INFINITY,
    maySuspend: true,
    workMs: Number.POSITIVE_INFINITY,
    isPaused: () => ids.some(isDeletePaused),
  })
}

const tell = async (
  { context }: DeleteContext,
  { name }: PlannedSink,
  shares: readonly ReadShare[],
  upTo: (share: ReadShare) => number,
): Promise<void> => {
  const { ledger, eventStore } = context
  // All of one moment go into one compare-and-set.
  const told = shares.map(async (one) => {
    const { share } = one
    const counts = { retracted: share.retracted, byRecord: [...share.byRecord], expired: share.expired }
    const proposals = sweptProposals(share.entry, name, upTo(one), counts, eventStore)
    const verdicts = await Promise.all(proposals.map((one) => ledger.propose(one)))
    const isOver = proposals.at(-1)?.kind === 'finishDelete' && verdicts.at(-1)?.kind === 'applied'
    if (isOver) reportDelete(context, share.entry, name)
    return verdicts.every((verdict) => verdict.kind === 'applied')
  })
  if (!(await Promise.all(told)).every(Boolean)) await ledger.refresh()
}
