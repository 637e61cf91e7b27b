/**
 * The decoder of records, JSON or turned into JSON first: names from key and headers, then one scan of the bytes that lifts what is wanted; the slow
 * path where the scan will not judge.
 *
 * Keeps I-1: what a record becomes depends on the record alone. Keeps I-8: each record ends in exactly one of events,
 * rejects, deletes, skipped. Never waits.
 */
import type { Accepts, DecodedBatch, Decoder, FoundDelete, Reject } from '../../model/decoder.ts'
import { errors } from '../../model/errors.ts'
import { isJsonObject, type JsonObject } from '../../model/json.ts'
import { eventBytesMax } from '../../model/limits.ts'
import { headerOf, type LogRecord, type RecordBatch } from '../../model/record.ts'
import { kindHeader, type RecordKind } from '../../model/record-kind.ts'
import { SpillwayError } from '../../model/spillway-error.ts'
import type { LogOptions, Wanted } from '../../model/topology.ts'
import type { AvroSchemas } from './avro/avro-schemas.ts'
import { type BatchColumns, makeColumns } from './batch-columns.ts'
import { DecodedEvents } from './decoded-events.ts'
import { NameRecord, type RecordNames } from './name-record.ts'
import { parseJson, problemOf } from './parse-body.ts'
import { ReadRecord } from './read-record.ts'
import { isTombstone, readTombstone } from './read-tombstone.ts'

export interface DecoderOptions {
  readonly spout: LogOptions
  /** The default collection. */
  readonly topic: string
  readonly wanted: Wanted
  /** Where the schemas of a spout of Avro are. */
  readonly schemas?: AvroSchemas | undefined
}

/** Makes a decoder. Throws `badConfiguration` for an option that is not a path. */
export const createDecoder = (options: DecoderOptions): Decoder => new JsonDecoder(options)

/** What a batch has become so far. */
interface Outcome {
  readonly columns: BatchColumns
  readonly rejects: Reject[]
  readonly deletes: FoundDelete[]
  skipped: number
}

type Route = (record: LogRecord, names: RecordNames, accepts: Accepts, outcome: Outcome) => void

class JsonDecoder implements Decoder {
  readonly #routes: Readonly<Record<RecordKind, Route>> = {
    event: this.#event.bind(this),
    delete: this.#delete.bind(this),
    tombstone: this.#tombstone.bind(this),
  }
  readonly #spout: LogOptions
  readonly #names: NameRecord
  readonly #records: ReadRecord

  constructor({ spout, topic, wanted, schemas }: DecoderOptions) {
    this.#spout = spout
    this.#names = new NameRecord(spout, topic)
    this.#records = new ReadRecord(spout, this.#names, wanted, schemas)
  }

  prepare(batch: RecordBatch): Promise<void> | undefined {
    return this.#records.prepare(batch)
  }

  decode(batch: RecordBatch, accepts: Accepts = () => true): DecodedBatch {
    const columns = makeColumns(batch.partition, batch.records.length, this.#records.columnCount)
    const outcome: Outcome = { columns, rejects: [], deletes: [], skipped: 0 }
    this.#records.restart()
    for (const record of batch.records) this.#decode(record, accepts, outcome)
    for (const values of columns.values) values.length = columns.length
    const shapes = this.#records.shapes(columns)
    this.#records.finish()
    return {
      from: batch.from,
      to: batch.to,
      events: new DecodedEvents(columns, this.#records, shapes),
      rejects: outcome.rejects,
      deletes: outcome.deletes,
      skipped: outcome.skipped,
    }
  }

  #decode(record: LogRecord, accepts: Accepts, outcome: Outcome): void {
    const names = this.#names.of(record)
    if (names.kind === undefined) {
      const reason = `${kindHeader} ${JSON.stringify(headerOf(record.headers, kindHeader))} is unknown`
      this.#refuse(record, names, accepts, outcome, reason)
      return
    }
    const kind = names.kind === 'event' && isTombstone(record) ? 'tombstone' : names.kind
    this.#routes[kind](record, names, accepts, outcome)
  }

  #event(record: LogRecord, names: RecordNames, accepts: Accepts, outcome: Outcome): void {
    if (names.project !== undefined && !accepts(names.project, record.offset, names.collection)) {
      outcome.skipped += 1
      return
    }
    const read = this.#records.read(record, names, accepts, outcome.columns)
    if (read === 'event') return
    if (read === 'skipped') outcome.skipped += 1
    else outcome.rejects.push(rejectOf(record, read.project, read.error))
  }

  /** Every lane must see every delete, whatever tenants it reads. One without an id cannot even be shown as refused. */
  #delete(record: LogRecord, names: RecordNames, accepts: Accepts, outcome: Outcome): void {
    const request = readRequest(record)
    if (typeof request === 'string') this.#refuse(record, names, accepts, outcome, request)
    else outcome.deletes.push(foundDelete(record, request))
  }

  #tombstone(record: LogRecord, names: RecordNames, accepts: Accepts, outcome: Outcome): void {
    if (this.#spout.tombstones !== 'delete') {
      this.#event(record, names, accepts, outcome)
      return
    }
    const request = readTombstone(record, names, outcome.columns.partition)
    if (request instanceof SpillwayError) outcome.rejects.push(rejectOf(record, names.project, request))
    else outcome.deletes.push(foundDelete(record, request))
  }

  #refuse(record: LogRecord, names: RecordNames, accepts: Accepts, outcome: Outcome, reason: string): void {
    if (names.project !== undefined && !accepts(names.project, record.offset, names.collection)) outcome.skipped += 1
    else outcome.rejects.push(rejectOf(record, names.project, errors.invalidEvent({ reason })))
  }
}

const rejectOf = (record: LogRecord, project: string | undefined, error: SpillwayError): Reject => ({
  record,
  project,
  cause: error.publicName,
  message: error.message,
  // Somebody may add the schema.
  ...(error.code === errors.unknownSchema.entry.code ? { isProvisional: true } : {}),
})

const foundDelete = (record: LogRecord, request: JsonObject): FoundDelete => ({
  offset: record.offset,
  appendTimeMs: record.appendTimeMs,
  request,
})

/** The value of a delete record; a text says why it is none. Whether a request is taken is not judged here. */
const readRequest = (record: LogRecord): JsonObject | string => {
  if (isTombstone(record)) return 'a delete request is a JSON object, not null'
  const bytes = record.end - record.start
  if (bytes > eventBytesMax) return `a delete request of ${bytes} bytes, at most ${eventBytesMax} are allowed`
  const parsed = parseJson(record.bytes, record.start, record.end)
  if (parsed instanceof SpillwayError) return `a delete request: ${parsed.message}`
  const problem = problemOf(parsed.value, [], 1, false)
  if (problem !== undefined) return `a delete request: ${problem.message}`
  if (!isJsonObject(parsed.value)) return 'a delete request is a JSON object'
  return typeof parsed.value['id'] === 'string' ? parsed.value : 'a delete request needs an id'
}
