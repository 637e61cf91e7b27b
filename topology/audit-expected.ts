/**
 * What the log says that sinks hold, counted by tenant, collection and window: each partition is read once, decoded once,
 * and each event judged by the ledger as it was before the stores were read and after.
 *
 * In bounded memory: a batch of records at a time. Where bolts stand above a sink they are run, on what it was to be given.
 */
import type { RollupState } from '../operators/rollup/rollup-state.ts'
import { hourOf, hourStartMs } from '../sinks/rows/event-table.ts'
import type { AuditCell, AuditCells } from './audit-cells.ts'
import type { AuditDocuments, AuditedDocument } from './audit-documents.ts'
import { allTimes, appendHourWindow, hourWindow, isWindowAsked, shownWindow } from './audit-found.ts'
import type { AuditQuestion, AuditSubject } from './audit-subjects.ts'
import { isListed } from './engine/ledger/delete-entries.ts'
import { isIn } from './engine/ledger/document.ts'
import { ownersIn, type Presence, presenceBetween, type SinkPresence } from './engine/sink-presence.ts'
import type { DecodedBatch, Decoder, EventBatch } from './model/decoder.ts'
import type { Counters, Segment } from './model/ledger-document.ts'
import type { StateDelta } from './model/operator.ts'
import type { RecordBatch } from './model/record.ts'
import type { Tuples } from './model/tuples.ts'

/** Of one sink on one partition. */
export interface SinkTally {
  /** As its counters should say, where all of it was read. */
  received: number
  deadLettered: number
  /** Committed events of which some delete is the owner. */
  deleted: number
  /** Committed events of the question: in the log, dead letters among them, out by a delete. */
  readonly asked: { events: number; dead: number; gone: number }
}

export interface ExpectedPlace {
  readonly cells: AuditCells
  readonly question: AuditQuestion
  readonly before: AuditDocuments
  readonly after: AuditDocuments
  /** What the sink is given of some events of a batch, behind its bolts; several lists where streams are merged. */
  readonly behindBolts: (subject: AuditSubject, events: EventBatch, isSure: boolean) => Promise<readonly Tuples[]>
  /** Indices that bolts hold back as duplicates. */
  readonly heldBack: (subject: AuditSubject, events: EventBatch) => Promise<readonly number[]>
  /** Offsets that cannot be compared, see `FoundIn.cut`. */
  readonly cutOf: (subject: AuditSubject) => readonly Segment[]
}

/** What one partition has told. */
export interface CountedPartition {
  /** By the stored name of the sink. */
  readonly tallies: ReadonlyMap<string, SinkTally>
  /** Offsets of delete records that some sink has passed and that nobody has listed. */
  readonly unlisted: readonly number[]
}

export interface AuditedPartition {
  readonly spout: string
  readonly partition: number
  readonly subjects: readonly AuditSubject[]
  readonly decoder: Decoder
  /** The next records; `undefined` at the end. */
  readonly next: () => Promise<RecordBatch | undefined>
}

interface Judge {
  readonly subject: AuditSubject
  readonly before: SinkPresence
  readonly after: SinkPresence
  readonly cut: readonly Segment[]
  /** Only the events of this time: a replay was asked for them. */
  readonly timeframe: { readonly startMs: number; readonly endMs: number } | undefined
  readonly tally: SinkTally
}

export const countExpected = async (
  place: ExpectedPlace,
  { spout, partition, subjects, decoder, next }: AuditedPartition,
): Promise<CountedPartition> => {
  const [before, after] = [place.before.of(spout, partition), place.after.of(spout, partition)]
  const judges = subjects.flatMap((subject): readonly Judge[] => {
    const [early, late] = [place.before, place.after].map((one) => one.presence(subject.stored, spout, partition))
    if (early === undefined || late === undefined) return []
    const timeframe = before?.doc.sinks[subject.stored]?.replay?.timeframe
    const tally = { received: 0, deadLettered: 0, deleted: 0, asked: { events: 0, dead: 0, gone: 0 } }
    return [{ subject, before: early, after: late, cut: place.cutOf(subject), timeframe, tally }]
  })
  if (before === undefined || after === undefined || judges.length === 0) return { tallies: new Map(), unlisted: [] }
  const unlisted: number[] = []
  for (let batch = await next(); batch !== undefined; batch = await next()) {
    await decoder.prepare?.(batch)
    const decoded = decoder.decode(batch)
    await countBatch(place, judges, decoded, before, after)
    for (const one of decoded.deletes) if (isUnlisted(before, judges, one.offset)) unlisted.push(one.offset)
  }
  return { tallies: new Map(judges.map(({ subject, tally }) => [subject.stored, tally])), unlisted }
}

/** No lane may pass a delete record that is not listed (PROTOCOL section 5). */
const isUnlisted = ({ doc }: AuditedDocument, judges: readonly Judge[], offset: number): boolean =>
  judges.some(({ before }) => before.passes(offset) > 0) && !isListed(doc, offset)

const countBatch = async (
  place: ExpectedPlace,
  judges: readonly Judge[],
  { from, to, events, rejects }: DecodedBatch,
  before: AuditedDocument,
  after: AuditedDocument,
): Promise<void> => {
  const owners = [ownersIn(before.matcher, events), ownersIn(after.matcher, events)] as const
  for (const judge of judges) {
    judge.before.near(from, to)
    judge.after.near(from, to)
    for (const { record, project } of rejects) {
      const passes =
        project === undefined
          ? judge.before.passes(record.offset)
          : Number(judge.before.isCommitted(record.offset, project))
      judge.tally.received += passes
      judge.tally.deadLettered += passes
    }
    const sorted = sortOut(place, judge, events, owners)
    await count(place, judge, events, sorted.sure, true)
    await count(place, judge, events, sorted.moving, false)
  }
}

type Owners = readonly (number | undefined)[] | undefined

/** Indices of the events that are in, and of those that may be. */
const sortOut = (
  { question }: ExpectedPlace,
  { subject, before, after, cut, timeframe, tally }: Judge,
  events: EventBatch,
  [early, late]: readonly [Owners, Owners],
): { readonly sure: readonly number[]; readonly moving: readonly number[] } => {
  const [projects, collections, times] = [events.projects(), events.collections(), events.timesMs()]
  const sure: number[] = []
  const moving: number[] = []
  for (let index = 0; index < events.length; index++) {
    const [offset, project] = [events.offsets[index]!, projects[index]!]
    const first = before.of(offset, project, early?.[index])
    const isCommitted = before.isCommitted(offset, project)
    if (isCommitted) tallyUp(tally, first, early?.[index])
    // What was not committed when the ledger was read is not looked at, where every row tells its place.
    if (!isCommitted && subject.state === undefined) continue
    const presence = presenceBetween(first, after.of(offset, project, late?.[index]))
    if (presence === 'unread' || (cut.length > 0 && isIn(cut, offset, project))) continue
    const timeMs = times[index]!
    if (timeframe !== undefined && (timeMs < timeframe.startMs || timeMs >= timeframe.endMs)) continue
    if (isCommitted && isEventAsked(question, project, collections[index]!, timeMs)) {
      tally.asked.events += 1
      if (presence === 'dead') tally.asked.dead += 1
      if (presence === 'gone') tally.asked.gone += 1
    }
    if (presence === 'in') sure.push(index)
    if (presence === 'moving') moving.push(index)
  }
  return { sure, moving }
}

const tallyUp = (tally: SinkTally, presence: Presence, owner: number | undefined): void => {
  tally.received += 1
  if (presence === 'dead') tally.deadLettered += 1
  else if (owner !== undefined) tally.deleted += 1
}

const isEventAsked = (
  { project, collection, timeframe }: AuditQuestion,
  ofProject: string,
  ofCollection: string,
  timeMs: number,
): boolean =>
  (project === undefined || project === ofProject) &&
  (collection === undefined || collection === ofCollection) &&
  (timeframe === undefined || (timeMs >= timeframe.startMs && timeMs < timeframe.endMs))

const count = async (
  place: ExpectedPlace,
  { subject }: Judge,
  events: EventBatch,
  indices: readonly number[],
  isSure: boolean,
): Promise<void> => {
  if (indices.length === 0) return
  const add = (cell: AuditCell, weight = 1): void => {
    if (isSure) cell.expected += weight
    else cell.moving += weight
  }
  if (subject.planned.size === 0) {
    countTuples(place, subject, indices.length === events.length ? events : events.select(indices), add, undefined)
    return
  }
  const held = new Set(await place.heldBack(subject, events))
  const kept = indices.filter((index) => !held.has(index))
  if (kept.length === 0) return
  const seen = new Set<number>()
  for (const tuples of await place.behindBolts(subject, events.select(kept), isSure))
    countTuples(place, subject, tuples, add, seen)
}

type Add = (cell: AuditCell, weight?: number) => void

/** `seen`: offsets, where bolts may give an event twice: it is stored once. */
const countTuples = (
  place: ExpectedPlace,
  subject: AuditSubject,
  tuples: Tuples,
  add: Add,
  seen: Set<number> | undefined,
): void => {
  if (tuples.length === 0) return
  if (subject.kind === 'rollup') countWindows(place, subject, tuples, add)
  else if (subject.kind === 'schema') countSchema(place, subject, tuples, add)
  else countStored(place, subject, tuples, add, seen)
}

const countStored = (
  { cells, question }: ExpectedPlace,
  { stored, kind }: AuditSubject,
  tuples: Tuples,
  add: Add,
  seen: Set<number> | undefined,
): void => {
  const events = tuples.events()
  if (events === undefined) return
  const [projects, collections, times] = [events.projects(), events.collections(), events.timesMs()]
  for (let index = 0; index < events.length; index++) {
    const offset = events.offsets[index]!
    if (seen?.has(offset) === true) continue
    seen?.add(offset)
    const [project, collection] = [projects[index]!, collections[index]!]
    const timeMs = kind === 'events' ? times[index]! : events.appendTimesMs[index]!
    const startMs = hourStartMs(hourOf(timeMs))
    const isAsked =
      kind === 'events'
        ? isEventAsked(question, project, collection, timeMs)
        : isEventAsked({ ...question, timeframe: undefined }, project, collection, timeMs) &&
          isWindowAsked(question, startMs, startMs + 3_600_000)
    if (isAsked) add(cells.at(stored, project, collection, kind === 'events' ? hourWindow : appendHourWindow, startMs))
  }
}

const countSchema = ({ cells, question }: ExpectedPlace, { stored }: AuditSubject, tuples: Tuples, add: Add): void => {
  const [projects, collections] = [tuples.projects(), tuples.collections()]
  for (let index = 0; index < tuples.length; index++) {
    const [project, collection] = [projects[index]!, collections[index]!]
    if (isEventAsked({ ...question, timeframe: undefined }, project, collection, 0))
      add(cells.at(stored, project, collection, allTimes, null))
  }
}

/** By the rollup's own fold, without its groups and values. */
const countWindows = (
  { cells, question }: ExpectedPlace,
  { stored, counting }: AuditSubject,
  tuples: Tuples,
  add: Add,
): void => {
  const deltas = new Map<string, StateDelta<RollupState>>()
  const { operator, definition } = counting!
  operator.fold(tuples, 1, deltas)
  for (const { key, state } of deltas.values()) {
    const [project, name, , start] = key
    const calendar = definition.windows.find((one) => one.name === name)!.calendar
    const startMs = Number(start)
    if (question.project !== undefined && question.project !== project) continue
    if (!isWindowAsked(question, startMs, calendar.next(startMs))) continue
    const shown = shownWindow(String(name), startMs, calendar.next(startMs))
    add(cells.at(stored, String(project), null, shown.window, shown.startMs), state.count)
  }
}

/** What the ledger counts of a sink on a partition: of finished lanes and of those at work. */
export const countersOf = ({ doc }: AuditedDocument, sink: string): Counters => {
  const sum = { ...doc.sinks[sink]!.counters }
  for (const { sink: of, counters } of Object.values(doc.lanes)) {
    if (of !== sink) continue
    sum.received += counters.received
    sum.applied += counters.applied
    sum.deadLettered += counters.deadLettered
    sum.dropped += counters.dropped
  }
  return sum
}
