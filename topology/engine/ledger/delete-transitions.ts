/**
 * Deletes as pure changes of the document (PROTOCOL section 5). The rule in one line: an event belongs to the first
 * delete in list order that matches it; what a sink had taken when that delete was listed is taken out by the delete's
 * work on that sink, the rest is dropped by the lanes.
 *
 * Keeps I-3. Nothing here refers to lanes, so cuts, diversions and new sinks need no rule of their own.
 */
import type { DeleteEntry, DeleteWork, Home, LedgerDocument, Segment, SinkState } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { entryOf, entryOffset, isAnyListed, isDeleteReady, isTurnOfDelete, turnOfDelete } from './delete-entries.ts'
import { hasSlots, homesOf, joinSegments, overlaps, taken, withSlot } from './document.ts'
import { lostOf, withoutLost } from './lost-ranges.ts'
import type { DeleteCount, Proposal, Refusal } from './proposal.ts'

type Of<Kind extends Proposal['kind']> = Extract<Proposal, { kind: Kind }>
type Step = LedgerDocument | Refusal

const noWork: DeleteWork = { state: 'waiting', todo: [], at: 0, declared: null, seq: 0, retracted: 0 }

/** Lists delete records that lanes have met: one entry, its cover is what each sink has taken at this moment. */
export const registerDeletes = (doc: LedgerDocument, proposal: Of<'registerDeletes'>): Step => {
  const { offsets, records, stored, isById, eventStore } = proposal
  if (isAnyListed(doc, offsets)) return 'present'
  const n = doc.nextDelete
  // One that lapsed does not return: nothing is to be done on it.
  const served = Object.keys(doc.sinks).filter((sink) => doc.sinks[sink]!.lapsed !== true)
  const sinks = records === 0 ? [] : served
  const cover = coverOfAll(doc, sinks, entryOffset({ offsets }), eventStore)
  const work = Object.fromEntries(sinks.map((sink) => [sink, noWork]))
  const counted = { sink: countingSink(doc), byRecord: Array.from({ length: records }, () => 0) }
  const entry: DeleteEntry = { n, offsets, records, stored, isById, cover, work, counted }
  return { ...doc, rules: doc.rules + 1, nextDelete: n + 1, deletes: [...doc.deletes, entry] }
}

const coverOfAll = (
  doc: LedgerDocument,
  sinks: readonly string[],
  end: number,
  eventStore: string | undefined,
): DeleteEntry['cover'] => {
  const cover: Record<string, readonly Segment[]> = {}
  for (const sink of sinks) {
    const had = taken(doc, sink, plantedFaults.has('cover-only-committed'))
    cover[sink] = joinSegments(
      had
        .map(({ from, to, tenants }) => ({ from, to: Math.min(to, end), tenants }))
        .filter(({ from, to }) => to > from),
    )
  }
  // The event store serves every other sink's delete: it must hold whatever any of them had taken since it began.
  const isSource = eventStore !== undefined && !plantedFaults.has('source-own-cover')
  if (isSource && cover[eventStore] !== undefined)
    cover[eventStore] = withoutLost(
      joinSegments(sinceBegin(doc.sinks[eventStore]!, Object.values(cover).flat())),
      lostOf(doc, eventStore),
    )
  return cover
}

/** A sink that came later than others never has what lies before it, and nobody may wait for that. */
const sinceBegin = (sink: SinkState, segments: readonly Segment[]): readonly Segment[] =>
  segments
    .map((segment) => ({ ...segment, from: Math.max(segment.from, sink.from) }))
    .filter(({ from, to }) => to > from)

/**
 * One sink counts what each record takes, so that people see a number: one that has met every event, where there is one.
 * Objects are committed late, and so are their counts: another goes before them.
 */
const countingSink = (doc: LedgerDocument): string => {
  const sinks = Object.entries(doc.sinks).filter(([, sink]) => !sink.retired)
  const whole = sinks.filter(([, { kind, from, to }]) => kind !== 'events' && from <= doc.start && to === null)
  const chosen = whole.find(([, { kind }]) => kind !== 'objects') ?? whole[0] ?? sinks[0]
  return chosen?.[0] ?? ''
}

const withEntry = (doc: LedgerDocument, n: number, change: (entry: DeleteEntry) => DeleteEntry): LedgerDocument => ({
  ...doc,
  deletes: doc.deletes.map((entry) => (entry.n === n ? change(entry) : entry)),
})

const withWork = (doc: LedgerDocument, n: number, sink: string, change: Partial<DeleteWork>): LedgerDocument =>
  withEntry(doc, n, (entry) => ({
    ...entry,
    work: { ...entry.work, [sink]: { ...entry.work[sink]!, ...change } },
  }))

/** Adds what a sink counted to the entries that it counts for. What is archived meanwhile is counted no more. */
export const withCounts = (doc: LedgerDocument, sink: string, counts: readonly DeleteCount[]): LedgerDocument => {
  let next = doc
  for (const { n, byRecord } of counts) {
    next = withEntry(next, n, (entry) => {
      if (entry.counted.sink !== sink) return entry
      const sums = [...entry.counted.byRecord]
      for (const [record, count] of byRecord) sums[record] = (sums[record] ?? 0) + count
      return { ...entry, counted: { sink, byRecord: sums } }
    })
  }
  return next
}

export const startDelete = (doc: LedgerDocument, proposal: Of<'startDelete'>): Step => {
  const { entry: n, sink, named, eventStore } = proposal
  const entry = entryOf(doc, n)
  if (entry?.work[sink]?.state !== 'waiting') return 'moved'
  if (!isDeleteReady(doc, entry, sink, eventStore)) return 'notReady'
  const cover = entry.cover[sink] ?? []
  const end = entryOffset(entry)
  const todo: Home[] = homesOf(doc, sink)
    .map((home) => ({ ...home, to: Math.min(home.to, end) }))
    .filter((home) => home.to > home.from && cover.some((segment) => overlaps(segment, home)))
    .filter((home) => named === undefined || named.some((one) => one >= home.from && one < home.to))
    .sort((left, right) => left.from - right.from)
  return withWork(doc, n, sink, { state: 'running', todo, at: todo[0]?.from ?? 0 })
}

export const declareDelete = (doc: LedgerDocument, proposal: Of<'declareDelete'>): Step => {
  const { entry: n, sink } = proposal
  const work = entryOf(doc, n)?.work[sink]
  const isSame =
    work?.state === 'running' && work.todo.length === proposal.left && work.at === proposal.at && work.declared === null
  if (work === undefined || !isSame) return 'moved'
  const declared = { declared: proposal.to }
  if (!hasSlots(doc.sinks[sink]!.kind)) return withWork(doc, n, sink, { ...declared, seq: work.seq + 1 })
  const slot = work.todo[0]!.slot
  const state = doc.sinks[sink]!.slots[slot]!
  // Held by another delete, of an owner that may be gone: whoever asks must finish that one first, not wait for it.
  if (state.turn !== null) return isTurnOfDelete(state.turn) ? 'moved' : 'waits'
  const seq = state.seq + 1
  return withSlot(withWork(doc, n, sink, { ...declared, seq }), sink, slot, { seq, turn: turnOfDelete(n, sink) })
}

export const commitDelete = (doc: LedgerDocument, proposal: Of<'commitDelete'>): Step => {
  const { entry: n, sink } = proposal
  const work = entryOf(doc, n)?.work[sink]
  const isSame = work?.state === 'running' && work.todo.length === proposal.left && work.at === proposal.at
  if (work === undefined || !isSame || work.declared !== proposal.to || work.seq !== proposal.seq) return 'moved'
  const home = work.todo[0]!
  const isHomeDone = proposal.to >= home.to
  const todo = isHomeDone ? work.todo.slice(1) : work.todo
  const at = isHomeDone ? (todo[0]?.from ?? 0) : proposal.to
  const retracted = work.retracted + proposal.retracted
  const expired = proposal.expired === 0 ? {} : { expired: (work.expired ?? 0) + proposal.expired }
  const moved = withWork(doc, n, sink, { declared: null, at, todo, retracted, ...expired })
  const next = withCounts(moved, sink, [{ n, byRecord: proposal.byRecord ?? [] }])
  return hasSlots(doc.sinks[sink]!.kind) ? withSlot(next, sink, home.slot, { turn: null }) : next
}

/** The cover goes with the work that needed it (`coverOf` says why); the entry stays for lanes yet to come. */
export const finishDelete = (doc: LedgerDocument, proposal: Of<'finishDelete'>): Step => {
  const { entry: n, sink } = proposal
  const work = entryOf(doc, n)?.work[sink]
  if (work?.state !== 'running' || work.todo.length > 0) return 'moved'
  return withEntry(withWork(doc, n, sink, { state: 'done' }), n, (entry) => {
    const { [sink]: _needed, ...cover } = entry.cover
    return { ...entry, cover }
  })
}

/**
 * The log's start as this topology knows it: only grows, never passes a lane that is not finished. Deletes of the archive
 * that stand below are forgotten, with or without an event store: no lane, present or future, reads below the start, so
 * none could bring back what they matched.
 */
export const moveStart = (doc: LedgerDocument, proposal: Of<'moveStart'>): Step => {
  const lowest = Math.min(
    ...Object.values(doc.lanes)
      .filter((lane) => doc.sinks[lane.sink]?.lapsed !== true)
      .map((lane) => lane.at),
  )
  const start = Math.min(proposal.start, lowest)
  if (start <= doc.start) return 'present'
  return { ...doc, start, archive: doc.archive.filter((block) => block.to > start) }
}
