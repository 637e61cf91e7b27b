/**
 * One pass over covered events for all sinks whose work stands at the same place: each batch is read once, the owner of
 * each event found once, the bolts run once, and what comes out leaves every sink with weight -1 (PROTOCOL section 5).
 *
 * What belongs to an entry is a function of log and document: the first entry in the list that matches an event owns it,
 * whether or not that entry is at work here (I-3). A scan decodes every record as far as the filters need it, and only
 * what leaves is decoded for the sinks; nothing is kept per event (I-6).
 */
import type { Decoder, EventBatch, Reject } from '../../model/decoder.ts'
import { readDeleteRequest } from '../../model/delete-request.ts'
import type { DeleteEntry, DeleteRecord, LedgerDocument, Segment } from '../../model/ledger-document.ts'
import { formatPath, type Path } from '../../model/path.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import type { LogRecord, RecordBatch } from '../../model/record.ts'
import type { OpenEpoch } from '../../model/sink.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import type { Wanted } from '../../model/topology.ts'
import type { Tuples } from '../../model/tuples.ts'
import type { DeleteMatcher } from '../delete-matcher.ts'
import { isDeadLettered, isIn, joinSegments } from '../ledger/document.ts'
import { TextSieve } from '../text-sieve.ts'
import type { KeptEvents } from './kept-events.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'
import { prepareDecoder } from './prepare-decoder.ts'
import { runBoltsForAll } from './run-bolts-again.ts'
import { schemaLost } from './settle-refusals.ts'

/** Where events of a sink go: the open epoch of one entry, or of several. */
export class Outlet {
  readonly sink: string
  readonly effects: OpenEpoch
  /** Of the batch at hand: which of its events, ascending. */
  indices: number[] = []
  isUsed = false
  /** An error of class `stop` that it has met: nothing more is added. */
  failure: { readonly error: unknown } | undefined

  constructor(sink: string, effects: OpenEpoch) {
    this.sink = sink
    this.effects = effects
  }
}

/** What of one entry leaves one sink in a pass, and how much it was. */
export class PassShare {
  readonly node: PlannedSink
  readonly entry: DeleteEntry
  /** Committed ranges whose events leave now. */
  readonly ranges: readonly Segment[]
  readonly outlet: Outlet
  retracted = 0
  /** Offsets that the log had dropped. */
  expired = 0
  /** Of the events, how many each record took. */
  readonly byRecord: Map<number, number> = new Map()
  readonly #cover: readonly Segment[]

  constructor(node: PlannedSink, entry: DeleteEntry, ranges: readonly Segment[], outlet: Outlet) {
    this.node = node
    this.entry = entry
    this.ranges = joinSegments(ranges)
    this.outlet = outlet
    this.#cover = entry.cover[node.name] ?? []
  }

  /** Whether an event of the entry leaves this sink now. */
  holds(doc: LedgerDocument, offset: number, tenant: string): boolean {
    if (!isIn(this.ranges, offset, tenant) || !isIn(this.#cover, offset, tenant)) return false
    return plantedFaults.has('retract-dead-lettered') || !isDeadLettered(doc, this.node.name, offset)
  }

  /** Counts an event that leaves. */
  note(record: number): void {
    this.retracted += 1
    this.byRecord.set(record, (this.byRecord.get(record) ?? 0) + 1)
  }
}

/** Names of what some records are about: collections by project, `null` for all of a project. */
type Names = ReadonlyMap<string, ReadonlySet<string> | null>

export class DeletePass {
  readonly #context: PartitionContext
  readonly #doc: LedgerDocument
  readonly #matcher: DeleteMatcher
  readonly #shares: ReadonlyMap<number, readonly PassShare[]>
  readonly #outlets: ReadonlySet<Outlet>
  readonly #names: Names
  /** Leaves out what cannot match before anything is parsed. */
  readonly #sieve: TextSieve | undefined
  /** Lifts what the filters read; `undefined` where all events are named, so that most of them leave. */
  readonly #finder: Decoder | undefined
  /** Lifts what the sinks read. */
  readonly #decoder: Decoder
  /** Of the one entry at work. */
  readonly #kept: KeptEvents | undefined

  /** `records`: of the entries at work. `kept`: takes all events of the one entry, whatever the sinks had taken. */
  constructor(
    context: PartitionContext,
    doc: LedgerDocument,
    matcher: DeleteMatcher,
    shares: readonly PassShare[],
    records: readonly DeleteRecord[],
    kept?: KeptEvents | undefined,
  ) {
    this.#kept = kept
    this.#context = context
    this.#doc = doc
    this.#matcher = matcher
    this.#shares = Map.groupBy(shares, (share) => share.entry.n)
    this.#outlets = new Set(shares.map((share) => share.outlet))
    const { parts, plan, log } = context
    this.#names = namesOf(records)
    const paths = pathsOf(records)
    const wanted = wantedBy(shares)
    const isById = shares.every((share) => share.entry.isById)
    // The texts of a filter are searched for as JSON writes them.
    this.#sieve = isById || plan.spout.options.format === 'avro' ? undefined : TextSieve.of(records)
    // What the filters read is all that is wanted, or most of the events leave: one decoding is enough.
    const isOnce = isById || this.#sieve !== undefined || (wanted.paths.length === 0 && !wanted.shapes)
    this.#finder = isOnce ? undefined : parts.decoderFor({ ...plan, wanted: { paths, shapes: false } }, log)
    const both = { ...wanted, paths: unite(wanted.paths, paths) }
    this.#decoder = parts.decoderFor({ ...plan, wanted: isOnce ? both : wanted }, log)
  }

  get heldBytes(): number {
    let bytes = 0
    for (const { effects } of this.#outlets) bytes += effects.heldBytes()
    return bytes
  }

  /** Takes the events of a batch that belong to the entries at work out of their sinks. */
  async take(batch: RecordBatch): Promise<void> {
    const likely = this.#sieve === undefined ? batch : { ...batch, records: this.#sieve.select(batch.records) }
    for (const decoder of [this.#finder, this.#decoder])
      if (decoder !== undefined) await prepareDecoder(this.#context, decoder, likely)
    const { events, rejects } = (this.#finder ?? this.#decoder).decode(likely, this.#isNamed)
    this.#checkRejects(rejects)
    const leaving = this.#find(events)
    if (leaving.length === 0) return
    const taken = this.#finder === undefined ? events.select(leaving) : this.#decodeFully(batch, events, leaving)
    await this.#fold(taken, leaving)
    const { parts, signal } = this.#context
    for (const { sink, effects } of this.#outlets) {
      if (effects.settle !== undefined)
        await persist(parts, `delete on ${sink}`, signal, async () => effects.settle?.())
    }
  }

  #isNamed = (project: string, _offset: number, collection: string | undefined): boolean => {
    const collections = this.#names.get(project)
    return (
      collections === null || (collections !== undefined && (collection === undefined || collections.has(collection)))
    )
  }

  /** A record that a sink has taken, and that cannot be read now, may be one that has to leave. Throws `schemaLost` (stop). */
  #checkRejects(rejects: readonly Reject[]): void {
    const shares = [...this.#shares.values()].flat()
    const isTaken = ({ record, project = '' }: Reject): boolean =>
      shares.some((share) => share.holds(this.#doc, record.offset, project))
    const lost = rejects.find((one) => one.isProvisional === true && isTaken(one))
    if (lost !== undefined) throw schemaLost(this.#context, lost)
  }

  /** Indices of the events that leave some sink; each outlet is told its own. */
  #find(events: EventBatch): readonly number[] {
    for (const outlet of this.#outlets) outlet.indices = []
    const projects = events.projects()
    const leaving: number[] = []
    for (let index = 0; index < events.length; index++) {
      const owner = this.#matcher.ownerOf(events, index)
      const shares = owner === undefined ? undefined : this.#shares.get(owner.n)
      if (owner === undefined || shares === undefined) continue
      const offset = events.offsets[index]!
      this.#kept?.add(events, index, owner.record)
      let isLeaving = false
      for (const share of shares) {
        if (!share.holds(this.#doc, offset, projects[index]!)) continue
        share.outlet.indices.push(leaving.length)
        share.note(owner.record)
        isLeaving = true
      }
      if (isLeaving) leaving.push(index)
    }
    return leaving
  }

  /** The same events once more, with what the sinks read of them. */
  #decodeFully(batch: RecordBatch, events: EventBatch, leaving: readonly number[]): EventBatch {
    const records: LogRecord[] = []
    let next = 0
    for (const record of batch.records) {
      if (next < leaving.length && record.offset === events.offsets[leaving[next]!]) {
        records.push(record)
        next += 1
      }
    }
    return this.#decoder.decode({ ...batch, records }).events
  }

  async #fold(events: EventBatch, leaving: readonly number[]): Promise<void> {
    const used = [...this.#outlets].filter((outlet) => outlet.indices.length > 0 && outlet.failure === undefined)
    // Mostly all sinks lose the same events.
    const nameOf = ({ indices }: Outlet): string => (indices.length === leaving.length ? 'all' : indices.join())
    for (const outlets of Map.groupBy(used, nameOf).values()) {
      const { indices } = outlets[0]!
      const some = indices.length === events.length ? events : events.select(indices)
      const sinks = outlets.map((outlet) => outlet.sink)
      const { bySink, failed } = await runBoltsForAll(this.#context, sinks, some)
      for (const outlet of outlets) {
        if (failed.has(outlet.sink)) outlet.failure = { error: failed.get(outlet.sink) }
        else addAll(outlet, bySink.get(outlet.sink) ?? [])
      }
    }
  }
}

/** What an operator throws is its own fault, and stops no other sink. */
export const addAll = (outlet: Outlet, all: readonly Tuples[]): void => {
  outlet.isUsed = true
  try {
    for (const tuples of all) outlet.effects.add(tuples, -1)
  } catch (error) {
    outlet.failure = { error }
  }
}

const namesOf = (records: readonly DeleteRecord[]): Names => {
  const names = new Map<string, Set<string> | null>()
  for (const record of records) {
    const request = readDeleteRequest(record.request)
    if (typeof request === 'string') continue
    const { project, collection } = request
    const known = names.get(project)
    if (collection === undefined || known === null) names.set(project, null)
    else if (known === undefined) names.set(project, new Set([collection]))
    else known.add(collection)
  }
  return names
}

const unite = (...lists: readonly (readonly Path[])[]): readonly Path[] => [
  ...new Map(lists.flat().map((path) => [formatPath(path), path])).values(),
]

/** What the filters read of bodies. */
const pathsOf = (records: readonly DeleteRecord[]): readonly Path[] => {
  const paths: Path[] = []
  for (const record of records) {
    const request = readDeleteRequest(record.request)
    for (const { path } of typeof request === 'string' ? [] : request.filters) if (path[0] !== 'keen') paths.push(path)
  }
  return unite(paths)
}

const wantedBy = (shares: readonly PassShare[]): Wanted => {
  const nodes = [...new Set(shares.map((share) => share.node))]
  const paths = nodes.map((node) => [...(node.operator?.reads ?? []), ...node.dedupes.map(({ path }) => path)])
  return { paths: unite(...paths), shapes: nodes.some((node) => node.operator?.readsShapes === true) }
}
