/**
 * Deletes as pure changes of the document (PROTOCOL section 5). The rule in one line: an event belongs to the first
 * delete in list order that matches it; what a sink had taken when that delete was listed is taken out by the delete's
 * work on that sink, the rest is dropped by the lanes.
 *
 * Keeps I-3. Nothing here refers to lanes, so cuts, diversions and new sinks need no rule of their own.
 */
import type { DeleteEntry, DeleteWork, Home, LedgerDocument, Segment } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { coversSegments, hasSlots, homesOf, overlaps, taken, withSlot } from './document.ts'
import type { Proposal, Refusal } from './proposal.ts'

type Of<Kind extends Proposal['kind']> = Extract<Proposal, { kind: Kind }>
type Step = LedgerDocument | Refusal

export const turnOfDelete = (entry: number, sink: string): string => `D${entry}:${sink}`

export const isTurnOfDelete = (turn: string | null | undefined): boolean => turn?.startsWith('D') === true

export const isListed = (doc: LedgerDocument, offset: number): boolean =>
  offset < doc.start ||
  doc.deletes.some(
    (entry) => entry.records.some((one) => one.offset === offset) || entry.refused.some((one) => one.offset === offset),
  )

/** Largest offset of an entry: where its cover is cut off, and the mark of what it empties. */
export const entryOffset = (entry: DeleteEntry): number =>
  Math.max(...entry.records.map((one) => one.offset), ...entry.refused.map((one) => one.offset))

const noWork: DeleteWork = { state: 'waiting', todo: [], at: 0, declared: null, seq: 0, known: 0, retracted: 0 }

/** Lists delete records that a lane has met: one entry, its cover is what each sink has taken at this moment. */
export const registerDeletes = (doc: LedgerDocument, proposal: Of<'registerDeletes'>): Step => {
  const records = proposal.records.filter((one) => !isListed(doc, one.offset))
  const refused = proposal.refused.filter((one) => !isListed(doc, one.offset))
  if (records.length === 0 && refused.length === 0) return 'present'
  const end = Math.max(...records.map((one) => one.offset), -1)
  const cover: Record<string, readonly Segment[]> = {}
  const work: Record<string, DeleteWork> = {}
  for (const sink of records.length === 0 ? [] : Object.keys(doc.sinks)) {
    const had = taken(doc, sink, plantedFaults.has('cover-only-committed'))
    cover[sink] = had
      .map((one) => ({ from: one.from, to: Math.min(one.to, end), tenants: one.tenants }))
      .filter((one) => one.to > one.from)
    work[sink] = noWork
  }
  const store = proposal.eventStore
  // The event store serves every other sink's delete: it must hold whatever any of them had taken.
  if (store !== undefined && cover[store] !== undefined) cover[store] = Object.values(cover).flat()
  return { ...doc, rules: doc.rules + 1, deletes: [...doc.deletes, { records, refused, cover, work }] }
}

const withWork = (doc: LedgerDocument, index: number, sink: string, change: Partial<DeleteWork>): LedgerDocument => {
  const deletes = doc.deletes.map((entry, one) =>
    one === index ? { ...entry, work: { ...entry.work, [sink]: { ...entry.work[sink]!, ...change } } } : entry,
  )
  return { ...doc, deletes }
}

/** Whether the work of an entry may start on a sink: everything it covers is committed; the event store goes last. */
export const isDeleteReady = (
  doc: LedgerDocument,
  index: number,
  sink: string,
  eventStore: string | undefined,
): boolean => {
  const entry = doc.deletes[index]!
  if (!coversSegments(taken(doc, sink, true), entry.cover[sink] ?? [])) return false
  if (eventStore === undefined) return true
  if (!coversSegments(taken(doc, eventStore, true), entry.cover[eventStore] ?? [])) return false
  return sink !== eventStore || Object.keys(entry.work).every((one) => one === eventStore || isDoneOn(doc, entry, one))
}

/** A retired sink is out of service: nobody waits for it, and its work goes on when it returns. */
const isDoneOn = (doc: LedgerDocument, entry: DeleteEntry, sink: string): boolean =>
  entry.work[sink]?.state === 'done' || doc.sinks[sink]?.retired === true

export const isDeleteDone = (doc: LedgerDocument, entry: DeleteEntry): boolean =>
  Object.keys(entry.work).every((sink) => isDoneOn(doc, entry, sink))

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

export const startDelete = (doc: LedgerDocument, proposal: Of<'startDelete'>): Step => {
  const { entry: index, sink } = proposal
  const work = doc.deletes[index]?.work[sink]
  if (work?.state !== 'waiting') return 'moved'
  if (!isDeleteReady(doc, index, sink, proposal.eventStore)) return 'notReady'
  const cover = doc.deletes[index]!.cover[sink] ?? []
  const end = entryOffset(doc.deletes[index]!)
  const todo: Home[] = homesOf(doc, sink)
    .map((home) => ({ ...home, to: Math.min(home.to, end) }))
    .filter((home) => home.to > home.from && cover.some((segment) => overlaps(segment, home)))
  return withWork(doc, index, sink, { state: 'running', todo, at: todo[0]?.from ?? 0 })
}

export const declareDelete = (doc: LedgerDocument, proposal: Of<'declareDelete'>): Step => {
  const { entry: index, sink } = proposal
  const work = doc.deletes[index]?.work[sink]
  const isSame =
    work?.state === 'running' && work.todo.length === proposal.left && work.at === proposal.at && work.declared === null
  if (work === undefined || !isSame) return 'moved'
  const declared = { declared: proposal.to, known: doc.deletes.length }
  if (!hasSlots(doc.sinks[sink]!.kind)) return withWork(doc, index, sink, { ...declared, seq: work.seq + 1 })
  const slot = work.todo[0]!.slot
  const state = doc.sinks[sink]!.slots[slot]!
  // Held by another delete, of an owner that may be gone: whoever asks must finish that one first, not wait for it.
  if (state.turn !== null) return isTurnOfDelete(state.turn) ? 'moved' : 'waits'
  const seq = state.seq + 1
  return withSlot(withWork(doc, index, sink, { ...declared, seq }), sink, slot, {
    seq,
    turn: turnOfDelete(index, sink),
  })
}

export const commitDelete = (doc: LedgerDocument, proposal: Of<'commitDelete'>): Step => {
  const { entry: index, sink } = proposal
  const work = doc.deletes[index]?.work[sink]
  const isSame = work?.state === 'running' && work.todo.length === proposal.left && work.at === proposal.at
  if (work === undefined || !isSame || work.declared !== proposal.to || work.seq !== proposal.seq) return 'moved'
  const home = work.todo[0]!
  const isHomeDone = proposal.to >= home.to
  const todo = isHomeDone ? work.todo.slice(1) : work.todo
  const at = isHomeDone ? (todo[0]?.from ?? 0) : proposal.to
  const retracted = work.retracted + proposal.retracted
  const expired = proposal.expired === 0 ? {} : { expired: (work.expired ?? 0) + proposal.expired }
  const next = withWork(doc, index, sink, { declared: null, at, todo, retracted, ...expired })
  return hasSlots(doc.sinks[sink]!.kind) ? withSlot(next, sink, home.slot, { turn: null }) : next
}

export const finishDelete = (doc: LedgerDocument, proposal: Of<'finishDelete'>): Step => {
  const { entry: index, sink } = proposal
  const work = doc.deletes[index]?.work[sink]
  if (work?.state !== 'running' || work.todo.length > 0) return 'moved'
  const next = withWork(doc, index, sink, { state: 'done' })
  const entry = next.deletes[index]!
  const isOver = Object.values(entry.work).every((one) => one.state === 'done')
  // Covers are needed by running work only; the entry itself stays for lanes yet to come.
  return isOver
    ? { ...next, deletes: next.deletes.map((one, at) => (at === index ? { ...one, cover: {} } : one)) }
    : next
}

/** The log's start as this topology knows it: only grows, never passes a lane that is not finished. */
export const moveStart = (doc: LedgerDocument, proposal: Of<'moveStart'>): Step => {
  const lowest = Math.min(...Object.values(doc.lanes).map((lane) => lane.at))
  const start = Math.min(proposal.start, lowest)
  return start <= doc.start ? 'present' : { ...doc, start }
}
