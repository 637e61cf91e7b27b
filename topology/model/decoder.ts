/**
 * The seam between the log and the bolts: bytes in, columns out.
 *
 * The planner tells a decoder which values the operators, filters and keys of a spout read (`Wanted`). The decoder
 * validates the bytes of each record once and lifts only those; a body is built when a user's bolt touches it. What it
 * says of a record (event, reject, delete, value of a path) is a pure function of the record (I-1), equal to what
 * `JSON.parse` would have said; a reject that is not says so.
 */
import type { Event } from './event.ts'
import type { JsonObject } from './json.ts'
import type { Path } from './path.ts'
import type { Offset } from './position.ts'
import type { LogRecord, RecordBatch } from './record.ts'
import type { Column, EventColumns, Tuples } from './tuples.ts'

/** Events of one record batch, in log order. Valid until the next `decode` of the same decoder, unless said otherwise. */
export interface EventBatch extends Tuples<Event>, EventColumns {
  readonly length: number
  /** The column of a path whose values stand ready; `undefined` where bodies would have to be read for it. */
  lifted?(path: Path): Column | undefined
  /** Some of the events, by ascending index, as a batch of their own over the same columns. */
  select(indices: readonly number[]): EventBatch
}

/** A record that is no event: to be dead-lettered for every sink. */
export interface Reject {
  readonly record: LogRecord
  readonly project: string | undefined
  /** Public error name (DOMAIN section 3). */
  readonly cause: string
  readonly message: string
  /** Rests on what this process knows now: another one, or a later run, may read the record. */
  readonly isProvisional?: boolean
}

/** A delete request found in the log: a JSON object with an id. What has none is a reject. */
export interface FoundDelete {
  readonly offset: Offset
  readonly appendTimeMs: number
  readonly request: JsonObject
}

export interface DecodedBatch {
  readonly from: Offset
  readonly to: Offset
  readonly events: EventBatch
  readonly rejects: readonly Reject[]
  readonly deletes: readonly FoundDelete[]
  /** Records that `accepts` refused: not parsed at all. */
  readonly skipped: number
}

/** Whether a record is wanted at all. */
export type Accepts = (project: string, offset: Offset, collection: string | undefined) => boolean

export interface Decoder {
  /**
   * Brings what has to be known before the batch can be decoded: schemas of its records. Awaited before each `decode` of
   * the batch, or a part of it. Absent, or `undefined`: nothing is missing. Rejects with class `retry` or `stop`.
   */
  prepare?(batch: RecordBatch): Promise<void> | undefined
  /**
   * Decodes a batch. `accepts` is asked with the project, the offset and the collection (`undefined` where the body says
   * it) before anything is parsed. Where the project is a property of the body, it is asked after parsing. Each record is
   * in exactly one of events, rejects, deletes, skipped.
   */
  decode(batch: RecordBatch, accepts?: Accepts): DecodedBatch
}
