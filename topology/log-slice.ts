/**
 * A part of a log as if it were the whole: nothing before it, nothing behind it, and nothing can be done to it. For
 * readings that must leave no trace. It counts what is read.
 */
import type { Clock } from './model/ports/clock.ts'
import type { EventLog, FetchOptions, LogBounds } from './model/ports/event-log.ts'
import { type Offset, offset, type Partition } from './model/position.ts'
import type { LogRecord, RecordBatch } from './model/record.ts'

/** Offsets `[from, to)` of each partition. */
export type Slices = readonly { readonly from: number; readonly to: number }[]

export class LogSlice implements EventLog {
  readonly id: string
  readonly topic: string
  readonly partitions: number
  /** Records that were read, and the bytes of their values: each once, however often it was. */
  bytes = 0
  records = 0
  readonly #log: EventLog
  readonly #slices: Slices
  readonly #clock: Clock
  /** By partition, one flag for each offset of its slice: ranges may be read in any order. */
  readonly #counted = new Map<Partition, Uint8Array>()

  constructor(log: EventLog, slices: Slices, clock: Clock) {
    this.id = log.id
    this.topic = log.topic
    this.partitions = log.partitions
    this.#log = log
    this.#slices = slices
    this.#clock = clock
  }

  async bounds(partition: Partition): Promise<LogBounds> {
    const { from, to } = this.#sliceOf(partition)
    return { start: offset(from), end: offset(to) }
  }

  async fetch(partition: Partition, from: Offset, options: FetchOptions): Promise<RecordBatch> {
    const { to } = this.#sliceOf(partition)
    if (from >= to) {
      await this.#clock.sleep(options.waitMs, options.signal)
      return { partition, from, to: from, records: [], byteLength: 0 }
    }
    const batch = await this.#log.fetch(partition, from, options)
    const records = batch.to <= to ? batch.records : batch.records.filter((record) => record.offset < to)
    this.#count(partition, records)
    return { ...batch, records, byteLength: bytesOf(records), to: offset(Math.min(batch.to, to)) }
  }

  async offsetAt(partition: Partition, timeMs: number): Promise<Offset> {
    const { from, to } = this.#sliceOf(partition)
    return offset(Math.min(to, Math.max(from, await this.#log.offsetAt(partition, timeMs))))
  }

  append(): Promise<never> {
    return Promise.reject(new Error('nothing is appended to a slice of a log'))
  }

  async release(): Promise<void> {}

  /** The log is whoever's who opened it. */
  async close(): Promise<void> {}

  #count(partition: Partition, records: readonly LogRecord[]): void {
    const { from, to } = this.#sliceOf(partition)
    const counted = this.#counted.get(partition) ?? new Uint8Array(to - from)
    this.#counted.set(partition, counted)
    const fresh = records.filter((record) => counted[record.offset - from] === 0)
    for (const record of fresh) counted[record.offset - from] = 1
    this.records += fresh.length
    this.bytes += bytesOf(fresh)
  }

  #sliceOf(partition: Partition): Slices[number] {
    return this.#slices[partition] ?? { from: 0, to: 0 }
  }
}

const bytesOf = (records: readonly LogRecord[]): number =>
  records.reduce((sum, { start, end }) => sum + Math.max(0, end - start), 0)
