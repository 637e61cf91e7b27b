/**
 * The deletes of some partitions as people see them: one for each request, or for the job that wrote many requests,
 * whatever partitions and entries its records stand in (DOMAIN section 6). Pure; nothing that decides content reads it.
 */
import { readDeleteRequest } from '../model/delete-request.ts'
import type {
  ArchivedDelete,
  DeleteEntry,
  DeleteRecord,
  DeleteText,
  DeleteWork,
  LedgerDocument,
} from '../model/ledger-document.ts'
import type { DeleteState, DeleteStatus } from '../model/run-handle.ts'
import { entryOffset, isDeleteCounted, isDeleteDone, isDeletePartial, isDoneOn } from './ledger/delete-entries.ts'
import { idsOf } from './named-events.ts'

export interface DeletesView {
  readonly spout: string
  readonly partition: number
  readonly doc: LedgerDocument
  readonly textOf: (entry: DeleteEntry) => DeleteText | undefined
  readonly archived?: readonly ArchivedDelete[]
  readonly hasFailed?: (sink: string) => boolean
}

/** One record of a delete, or an entry of which nobody knows what it says. */
interface Part {
  readonly id: string
  readonly spout: string
  readonly partition: number
  readonly n: number
  readonly offset: number
  readonly state: DeleteState
  readonly matched: number
  readonly retracted: number
  readonly remaining: number
  readonly atMs?: number | undefined
  readonly reason?: string
}

type Place = Pick<Part, 'spout' | 'partition' | 'n'>

/** In the order of their first records. */
export const deletesOf = (views: readonly DeletesView[]): readonly DeleteStatus[] => {
  const parts = views.flatMap((view) => [
    ...(view.archived ?? []).flatMap((entry) => archivedParts(view, entry)),
    ...view.doc.deletes.flatMap((entry) => entryParts(view, entry)),
  ])
  return [...Map.groupBy(parts, (part) => part.id).values()].map(together)
}

const together = (parts: readonly Part[]): DeleteStatus => {
  const times = parts.flatMap((part) => part.atMs ?? [])
  const reason = parts.find((part) => part.reason !== undefined)?.reason
  // Records of one entry are looked for together, by one reading.
  const readings = new Map<string, number>()
  for (const { spout, partition, n, remaining } of parts) {
    const key = `${spout}/${partition}/${n}`
    readings.set(key, Math.max(remaining, readings.get(key) ?? 0))
  }
  return {
    id: parts[0]!.id,
    state: stateOf(parts.map((part) => part.state)),
    ...(times.length === 0 ? {} : { requestedAtMs: Math.min(...times) }),
    ...(reason === undefined ? {} : { reason }),
    partitions: parts.map(({ spout, partition, offset, state }) => ({ spout, partition, offset, state })),
    matched: sum(parts.map((part) => part.matched)),
    retracted: sum(parts.map((part) => part.retracted)),
    remaining: sum([...readings.values()]),
  }
}

/** What is refused in one partition is refused in all, for it follows from the record; it counts only where all are. */
const stateOf = (all: readonly DeleteState[]): DeleteState => {
  const states = all.filter((state) => state !== 'refused')
  const [first] = states
  if (first === undefined) return 'refused'
  if (states.every((state) => state === first)) return first
  if (states.includes('failed')) return 'failed'
  return states.every((state) => state === 'done' || state === 'partial') || states.includes('done')
    ? 'partial'
    : 'running'
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

const nameOf = ({ request, offset }: DeleteRecord, partition: number): string => {
  const { job, id } = request
  if (typeof job === 'string') return job
  return typeof id === 'string' ? id : unnamed(partition, offset)
}

const unnamed = (partition: number, offset: number): string => `${partition}@${offset}`

const archivedParts = ({ spout, partition }: DeletesView, entry: ArchivedDelete): readonly Part[] => {
  const place = { spout, partition, n: entry.n }
  const state = entry.isPartial ? 'partial' : 'done'
  const taken = entry.records.map((record, index): Part => {
    const matched = entry.counted[index] ?? 0
    const counts = { matched, retracted: matched, remaining: 0 }
    return { ...place, ...counts, id: nameOf(record, partition), offset: record.offset, state, atMs: record.atMs }
  })
  return [...taken, ...refusedParts(place, entry)]
}

const refusedParts = (place: Place, text: DeleteText): readonly Part[] =>
  text.refused.map(({ offset, reason, id, atMs }) => {
    const counts = { matched: 0, retracted: 0, remaining: 0 }
    return { ...place, ...counts, id: id ?? unnamed(place.partition, offset), offset, state: 'refused', reason, atMs }
  })

const entryParts = (view: DeletesView, entry: DeleteEntry): readonly Part[] => {
  const { spout, partition } = view
  const place = { spout, partition, n: entry.n }
  const state = entryState(view, entry)
  const text = view.textOf(entry)
  const { byRecord } = entry.counted
  if (text === undefined) {
    const offset = entryOffset(entry)
    const matched = sum(byRecord)
    const counts = { matched, retracted: retractedOf(view, entry, matched), remaining: remainingOf(view, entry, 1) }
    return [{ ...place, ...counts, id: unnamed(partition, offset), offset, state }]
  }
  const taken = text.records.map((record, index): Part => {
    const matched = byRecord[index] ?? 0
    const remaining = remainingOf(view, entry, namedBy(record))
    const counts = { matched, retracted: retractedOf(view, entry, matched), remaining }
    return { ...place, ...counts, id: nameOf(record, partition), offset: record.offset, state, atMs: record.atMs }
  })
  return [...taken, ...refusedParts(place, text)]
}

const entryState = ({ doc, hasFailed }: DeletesView, entry: DeleteEntry): DeleteState => {
  if (isDeleteDone(doc, entry)) {
    // What is told as done has its final numbers.
    if (!isDeleteCounted(doc, entry)) return 'running'
    return isDeletePartial(entry) ? 'partial' : 'done'
  }
  if (openSinks(doc, entry).some(([sink]) => hasFailed?.(sink) === true)) return 'failed'
  const states = Object.values(entry.work).map((work) => work.state)
  if (states.includes('done')) return 'partial'
  return states.includes('running') ? 'running' : 'accepted'
}

/** Sinks in service that have work left. */
const openSinks = (doc: LedgerDocument, entry: DeleteEntry): readonly (readonly [sink: string, work: DeleteWork])[] =>
  Object.entries(entry.work).filter(([sink]) => !isDoneOn(doc, entry, sink))

/** Work counts what it has taken out, but not for which record: of several it is told when all is done. */
const retractedOf = ({ doc }: DeletesView, entry: DeleteEntry, matched: number): number => {
  const open = openSinks(doc, entry)
  if (open.length === 0) return matched
  return entry.records === 1 ? Math.min(matched, ...open.map(([, work]) => work.retracted)) : 0
}

/** Records that are still read: the named ones, or all of the ranges. */
const remainingOf = ({ doc }: DeletesView, entry: DeleteEntry, named: number): number =>
  sum(
    openSinks(doc, entry).map(([sink, work]) => {
      const ranges = work.state === 'running' ? work.todo : (entry.cover[sink] ?? [])
      if (entry.isById) return ranges.length === 0 ? 0 : named
      const read = work.state === 'running' && work.todo.length > 0 ? work.at - work.todo[0]!.from : 0
      return sum(ranges.map(({ from, to }) => to - from)) - read
    }),
  )

const namedBy = ({ request }: DeleteRecord): number => {
  const read = readDeleteRequest(request)
  return (typeof read === 'string' ? undefined : idsOf(read))?.length ?? 0
}
