/** What an audit tells, and how counts become differences. Pure. */
import type { AuditCell } from './audit-cells.ts'
import type { AuditDocuments } from './audit-documents.ts'
import { countersOf, type SinkTally } from './audit-expected.ts'
import type { AuditedKind, AuditSubject, NotAudited } from './audit-subjects.ts'
import { entryOf, isDeletePartial } from './engine/ledger/delete-entries.ts'
import { coversSegments, lanesOf } from './engine/ledger/document.ts'
import { lostOf } from './engine/ledger/lost-ranges.ts'
import { allTenants, onlyTenant } from './engine/ledger/tenant-scope.ts'
import type { Counters, LedgerDocument } from './model/ledger-document.ts'

export interface AuditedCell extends AuditCell {
  readonly agrees: boolean
}

export interface AuditDifference extends AuditCell {
  readonly kind: AuditedKind
  /** What it may mean: one sentence. */
  readonly meaning: string
}

export interface AuditedLog {
  readonly spout: string
  readonly topic: string
  readonly partition: number
  /** Offsets `[from, to)` were read; `end`: of the log. */
  readonly from: number
  readonly to: number
  readonly end: number
}

export interface AuditedSink {
  readonly name: string
  readonly stored: string
  readonly kind: AuditedKind
  /** Committed events of the log that were compared, and how many of them are out as dead letters and by deletes. */
  readonly events: number
  readonly deadLettered: number
  readonly deleted: number
  /** Sums of the counts of each window. */
  readonly windows: readonly {
    readonly window: string
    readonly expected: number
    readonly moving: number
    readonly found: number
  }[]
  /** Counts that were compared, and those that differ. */
  readonly cells: number
  readonly differing: number
  /** The log has dropped a part of what it holds: it may hold more than the log says, and does not count as a difference. */
  readonly isAtLeast: boolean
}

export interface AuditedCounters extends Counters {
  readonly stored: string
  readonly spout: string
  readonly partition: number
  /** What is wrong with them: one sentence each. */
  readonly problems: readonly string[]
}

/** Where a sink stands behind the log: what lies behind that was not compared. */
export interface OpenPosition {
  readonly stored: string
  readonly spout: string
  readonly partition: number
  /** Everything below is committed. */
  readonly committed: number
  readonly end: number
  /** Lanes that have something to read, and the offsets that are left in them. */
  readonly lanes: number
  readonly left: number
}

export interface AuditReport {
  readonly topology: string
  /** Nothing differs in what was compared. */
  readonly isEqual: boolean
  readonly records: number
  readonly logs: readonly AuditedLog[]
  readonly sinks: readonly AuditedSink[]
  /** Sinks that were not compared, and why. */
  readonly left: readonly NotAudited[]
  /** The first ones; `differenceCount` counts all. */
  readonly differences: readonly AuditDifference[]
  readonly differenceCount: number
  /** Rows and objects that cannot be what a run has written: the first ones. */
  readonly problems: readonly string[]
  readonly problemCount: number
  readonly counters: readonly AuditedCounters[]
  readonly open: readonly OpenPosition[]
  /** What else people should know: one sentence each. */
  readonly notes: readonly string[]
  /** Every count, where all were asked for. */
  readonly cells: readonly AuditedCell[]
}

export const judgeCell = (cell: AuditCell, isAtLeast: boolean): AuditedCell => {
  const { expected, moving, found } = cell
  return { ...cell, agrees: found >= expected && (isAtLeast || found <= expected + moving) }
}

/** What a difference may mean. */
export const meaningOf = ({ kind }: AuditSubject, { expected, found, moving }: AuditCell): string => {
  const [one, many] = nouns[kind]
  const open = moving === 0 ? '' : ` (${moving} more in open epochs)`
  const missing = expected - found
  const more = found - expected - moving
  return missing > 0
    ? `${missing} ${missing === 1 ? one : many} missing${open}: taken away by hand, expired by a TTL, or lost by the store`
    : `${more} ${more === 1 ? one : many} too many${open}: written by something else, or by an earlier life of the log`
}

const nouns: Readonly<Record<AuditedKind, readonly [one: string, many: string]>> = {
  events: ['row', 'rows'],
  objects: ['line of objects', 'lines of objects'],
  rollup: ['counted event', 'counted events'],
  schema: ['counted event', 'counted events'],
}

export const judgeCounters = (
  before: AuditDocuments,
  subject: Pick<AuditSubject, 'stored'>,
  spout: string,
  partition: number,
  tally: SinkTally | undefined,
  start: number,
): AuditedCounters | undefined => {
  const found = before.of(spout, partition)
  const sink = found?.doc.sinks[subject.stored]
  if (found === undefined || sink === undefined) return undefined
  const counters = countersOf(found, subject.stored)
  const { received, applied, deadLettered, dropped } = counters
  const problems: string[] = []
  if (received !== applied + deadLettered + dropped)
    problems.push(`received ${received} is not applied ${applied} + dead-lettered ${deadLettered} + dropped ${dropped}`)
  if (!isTiled(found.doc, subject.stored))
    problems.push('its lanes leave offsets out: some records of its range are read by none')
  const isWhole = tally !== undefined && sink.from >= start && lostOf(found.doc, subject.stored).length === 0
  if (isWhole && received !== tally.received)
    problems.push(`received ${received}, the log has ${tally.received} events and refused records`)
  if (isWhole && deadLettered !== tally.deadLettered)
    problems.push(`dead-lettered ${deadLettered}, log and ledger say ${tally.deadLettered}`)
  if (isWhole && dropped > tally.deleted)
    problems.push(`dropped ${dropped}, deletes match no more than ${tally.deleted}`)
  return { stored: subject.stored, spout, partition, ...counters, problems }
}

/** Finished ranges, lanes and what was let go hold every offset of the sink for every tenant (I-5). */
const isTiled = (doc: LedgerDocument, stored: string): boolean => {
  const { from, to, homes, replay } = doc.sinks[stored]!
  const end = to ?? Number.POSITIVE_INFINITY
  const lanes = lanesOf(doc, stored).map(([, lane]) => ({ ...lane, to: lane.to ?? Number.POSITIVE_INFINITY }))
  const tenants = replay?.tenant === undefined ? allTenants : onlyTenant(replay.tenant)
  return from >= end || coversSegments([...homes, ...lanes, ...lostOf(doc, stored)], [{ from, to: end, tenants }])
}

/** `undefined`: everything below the end of the log is committed. */
export const openPosition = (
  documents: AuditDocuments,
  stored: string,
  spout: string,
  partition: number,
  end: number,
): OpenPosition | undefined => {
  const doc = documents.of(spout, partition)?.doc
  if (doc?.sinks[stored] === undefined) return undefined
  const behind = lanesOf(doc, stored)
    .map(([, { at, to }]) => ({ at, left: Math.min(to ?? end, end) - at }))
    .filter(({ left }) => left > 0)
  if (behind.length === 0) return undefined
  const committed = behind.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY)
  const left = behind.reduce((sum, one) => sum + one.left, 0)
  return { stored, spout, partition, committed, end, lanes: behind.length, left }
}

/** Deletes that are not done on the sinks, what was lost, what ended in part. */
export const notesOf = (documents: AuditDocuments, subjects: readonly AuditSubject[]): readonly string[] => {
  const names = new Set(subjects.map(({ stored }) => stored))
  const notes: string[] = []
  for (const { key, doc } of documents.all) {
    const place = `partition ${key.partition} of ${key.spout}`
    const open = doc.deletes.filter(({ n }) => isOpenOn(entryOf(doc, n)?.work ?? {}, names))
    if (open.length > 0)
      notes.push(`${open.length} listed deletes of ${place} are not done: what they cover still stands in some sinks`)
    if (doc.deletes.some(isDeletePartial))
      notes.push(`a delete of ${place} ended in part: the log had dropped what it had to take out`)
    const lost = [...names].filter((sink) => lostOf(doc, sink).length > 0)
    if (lost.length > 0)
      notes.push(`${lost.join(', ')} of ${place} let go what the log had dropped (\`topology skip\`)`)
  }
  return notes
}

const isOpenOn = (work: Readonly<Record<string, { readonly state: string }>>, sinks: ReadonlySet<string>): boolean =>
  Object.entries(work).some(([sink, { state }]) => sinks.has(sink) && state !== 'done')
