/**
 * A log at full rate of which only a sample is there: offsets and bytes advance with virtual time as if every event had
 * been written, most offsets hold no record (as after compaction), and those that do hold what a function of the place
 * gives. So a day at 50,000 events a second costs what its reading costs, and no memory.
 *
 * What is put by hand (deletes) takes the next offset that nobody has been shown.
 */
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { EventLog, LogBounds } from '../../../topology/model/ports/event-log.ts'
import { type Offset, offset, type Partition } from '../../../topology/model/position.ts'
import type { Headers, LogRecord, RecordBatch } from '../../../topology/model/record.ts'
import { createMemoryGroups, type MemoryGroups } from '../../../topology/spouts/memory/memory-groups.ts'
import { checkOffset } from '../../../topology/spouts/place-records.ts'

/** What stands at a place of the log. */
export interface SparseRecord {
  readonly key: string
  readonly headers: Headers
  readonly value: Uint8Array
}

export interface SparseLogOptions {
  readonly clock: Clock
  readonly partitions: number
  /** Of each partition; one that is idle has none. */
  readonly eventsPerSecond: (partition: number) => number
  readonly bytesPerEvent: number
  /** Every so manieth offset holds a record. */
  readonly sampleEvery: number
  /** Producers send what they have gathered at whole multiples of this. */
  readonly lingerMs: number
  /** How long the log has been written when the clock starts. */
  readonly pastMs: number
  readonly recordAt: (partition: number, at: number) => SparseRecord
  readonly isShared: boolean
  /** How long a fetch takes that brings something, ms. */
  readonly fetchMs: number
}

export interface SparseLog {
  readonly groups: MemoryGroups
  /** As one process sees it; told of every batch that it is given. */
  portOf(read: (batch: RecordBatch) => void): EventLog
  endOf(partition: number): number
  /** When the log took what stands at an offset, ms. */
  timeOf(partition: number, at: number): number
  /** Puts a record behind everything that was shown; gives its offset. */
  put(partition: number, record: SparseRecord): number
}

// Spreads the moments, whatever the number of partitions.
const staggerMs = 37

interface Put {
  readonly at: number
  readonly record: SparseRecord
}

class Sparse implements SparseLog {
  readonly groups: MemoryGroups
  readonly #options: SparseLogOptions
  readonly #startMs: number
  readonly #puts: Put[][]

  constructor(options: SparseLogOptions) {
    this.#options = options
    this.#startMs = options.clock.nowMs() - options.pastMs
    this.groups = createMemoryGroups(options.partitions)
    this.#puts = Array.from({ length: options.partitions }, () => [])
  }

  portOf(read: (batch: RecordBatch) => void): EventLog {
    const { partitions, isShared } = this.#options
    return {
      id: 'sparse',
      topic: 'events',
      partitions,
      bounds: async (partition) => this.#bounds(partition),
      fetch: async (partition, from, options) => {
        const batch = await this.#fetch(partition, from, options)
        read(batch)
        return batch
      },
      offsetAt: async (partition, timeMs) =>
        offset(Math.min(this.endOf(partition), Math.max(0, this.#offsetBy(partition, timeMs)))),
      append: () => Promise.reject(new Error('the sparse log is written by its clock')),
      release: async () => {},
      ...(isShared && { join: this.groups.join }),
      close: async () => {},
    }
  }

  endOf(partition: number): number {
    const { clock } = this.#options
    const sinceMs = this.#sinceSent(partition)
    const shownMs = clock.nowMs() - sinceMs
    return Math.max(this.#offsetBy(partition, shownMs), (this.#puts[partition]!.at(-1)?.at ?? -1) + 1)
  }

  timeOf(partition: number, at: number): number {
    const rate = this.#options.eventsPerSecond(partition)
    return rate === 0 ? this.#startMs : this.#startMs + Math.floor((at * 1_000) / rate)
  }

  put(partition: number, record: SparseRecord): number {
    const at = this.endOf(partition)
    this.#puts[partition]!.push({ at, record })
    return at
  }

  /** How long ago its producers have sent, ms: each partition has a moment of its own. */
  #sinceSent(partition: number): number {
    const { clock, lingerMs } = this.#options
    const shiftMs = (partition * staggerMs) % lingerMs
    return Math.min(clock.nowMs() - this.#startMs, (clock.nowMs() - this.#startMs + shiftMs) % lingerMs)
  }

  #offsetBy(partition: number, timeMs: number): number {
    return Math.floor(((timeMs - this.#startMs) * this.#options.eventsPerSecond(partition)) / 1_000)
  }

  #bounds(partition: number): LogBounds {
    return { start: offset(0), end: offset(this.endOf(partition)) }
  }

  async #fetch(
    partition: Partition,
    from: Offset,
    { maxBytes, waitMs, signal }: Parameters<EventLog['fetch']>[2],
  ): Promise<RecordBatch> {
    checkOffset('events', partition, from, this.#bounds(partition))
    const { clock, lingerMs, bytesPerEvent, fetchMs } = this.#options
    const untilMs = clock.nowMs() + waitMs
    while (from === this.endOf(partition) && clock.nowMs() < untilMs && signal?.aborted !== true) {
      const nextMs = lingerMs - this.#sinceSent(partition)
      await clock.sleep(Math.min(nextMs, untilMs - clock.nowMs()), signal)
    }
    if (from < this.endOf(partition)) await clock.sleep(fetchMs, signal)
    const most = Math.max(1, Math.floor(maxBytes / bytesPerEvent))
    const to = Math.min(this.endOf(partition), from + most)
    const records = this.#recordsIn(partition, from, to)
    return { partition, from, to: offset(to), records, byteLength: (to - from) * bytesPerEvent }
  }

  #recordsIn(partition: number, from: number, to: number): readonly LogRecord[] {
    const { sampleEvery, recordAt } = this.#options
    const puts = this.#puts[partition]!
    const records = new Map<number, SparseRecord>()
    for (let index = placeOf(puts, from); index < puts.length && puts[index]!.at < to; index++)
      records.set(puts[index]!.at, puts[index]!.record)
    for (let at = Math.ceil(from / sampleEvery) * sampleEvery; at < to; at += sampleEvery)
      if (!records.has(at)) records.set(at, recordAt(partition, at))
    return [...records]
      .sort(([left], [right]) => left - right)
      .map(([at, { key, headers, value }]) => ({
        offset: offset(at),
        appendTimeMs: this.timeOf(partition, at),
        key,
        headers,
        bytes: value,
        start: 0,
        end: value.length,
      }))
  }
}

/** Index of the first put at or behind an offset. */
const placeOf = (puts: readonly Put[], from: number): number => {
  let [low, high] = [0, puts.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (puts[middle]!.at < from) low = middle + 1
    else high = middle
  }
  return low
}

export const createSparseLog = (options: SparseLogOptions): SparseLog => new Sparse(options)
