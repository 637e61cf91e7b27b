/**
 * Reads one record into the next row of a batch: validation, names that the body says, event time, lifted values, shape.
 *
 * A row is written only when everything is known to be right, so a refused record leaves nothing behind.
 */
import type { Accepts } from '../../model/decoder.ts'
import { errors } from '../../model/errors.ts'
import { parseTime } from '../../model/event-time.ts'
import { eventBytesMax } from '../../model/limits.ts'
import { formatPath, type Path, parsePath } from '../../model/path.ts'
import { parseDuration } from '../../model/quantity.ts'
import type { LogRecord, RecordBatch } from '../../model/record.ts'
import { SpillwayError } from '../../model/spillway-error.ts'
import type { LogOptions, Wanted } from '../../model/topology.ts'
import type { Shapes } from '../../model/tuples.ts'
import { AvroRecords } from './avro/avro-records.ts'
import type { AvroSchemas } from './avro/avro-schemas.ts'
import type { BatchColumns } from './batch-columns.ts'
import type { EventOrigin } from './batch-event.ts'
import type { BatchSource } from './decoded-events.ts'
import { collectShapes } from './gather.ts'
import { jsonBytes } from './json-bytes.ts'
import type { NameRecord, RecordNames } from './name-record.ts'
import { noteShapes } from './note-shapes.ts'
import { OpenedRecord } from './opened-record.ts'
import { keenEventBytesMax, uniquenessTokenMax } from './parse-body.ts'
import { skipBlanks } from './skip-odd-string.ts'
import { WantedTree } from './wanted-tree.ts'

/** What a record has become: a row, none, or an error of class `reject` with the project where it is known. */
export type ReadOutcome = 'event' | 'skipped' | { readonly error: SpillwayError; readonly project: string | undefined }

interface TimeSource {
  readonly path: Path
  readonly unit: 'ms' | 's' | undefined
}

export class ReadRecord implements BatchSource {
  /** Columns of lifted values. */
  readonly columnCount: number
  readonly #slots: ReadonlyMap<string, number>
  /** By the path that was asked for: filters of deletes ask once per event. */
  readonly #slotOf = new WeakMap<Path, number>()
  readonly #names: NameRecord
  readonly #record: OpenedRecord
  readonly #notesShapes: boolean
  readonly #bytesMax: number
  readonly #time: TimeSource | undefined
  /** How late an event may come; infinite: as late as it likes. */
  readonly #latenessMs: number
  readonly #timeSlot: number
  readonly #timestampSlot: number
  readonly #projectSlot: number
  readonly #collectionSlot: number
  readonly #clientIdSlot: number
  /** Of `keen.uniqueness_token`, where Keen's rules hold. */
  readonly #tokenSlot: number

  /** Where values are Avro. */
  readonly #avro: AvroRecords | undefined

  constructor(spout: LogOptions, names: NameRecord, wanted: Wanted, schemas?: AvroSchemas | undefined) {
    const tree = new WantedTree()
    for (const path of wanted.paths) tree.add(path)
    // The slots of columns come first.
    this.columnCount = tree.paths.length
    this.#slots = new Map(tree.paths.map((path, slot) => [formatPath(path), slot]))
    this.#names = names
    this.#time = timeSourceOf(spout)
    this.#latenessMs = latenessOf(spout)
    this.#timeSlot = tree.add(this.#time?.path ?? [])
    this.#timestampSlot = tree.add(['keen', 'timestamp'])
    this.#projectSlot = tree.add(names.projectPath ?? [])
    this.#collectionSlot = tree.add(names.collectionPath ?? [])
    this.#clientIdSlot = tree.add(clientIdPathOf(spout))
    this.#tokenSlot = tree.add(spout.limits === 'keen' ? ['keen', 'uniqueness_token'] : [])
    this.#notesShapes = wanted.shapes
    this.#bytesMax = spout.limits === 'keen' ? keenEventBytesMax : eventBytesMax
    this.#record = new OpenedRecord(tree, spout, wanted.shapes)
    this.#avro = schemas === undefined ? undefined : new AvroRecords(schemas, this.#bytesMax)
  }

  prepare(batch: RecordBatch): Promise<void> | undefined {
    return this.#avro?.prepare(batch)
  }

  restart(): void {
    this.#avro?.restart()
    this.#record.restart()
  }

  finish(): void {
    this.#record.finish()
  }

  read(record: LogRecord, names: RecordNames, accepts: Accepts, columns: BatchColumns): ReadOutcome {
    const codesBefore = this.#record.scanner.codeCount
    const outcome = this.#read(record, names, accepts, columns)
    if (outcome !== 'event') this.#record.scanner.codeCount = codesBefore
    return outcome
  }

  slotOf(path: Path): number {
    let slot = this.#slotOf.get(path)
    if (slot === undefined) {
      slot = this.#slots.get(formatPath(path)) ?? -1
      this.#slotOf.set(path, slot)
    }
    return slot
  }

  /** Shapes of the rows of a batch; `undefined` where they were not noted. */
  shapes(columns: BatchColumns): Shapes | undefined {
    if (!this.#notesShapes) return undefined
    const { codes, codeCount } = this.#record.scanner
    const starts = columns.shapeStarts.subarray(0, columns.length + 1)
    return { codes: codes.slice(0, codeCount), starts, names: this.#record.trie }
  }

  shapesOf(batch: EventOrigin): Shapes {
    const { trie } = this.#record
    return collectShapes(batch.length, trie, (index, note) => noteShapes(trie, batch.event(index).body, note))
  }

  #read(given: LogRecord, names: RecordNames, accepts: Accepts, columns: BatchColumns): ReadOutcome {
    const problem = names.problem ?? appendTimeProblem(given) ?? sizeProblem(given, this.#bytesMax)
    if (problem !== undefined) return { error: problem, project: names.project }
    const record = this.#avro === undefined ? given : this.#avro.toJson(given)
    if (record instanceof SpillwayError) return { error: record, project: names.project }
    const invalid = this.#record.open(record.bytes, record.start, record.end)
    if (invalid !== undefined) return { error: invalid, project: names.project }
    const project = names.project ?? this.#names.projectOfValue(this.#valueOf(this.#projectSlot))
    if (project === undefined) return { error: notAName('project'), project }
    if (names.project === undefined && !accepts(project, record.offset, names.collection)) return 'skipped'
    const collection = names.collection ?? this.#names.collectionOfValue(this.#valueOf(this.#collectionSlot))
    if (collection === undefined) return { error: notAName('collection'), project }
    // What key and headers say has been checked before.
    const misnamed =
      (names.project === undefined ? this.#names.projectProblem(project) : undefined) ??
      (names.collection === undefined ? this.#names.collectionProblem(collection) : undefined)
    if (misnamed !== undefined) return { error: misnamed, project }
    const timeMs = this.#timeOf(record, names)
    if (timeMs instanceof SpillwayError) return { error: timeMs, project }
    const lateMs = record.appendTimeMs - timeMs
    if (lateMs > this.#latenessMs) return { error: errors.lateEvent({ lateMs, limitMs: this.#latenessMs }), project }
    const misused = this.#tokenProblem()
    if (misused !== undefined) return { error: misused, project }
    const clientId = names.clientId ?? clientIdOf(this.#valueOf(this.#clientIdSlot))
    this.#write(record, project, collection, clientId, timeMs, columns)
    return 'event'
  }

  #valueOf(slot: number): unknown {
    return slot < 0 ? undefined : this.#record.value(slot)
  }

  /** The first that is there of: the spout's own path, the header, `keen.timestamp`, append time. */
  #timeOf(record: LogRecord, names: RecordNames): number | SpillwayError {
    if (this.#time !== undefined && this.#hasTime(this.#timeSlot))
      return this.#record.timeMs(this.#timeSlot, this.#time.unit) ?? noTime(formatPath(this.#time.path))
    if (names.timeText !== undefined) return parseTime(names.timeText) ?? noTime('spillway-time')
    if (this.#record.has(this.#timestampSlot))
      return this.#record.timeMs(this.#timestampSlot, undefined) ?? noTime('keen.timestamp')
    return record.appendTimeMs
  }

  /** Producers write null for what they do not know. `keen.timestamp` is stricter: its null would stay in the body. */
  #hasTime(slot: number): boolean {
    return this.#record.has(slot) && !this.#record.isNull(slot)
  }

  #tokenProblem(): SpillwayError | undefined {
    const token = this.#valueOf(this.#tokenSlot)
    if (token === undefined || (typeof token === 'string' && token.length <= uniquenessTokenMax)) return undefined
    const reason =
      typeof token === 'string'
        ? `has ${token.length} characters, at most ${uniquenessTokenMax} are allowed`
        : 'is no text'
    return errors.invalidPropertyValue({ property: 'keen.uniqueness_token', reason })
  }

  #write(
    record: LogRecord,
    project: string,
    collection: string,
    clientId: string | undefined,
    timeMs: number,
    columns: BatchColumns,
  ): void {
    const row = columns.length
    const start = skipBlanks(record.bytes, record.start, record.end)
    columns.offsets.push(record.offset)
    columns.appendTimesMs[row] = record.appendTimeMs
    columns.timesMs[row] = timeMs
    columns.projects.push(project)
    columns.collections.push(collection)
    columns.clientIds.push(clientId)
    columns.hasTimestamp[row] = this.#record.has(this.#timestampSlot) ? 1 : 0
    columns.keenAts[row] = this.#record.keenAt
    columns.buffers.push(record.bytes)
    columns.starts[row] = start
    columns.ends[row] = endOfText(record)
    columns.shapeStarts[row + 1] = this.#record.scanner.codeCount
    for (let slot = 0; slot < columns.values.length; slot += 1) columns.values[slot]![row] = this.#record.value(slot)
    columns.length = row + 1
  }
}

const timeSourceOf = ({ time }: LogOptions): TimeSource | undefined => {
  if (time === undefined) return undefined
  const text = typeof time === 'string' ? time : time.path
  const path = parsePath(text)
  if (path === undefined) throw errors.badConfiguration({ problem: `time ${JSON.stringify(text)} is not a path` })
  return { path, unit: typeof time === 'string' ? undefined : time.unit }
}

const latenessOf = ({ lateness }: LogOptions): number => {
  if (lateness === undefined) return Number.POSITIVE_INFINITY
  const limitMs = parseDuration(lateness)
  if (typeof limitMs === 'string') throw errors.badConfiguration({ problem: `lateness ${limitMs}` })
  return limitMs
}

const clientIdPathOf = ({ clientId }: LogOptions): Path => {
  if (clientId === undefined) return []
  const path = parsePath(clientId)
  if (path === undefined)
    throw errors.badConfiguration({ problem: `clientId ${JSON.stringify(clientId)} is not a path` })
  return path
}

/** Ids are numbers often enough; what is neither names nothing. */
const clientIdOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

/** Everything that is kept of an event is placed by it: bucket, object, stamp. */
const appendTimeProblem = ({ appendTimeMs }: LogRecord): SpillwayError | undefined =>
  appendTimeMs >= 0
    ? undefined
    : errors.invalidPropertyValue({ property: 'append time', reason: 'is not a time: see the clock of its producer' })

const sizeProblem = (record: LogRecord, bytesMax: number): SpillwayError | undefined => {
  if (record.start < 0) return errors.invalidEvent({ reason: 'the value is null' })
  const bytes = record.end - record.start
  if (bytes <= bytesMax) return undefined
  return errors.invalidEvent({ reason: `the value has ${bytes} bytes, at most ${bytesMax} are allowed` })
}

const notAName = (what: string): SpillwayError =>
  errors.invalidEvent({ reason: `the property that names the ${what} is neither a string nor a number` })

const noTime = (property: string): SpillwayError => errors.invalidPropertyValue({ property, reason: 'is not a time' })

/** The body ends with its brace. */
const endOfText = ({ bytes, end }: LogRecord): number => {
  let at = end
  while (bytes[at - 1] !== jsonBytes.closeObject) at -= 1
  return at
}
