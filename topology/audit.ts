/**
 * Whether everything that came has arrived: counts of the log, event rows, objects and rollups per tenant, collection and
 * window, minus deletes and dead letters (I-8). It reads and never writes.
 *
 * Beside a running topology it is exact as well: the ledger is read before the stores and after them. What was committed
 * before stands in them, what was declared after does not, and only what moved in between may be there or not.
 */

import { committedObjects } from '../sinks/objects/read-objects.ts'
import { verifyObjects } from '../sinks/objects/verify-objects.ts'
import type { CatalogueEntry } from '../sinks/rows/catalogue-entry.ts'
import { readCatalogue } from '../sinks/rows/topology-catalogue.ts'
import { AuditCells } from './audit-cells.ts'
import { AuditDocuments } from './audit-documents.ts'
import { countFound, type FoundIn } from './audit-found.ts'
import { type CountedLog, countLog } from './audit-log.ts'
import {
  type AuditDifference,
  type AuditedSink,
  type AuditReport,
  judgeCell,
  judgeCounters,
  meaningOf,
  notesOf,
  openPosition,
} from './audit-report.ts'
import { type AuditQuestion, type AuditSubject, chooseSubjects } from './audit-subjects.ts'
import { catalogueContent } from './catalogue-content.ts'
import { planSpout } from './declare/plan-spout.ts'
import { systemClock, systemRandom } from './engine/shell/system-clock.ts'
import { errors } from './model/errors.ts'
import { namespaceOf } from './model/namespace.ts'
import { plantedFaults } from './model/planted-faults.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Ledger } from './model/ports/ledger.ts'
import type { ObjectStore } from './model/ports/object-store.ts'
import type { Random } from './model/ports/random.ts'
import type { RowStore } from './model/ports/row-store.ts'
import { partition as toPartition } from './model/position.ts'
import type { SpoutPlan } from './model/spout-plan.ts'
import type { Topology } from './model/topology.ts'
import { type ServedEntry, servedEntry } from './served-entry.ts'

export interface AuditOptions extends AuditQuestion {
  /** Its name: sinks behind bolts are left out. The topology itself: its bolts are run, and these are compared too. */
  readonly topology: string | Topology
  readonly rows: RowStore
  readonly ledger: Ledger
  /** By the name of the spout; `default` serves the rest. */
  readonly logs: Readonly<Record<string, EventLog>>
  /** Every object is read back as well. Default: objects are counted by the manifest. */
  readonly objects?: ObjectStore | undefined
  /** Of a replay, or `live` for the declared sinks. Default: what readers see. */
  readonly namespace?: string | undefined
  /** Every count is told, not only those that differ. */
  readonly isAll?: boolean
  /** Of the topology: schemas are looked for beside it. */
  readonly file?: string | undefined
  readonly clock?: Clock
  readonly random?: Random
  readonly signal?: AbortSignal
  /** Called now and then; `total` where it is known. */
  readonly report?: (what: string, count: number, total?: number) => void
}

// People read the first; programs that want all ask for all counts.
const differencesMax = 1_000

/** Throws `badConfiguration` when no topology of that name has run, and what the stores and logs throw. */
export const auditTopology = async (options: AuditOptions): Promise<AuditReport> => {
  const { topology, rows, ledger, signal = new AbortController().signal, report = () => undefined } = options
  const name = typeof topology === 'string' ? topology : topology.name
  const plans =
    typeof topology === 'string' ? undefined : topology.spouts.map((spout) => planSpout(topology, spout.name))
  const described = await describe(rows, name, plans, topology)
  const entry = await servedEntry({ rows, ledger }, described, options.namespace)
  const starts = await startsOf(entry, options.logs)
  const before = await AuditDocuments.read(rows, ledger, name)
  const fingerprintOf = (stored: string): string | undefined =>
    before.all.map(({ doc }) => doc.sinks[stored]?.fingerprint).find((one) => one !== undefined)
  const { subjects, left } = chooseSubjects(entry, plans, fingerprintOf, options)
  const cells = new AuditCells()
  const { project, collection, timeframe } = options
  const question = { project, collection, timeframe }
  const startOf = (spout: string, partition: number): number => starts.get(spout)?.[partition] ?? 0
  const place = { rows, topology: name, documents: before, cells, question, startOf, signal, report }
  const found = new Map<AuditSubject, FoundIn>()
  for (const subject of subjects) found.set(subject, await countFound(place, subject))
  const broken = await brokenObjects(options, name, subjects)
  const after = plantedFaults.has('audit-one-ledger') ? before : await AuditDocuments.read(rows, ledger, name)
  const log = await countLog(
    { ...options, ...{ entry, subjects, plans, starts, before, after, cells, question, found } },
    {
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      signal,
      report,
    },
  )
  return reportOf({ name, options, subjects, left, cells, before, after, found, broken, log, startOf })
}

const describe = async (
  rows: RowStore,
  name: string,
  plans: readonly SpoutPlan[] | undefined,
  topology: string | Topology,
): Promise<CatalogueEntry> => {
  const found = await readCatalogue(rows, name)
  if (found !== undefined) return found
  if (typeof topology === 'string' || plans === undefined)
    throw errors.badConfiguration({ problem: `no topology ${JSON.stringify(name)} has run on ${rows.name}` })
  return { format: 1, ...catalogueContent(topology, plans, undefined), writtenAtMs: 0 }
}

const startsOf = async (
  { spouts }: ServedEntry,
  logs: AuditOptions['logs'],
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const starts = new Map<string, readonly number[]>()
  for (const { name } of spouts) {
    const log = logs[name] ?? logs['default']
    if (log === undefined) throw errors.badConfiguration({ problem: `spout ${name} has no log` })
    const places = Array.from({ length: log.partitions }, (_, place) => log.bounds(toPartition(place)))
    starts.set(
      name,
      (await Promise.all(places)).map(({ start }) => Number(start)),
    )
  }
  return starts
}

/** Asked again where something is wrong: a delete may have rewritten an object between its row and its bytes. */
const brokenObjects = async (
  { rows, ledger, objects, project, report }: AuditOptions,
  topology: string,
  subjects: readonly AuditSubject[],
): Promise<readonly string[]> => {
  if (objects === undefined) return []
  const verify = async ({ name, stored }: AuditSubject): Promise<ReadonlySet<string>> => {
    const isCommitted = await committedObjects(ledger, topology)
    const namespace = namespaceOf(stored)
    const asked = { rows, topology, sink: name, objects, isCommitted, ...(project === undefined ? {} : { project }) }
    let read = 0
    const { problems } = await verifyObjects({
      ...asked,
      ...(namespace === undefined ? {} : { namespace }),
      onObject: () => report?.(`objects of ${stored} read back`, ++read),
    })
    return new Set(problems.map((one) => `${one.key} ${one.problem}`))
  }
  const broken: string[] = []
  for (const subject of subjects.filter(({ kind }) => kind === 'objects')) {
    const first = await verify(subject)
    const again = first.size === 0 ? first : await verify(subject)
    broken.push(...[...first].filter((text) => again.has(text)))
  }
  return broken
}

interface Counted {
  readonly name: string
  readonly options: AuditOptions
  readonly subjects: readonly AuditSubject[]
  readonly left: AuditReport['left']
  readonly cells: AuditCells
  readonly before: AuditDocuments
  readonly after: AuditDocuments
  readonly found: ReadonlyMap<AuditSubject, FoundIn>
  readonly broken: readonly string[]
  readonly log: CountedLog
  readonly startOf: (spout: string, partition: number) => number
}

const reportOf = (counted: Counted): AuditReport => {
  const { name, options, subjects, left, before, after, found, broken, log, startOf } = counted
  const bySink = Map.groupBy(counted.cells.list(), ({ sink }) => sink)
  const cells = subjects.flatMap((subject) => {
    const isAtLeast = isPartOf(before, subject, startOf)
    return (bySink.get(subject.stored) ?? []).map((cell) => ({ subject, isAtLeast, cell: judgeCell(cell, isAtLeast) }))
  })
  const differing = cells.filter(({ cell }) => !cell.agrees)
  const differences = differing.slice(0, differencesMax).map(
    ({ subject, cell: { agrees: _differs, ...cell } }): AuditDifference => ({
      ...cell,
      kind: subject.kind,
      meaning: meaningOf(subject, cell),
    }),
  )
  const isWhole = options.project === undefined && options.collection === undefined
  const counters = log.places.flatMap(({ subject, spout, partition, tally }) => {
    const judged = judgeCounters(
      before,
      subject,
      spout,
      partition,
      isWhole ? tally : undefined,
      startOf(spout, partition),
    )
    return judged === undefined ? [] : [judged]
  })
  const beyond = subjects.flatMap((subject) => beyondOf(subject, found.get(subject)!, after))
  const problems = [...[...found.values()].flatMap((one) => one.problems), ...beyond, ...log.problems, ...broken]
  const problemCount =
    [...found.values()].reduce((sum, one) => sum + one.problemCount, 0) +
    beyond.length +
    log.problems.length +
    broken.length
  return {
    topology: name,
    isEqual: differing.length + problemCount === 0 && counters.every((one) => one.problems.length === 0),
    records: log.records,
    logs: log.logs,
    sinks: subjects.map((subject) =>
      sinkOf(
        subject,
        cells.filter((one) => one.subject === subject),
        log,
        isPartOf(before, subject, startOf),
      ),
    ),
    left,
    differences,
    differenceCount: differing.length,
    problems,
    problemCount,
    counters,
    open: log.places.flatMap(
      ({ subject, spout, partition, end }) => openPosition(before, subject.stored, spout, partition, end) ?? [],
    ),
    notes: notesOf(before, subjects),
    cells: options.isAll === true ? cells.map(({ cell }) => cell) : [],
  }
}

/** Whether the log has dropped events that a state still counts. */
const isPartOf = (
  before: AuditDocuments,
  { stored, state }: AuditSubject,
  startOf: (spout: string, partition: number) => number,
): boolean =>
  state !== undefined &&
  before.all.some(({ key: { spout, partition } }) => {
    const presence = before.presence(stored, spout, partition)
    return presence !== undefined && presence.begin < startOf(spout, partition)
  })

/** Event rows at offsets that no lane has taken. */
const beyondOf = ({ stored }: AuditSubject, { beyond }: FoundIn, after: AuditDocuments): readonly string[] =>
  [...beyond].flatMap(([place, offset]) => {
    const blank = place.indexOf(' ')
    const [partition, spout] = [Number(place.slice(0, blank)), place.slice(blank + 1)]
    const presence = after.presence(stored, spout, partition)
    return presence !== undefined && offset < presence.position
      ? []
      : [`${stored} has a row of offset ${offset}, partition ${partition} of ${spout}, which no lane has taken`]
  })

type JudgedCell = { readonly cell: ReturnType<typeof judgeCell> }

const sinkOf = (
  subject: AuditSubject,
  cells: readonly JudgedCell[],
  log: CountedLog,
  isAtLeast: boolean,
): AuditedSink => {
  const tallies = log.places.flatMap((one) => (one.subject === subject && one.tally ? [one.tally.asked] : []))
  const sum = (of: (asked: (typeof tallies)[number]) => number): number =>
    tallies.reduce((all, one) => all + of(one), 0)
  const windows = [...Map.groupBy(cells, ({ cell }) => cell.window)].map(([window, list]) => ({
    window,
    expected: list.reduce((all, { cell }) => all + cell.expected, 0),
    moving: list.reduce((all, { cell }) => all + cell.moving, 0),
    found: list.reduce((all, { cell }) => all + cell.found, 0),
  }))
  const { name, stored, kind } = subject
  const counts = {
    events: sum((one) => one.events),
    deadLettered: sum((one) => one.dead),
    deleted: sum((one) => one.gone),
  }
  const differing = cells.filter(({ cell }) => !cell.agrees).length
  return { name, stored, kind, ...counts, windows, cells: cells.length, differing, isAtLeast }
}
