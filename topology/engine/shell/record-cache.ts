/**
 * Records that deletes have read one by one, by offset. Sinks become ready for a delete at different times; what the
 * first has read, the others find here, so that a delete by id reads its record once (B13, B19).
 *
 * The log never changes a record, so nothing here grows old. Bounded by bytes (I-6): the oldest makes room.
 */
import type { LogRecord } from '../../model/record.ts'

// Some ten thousand events of usual size: as many as are deleted by id between two rewritings of objects.
const bytesMax = 16 * 1_048_576
// The record, its map slot and the buffer's own head.
const overheadBytes = 200

export class RecordCache {
  readonly #kept = new Map<number, LogRecord>()
  readonly #bytesMax: number
  #bytes = 0

  constructor(most: number = bytesMax) {
    this.#bytesMax = most
  }

  get(offset: number): LogRecord | undefined {
    return this.#kept.get(offset)
  }

  /** Keeps a record with bytes of its own: those it came with belong to a whole fetch. */
  put(record: LogRecord): LogRecord {
    const known = this.#kept.get(record.offset)
    if (known !== undefined) return known
    const isNull = record.start < 0
    const bytes = isNull ? new Uint8Array(0) : new Uint8Array(record.bytes.subarray(record.start, record.end))
    const kept = { ...record, bytes, ...(isNull ? {} : { start: 0, end: bytes.length }) }
    this.#kept.set(record.offset, kept)
    this.#bytes += sizeOf(kept)
    for (const [offset, oldest] of this.#kept) {
      if (this.#bytes <= this.#bytesMax || oldest === kept) break
      this.#kept.delete(offset)
      this.#bytes -= sizeOf(oldest)
    }
    return kept
  }
}

const sizeOf = (record: LogRecord): number => record.bytes.length + overheadBytes
