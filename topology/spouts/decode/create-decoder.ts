/**
 * The decoder of JSON records: names from key and headers, then one scan of the bytes that lifts what is wanted; the slow
 * path where the scan will not judge.
 *
 * Keeps I-1: what a record becomes depends on the record alone. Keeps I-8: each record ends in exactly one of events,
 * rejects, deletes, skipped. Never waits.
 */
import type { DecodedBatch, Decoder, FoundDelete, Reject } from '../../model/decoder.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { eventBytesMax } from '../../model/limits.ts'
import type { Offset } from '../../model/position.ts'
import type { LogRecord, RecordBatch } from '../../model/record.ts'
import { SpillwayError } from '../../model/spillway-error.ts'
import type { LogOptions, Wanted } from '../../model/topology.ts'
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
}

/** Makes a decoder. Throws `badConfiguration` for an option that is not a path. */
export const createDecoder = (options: DecoderOptions): Decoder => new JsonDecoder(options)

type Accepts = (project: string, offset: Offset) => boolean

/** What a batch has become so far. */
interface Outcome {
  readonly columns: BatchColumns
  readonly rejects: Reject[]
  readonly deletes: FoundDelete[]
  skipped: number
}

class JsonDecoder implements Decoder {
  readonly #spout: LogOptions
  readonly #names: NameRecord
  readonly #records: ReadRecord

  constructor({ spout, topic, wanted }: DecoderOptions) {
    this.#spout = spout
    this.#names = new NameRecord(spout, topic)
    this.#records = new ReadRecord(spout, this.#names, wanted)
  }

  decode(batch: RecordBatch, accepts: Accepts = () => true): DecodedBatch {
    const columns = makeColumns(batch.partition, batch.records.length, this.#records.columnCount)
    const outcome: Outcome = { columns, rejects: [], deletes: [], skipped: 0 }
    this.#records.restart()
    for (const record of batch.records) this.#decode(record, accepts, outcome)
    for (const values of columns.values) values.length = columns.length
    const shapes = this.#records.shapes(columns)
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
    // Every lane must see every delete, whatever tenants it reads.
    if (names.isDelete) {
      outcome.deletes.push(foundDelete(record, readRequest(record)))
      return
    }
    if (isTombstone(record) && this.#spout.tombstones === 'delete') {
      this.#tombstone(record, names, outcome)
      return
    }
    if (names.project !== undefined && !accepts(names.project, record.offset)) {
      outcome.skipped += 1
      return
    }
    const read = this.#records.read(record, names, accepts, outcome.columns)
    if (read === 'event') return
    if (read === 'skipped') outcome.skipped += 1
    else outcome.rejects.push(rejectOf(record, read.project, read.error))
  }

  #tombstone(record: LogRecord, names: RecordNames, outcome: Outcome): void {
    const request = readTombstone(record, names, this.#spout, outcome.columns.partition)
    if (request instanceof SpillwayError) outcome.rejects.push(rejectOf(record, names.project, request))
    else outcome.deletes.push(foundDelete(record, request))
  }
}

const rejectOf = (record: LogRecord, project: string | undefined, error: SpillwayError): Reject => ({
  record,
  project,
  cause: error.publicName,
  message: error.message,
})

const foundDelete = (record: LogRecord, request: JsonValue | JsonObject | undefined): FoundDelete => ({
  offset: record.offset,
  appendTimeMs: record.appendTimeMs,
  request,
})

/** The value of a delete record; `undefined` when it is no JSON that could be handled. */
const readRequest = (record: LogRecord): JsonValue | undefined => {
  if (isTombstone(record) || record.end - record.start > eventBytesMax) return undefined
  const parsed = parseJson(record.bytes, record.start, record.end)
  if (parsed instanceof SpillwayError || problemOf(parsed.value, [], 1, false) !== undefined) return undefined
  return parsed.value as JsonValue // parsed from JSON
}
