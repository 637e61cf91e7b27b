/**
 * A record is an entry of the log, as the log keeps it: nothing is decoded.
 *
 * The value is a range of a shared buffer, not a buffer of its own: cutting one out per record costs more than
 * scanning its bytes. Whoever keeps a record beyond its batch keeps the whole buffer alive, so sinks copy.
 */
import type { Offset, Partition } from './position.ts'

/** Name and value in the order of the log; equal consecutive headers are the same array, so `===` is a cheap look-up key. */
export type Headers = readonly (readonly [name: string, value: string])[]

export interface LogRecord {
  readonly offset: Offset
  /** When the log took the record, ms since 1970. Never decreases much, never trusted to be sorted. -1: what the producer said is no time. */
  readonly appendTimeMs: number
  /** UTF-8 text of the key; equal consecutive keys are the same string. */
  readonly key: string | null
  readonly headers: Headers
  /** The buffer that holds the value in `[start, end)`; `start` is -1 for a null value (a tombstone). */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** Consecutive records of one partition. */
export interface RecordBatch {
  readonly partition: Partition
  /** Where the read began. */
  readonly from: Offset
  /** Where the next read begins: one behind the last record, further where the log has gaps, `from` when nothing was there. */
  readonly to: Offset
  readonly records: readonly LogRecord[]
  /** Bytes held in memory by this batch. */
  readonly byteLength: number
  /** Under which leader the log took the last record. Absent: the log does not tell. */
  readonly leaderEpoch?: number
}

/** What a producer hands to `EventLog.append`. */
export interface NewRecord {
  readonly key: string | null
  readonly headers: Headers
  readonly value: Uint8Array | null
  /** Default: hash of the key; without a key, partition 0. */
  readonly partition?: Partition
}

export const headerOf = (headers: Headers, name: string): string | undefined => {
  for (const header of headers) if (header[0] === name) return header[1]
  return undefined
}
