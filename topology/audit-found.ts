/**
 * What stands in the stores of a sink, counted by tenant, collection and window: event rows by their ids, objects by their
 * manifest, rollups and schemas by the number of events that their state holds.
 *
 * Rows of events and objects that were not committed when the ledger was read are left out; so are those below the start
 * of the log, for which there is nothing to compare them with.
 */
import type { ManifestObject } from '../sinks/objects/object-manifest.ts'
import { committedObjects, readObjects } from '../sinks/objects/read-objects.ts'
import { findBuckets } from '../sinks/rows/event-buckets.ts'
import { eventCell, eventTable, hourOf, hourOfText, hourStartMs } from '../sinks/rows/event-table.ts'
import { cataloguedPartitions } from '../sinks/rows/partition-catalogue.ts'
import { stateLayout, stateTable } from '../sinks/rows/state-table.ts'
import type { AuditCells } from './audit-cells.ts'
import type { AuditDocuments } from './audit-documents.ts'
import type { AuditQuestion, AuditSubject } from './audit-subjects.ts'
import { parseEventId } from './model/event-id.ts'
import type { Segment } from './model/ledger-document.ts'
import { namespaceOf } from './model/namespace.ts'
import type { Cell, Row, RowStore } from './model/ports/row-store.ts'

export const hourWindow = '1 hour'
export const appendHourWindow = '1 hour of append time'
export const allTimes = 'all'

export interface FoundPlace {
  readonly rows: RowStore
  readonly topology: string
  readonly documents: AuditDocuments
  readonly cells: AuditCells
  readonly question: AuditQuestion
  /** Where the log of a spout's partition begins. */
  readonly startOf: (spout: string, partition: number) => number
  readonly signal: AbortSignal
  readonly report: (what: string, count: number) => void
}

/** What was seen on the way. */
export interface FoundIn {
  /** Epochs of objects that begin below the start of the log: what of them lies above is not compared. */
  readonly cut: ReadonlyMap<string, readonly Segment[]>
  /** By partition and spout: the highest offset of an event row that was not committed. */
  readonly beyond: ReadonlyMap<string, number>
  /** One sentence each, the first ones. */
  readonly problems: readonly string[]
  readonly problemCount: number
}

// A broken store has as many as rows; people read the first.
const problemsMax = 100
const reportEvery = 4_096

class Problems {
  readonly first: string[] = []
  count = 0

  add(text: string): void {
    this.count += 1
    if (this.first.length < problemsMax) this.first.push(text)
  }
}

export const countFound = async (place: FoundPlace, subject: AuditSubject): Promise<FoundIn> => {
  const problems = new Problems()
  const cut = new Map<string, Segment[]>()
  const beyond = new Map<string, number>()
  if (subject.kind === 'events') await countEventRows(place, subject, problems, beyond)
  else if (subject.kind === 'objects') await countObjects(place, subject, cut)
  else await countStates(place, subject, problems)
  return { cut, beyond, problems: problems.first, problemCount: problems.count }
}

const countEventRows = async (
  place: FoundPlace,
  { stored }: AuditSubject,
  problems: Problems,
  beyond: Map<string, number>,
): Promise<void> => {
  const { rows, question } = place
  let count = 0
  for (const bucket of await findBuckets({ rows, sink: stored, ...question })) {
    for await (const page of rows.scan(eventTable(stored), { partition: bucket.partition })) {
      place.signal.throwIfAborted()
      for (const row of page) {
        if (row[eventCell.dead] === null) countEventRow(place, stored, row, problems, beyond)
        count += 1
        if (count % reportEvery === 0) place.report(stored, count)
      }
    }
  }
}

const countEventRow = (
  { documents, cells, question, startOf }: FoundPlace,
  stored: string,
  row: Row,
  problems: Problems,
  beyond: Map<string, number>,
): void => {
  const [project, collection, id, spout] = [row[0], row[1], row[eventCell.id], row[eventCell.spout]].map(String)
  const event = parseEventId(id!)
  if (event === undefined) {
    problems.add(`${stored} has a row of ${project} ${collection} whose id ${JSON.stringify(id)} is not ours`)
    return
  }
  const { timeMs, offset, partition } = event
  if (!isInside(question, timeMs) || offset < startOf(spout!, partition)) return
  if (documents.presence(stored, spout!, partition)?.isCommitted(offset, project!) !== true) {
    const place = `${partition} ${spout}`
    beyond.set(place, Math.max(offset, beyond.get(place) ?? 0))
    return
  }
  cells.at(stored, project!, collection!, hourWindow, hourStartMs(hourOf(timeMs))).found += 1
}

const isInside = ({ timeframe }: AuditQuestion, timeMs: number): boolean =>
  timeframe === undefined || (timeMs >= timeframe.startMs && timeMs < timeframe.endMs)

const hourMs = 3_600_000

const countObjects = async (
  place: FoundPlace,
  { name, stored }: AuditSubject,
  cut: Map<string, Segment[]>,
): Promise<void> => {
  const { rows, topology, documents, cells, question, startOf } = place
  const namespace = namespaceOf(stored)
  const isCommitted = await committedObjects(documents.asLedger(), topology)
  const { project } = question
  const asked = { rows, topology, sink: name, isCommitted, ...(project === undefined ? {} : { project }) }
  let count = 0
  for await (const object of readObjects({ ...asked, ...(namespace === undefined ? {} : { namespace }) })) {
    place.signal.throwIfAborted()
    const start = startOf(object.spout, object.partition)
    if (object.from < start) {
      if (object.to > start) noteCut(documents, object, cut)
      continue
    }
    const startMs = hourStartMs(hourOfText(object.hour))
    if (!isWindowAsked(question, startMs, startMs + hourMs)) continue
    if (question.collection !== undefined && question.collection !== object.collection) continue
    cells.at(stored, object.project, object.collection, appendHourWindow, startMs).found += object.count
    count += 1
    if (count % reportEvery === 0) place.report(stored, count)
  }
}

const noteCut = (documents: AuditDocuments, object: ManifestObject, cut: Map<string, Segment[]>): void => {
  const { spout, partition, sink, lane, from, to } = object
  const doc = documents.of(spout, partition)?.doc
  const tenants = doc?.lanes[lane]?.tenants ??
    doc?.sinks[sink]?.homes.find((home) => home.lane === lane)?.tenants ?? { kind: 'all' }
  const key = `${partition} ${spout}`
  const known = cut.get(key) ?? []
  cut.set(key, known)
  if (!known.some((one) => one.from === from && one.to === to)) known.push({ from, to, tenants })
}

/** Whether a whole window is asked for: one that the question cuts cannot be compared. */
export const isWindowAsked = ({ timeframe }: AuditQuestion, startMs: number, endMs: number): boolean =>
  timeframe === undefined || (startMs >= timeframe.startMs && endMs <= timeframe.endMs)

/** The text of a state begins with the number of its events; the row of an edge holds none. */
const countIn = (state: Cell | undefined): number => {
  const match = typeof state === 'string' ? /^\[(-?\d+)[,\]]/.exec(state) : null
  return match === null ? 0 : Number(match[1])
}

const countStates = async (place: FoundPlace, subject: AuditSubject, problems: Problems): Promise<void> => {
  const { rows, question } = place
  const { stored, state } = subject
  if (state === undefined) return
  const { table, layout } = { table: stateTable(stored, state), layout: stateLayout(state) }
  const leading = question.project === undefined ? [] : [question.project]
  const take = subject.kind === 'rollup' ? rollupTaker(place, subject) : schemaTaker(place, subject)
  let count = 0
  for await (const partition of cataloguedPartitions(rows, table, leading)) {
    for await (const page of rows.scan(table, { partition })) {
      place.signal.throwIfAborted()
      for (const row of page) {
        const events = countIn(row[layout.state])
        take(row, events)
        for (const index of state.counts) {
          const shown = row[layout.fullKeyCells + index]
          if (shown !== null && shown !== events && row[rollupCells.fragment] === 0)
            problems.add(
              `${stored} shows ${String(shown)} in column ${state.table.columns[index]!.name} of ${JSON.stringify(row.slice(0, layout.fullKeyCells))}, and its state counts ${events}`,
            )
        }
        count += 1
        if (count % reportEvery === 0) place.report(stored, count)
      }
    }
  }
}

type Taker = (row: Row, events: number) => void

// As a rollup keys its rows.
const rollupCells = { project: 0, window: 1, windowStart: 3, fragment: 5 } as const

const rollupTaker = ({ cells, question }: FoundPlace, { stored, counting }: AuditSubject): Taker => {
  const windows = new Map(counting?.definition.windows.map((one) => [one.name, one]))
  return (row, events) => {
    if (events === 0 || row[rollupCells.fragment] !== 0) return
    const window = windows.get(String(row[rollupCells.window]))
    const startMs = Number(row[rollupCells.windowStart])
    if (window === undefined || !isWindowAsked(question, startMs, window.calendar.next(startMs))) return
    const shown = shownWindow(window.name, startMs, window.calendar.next(startMs))
    cells.at(stored, String(row[rollupCells.project]), null, shown.window, shown.startMs).found += events
  }
}

/** Windows below an hour are added up to hours. */
export const shownWindow = (
  name: string,
  startMs: number,
  endMs: number,
): { readonly window: string; readonly startMs: number } =>
  endMs - startMs < hourMs
    ? { window: `1 hour of ${name}`, startMs: hourStartMs(hourOf(startMs)) }
    : { window: name, startMs }

const schemaTaker =
  ({ cells, question }: FoundPlace, { stored }: AuditSubject): Taker =>
  (row, events) => {
    const [project, collection] = [String(row[0]), String(row[1])]
    if (events === 0 || (question.collection !== undefined && question.collection !== collection)) return
    cells.at(stored, project, collection, allTimes, null).found += events
  }
