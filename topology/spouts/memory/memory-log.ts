/**
 * A log in memory, for tests: the contract of the port, and by hand what a served log does by itself (gaps, records of
 * any size, append times out of order, dropped and truncated records).
 *
 * Keeps what I-1 builds on: an offset is given once and its record never changes, until `truncate` breaks that on
 * purpose. It has no timers of its own: a fetch waits on the injected clock and is woken by an append. What `close`
 * leaves stays, so that a topology that starts again finds the same log.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../model/ports/clock.ts'
import type { AppendedRange, EventLog, LogBounds } from '../../model/ports/event-log.ts'
import { type Offset, offset, type Partition } from '../../model/position.ts'
import type { Headers, LogRecord, NewRecord, RecordBatch } from '../../model/record.ts'
import { partitionOf } from '../partition-of.ts'
import { checkOffset, checkPartition, placeRecords } from '../place-records.ts'
import { createWakeUps, type WakeUps } from '../wake-ups.ts'
import { createMemoryGroups, type MemoryGroups } from './memory-groups.ts'

export interface MemoryLog extends EventLog {
  /** Appends at once with a given append time (ms), sorted or not, without a limit on the size of a record. */
  appendAt(timeMs: number, records: readonly NewRecord[]): readonly AppendedRange[]
  /** Leaves a gap: the next `count` offsets of the partition belong to no record. */
  skip(partition: Partition, count: number): void
  /** Drops the records below `before`, as retention does. */
  expire(partition: Partition, before: Offset): void
  /** Takes back the records at and above `end`, as an unclean election does: their offsets are given again. */
  truncate(partition: Partition, end: Offset): void
  /** Another leader takes the partition: what it appends has the next epoch. A log without leaders has none until then. */
  elect(partition: Partition): void
  /** Of a log that shares its partitions; else `undefined`. */
  readonly groups: MemoryGroups | undefined
}

export interface MemoryLogOptions {
  /** Whether runs share the partitions through a group. Default: each run has them all. */
  readonly isShared?: boolean
  readonly clock: Clock
  /** Default 4. */
  readonly partitions?: number
  /** Default `events`. */
  readonly topic?: string
  /** Default: a random one. */
  readonly id?: string
  /** What it tells of its retention; it drops nothing by itself. Default: it keeps everything. */
  readonly retentionMs?: number
}

type FetchOptions = Parameters<EventLog['fetch']>[2]

interface Leader {
  readonly epoch: number
  readonly from: Offset
}

interface PartitionContent {
  start: Offset
  end: Offset
  lastTimeMs: number
  records: LogRecord[]
  /** Where each leader began. */
  leaders: readonly Leader[]
  readonly wakeUps: WakeUps
}

/** Index of the first record at or above an offset. */
const indexOf = (records: readonly LogRecord[], from: Offset): number => {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (records[middle]!.offset < from) low = middle + 1
    else high = middle
  }
  return low
}

const batchOf = (place: Partition, content: PartitionContent, from: Offset, maxBytes: number): RecordBatch => {
  const first = indexOf(content.records, from)
  let next = first
  let byteLength = 0
  while (next < content.records.length) {
    const record = content.records[next]!
    const bytes = record.start === -1 ? 0 : record.end - record.start
    if (next > first && byteLength + bytes > maxBytes) break
    byteLength += bytes
    next += 1
  }
  // A gap belongs to the batch before it, so that a reader is never sent to offsets that hold nothing.
  const to = content.records[next]?.offset ?? content.end
  const batch = { partition: place, from, to, records: content.records.slice(first, next), byteLength }
  // A gap was made by a leader as well: the marker of a transaction, say, which the next one may have written.
  const leaderEpoch = next > first ? leaderEpochOf(content, offset(to - 1)) : undefined
  return leaderEpoch === undefined ? batch : { ...batch, leaderEpoch }
}

const leaderEpochOf = ({ leaders }: PartitionContent, at: Offset): number | undefined =>
  leaders.findLast(({ from }) => from <= at)?.epoch

/** The values of one append, copied into one buffer: the caller may use its own again. */
const copyValues = (records: readonly NewRecord[]): Uint8Array => {
  const bytes = new Uint8Array(records.reduce((sum, record) => sum + (record.value?.length ?? 0), 0))
  let at = 0
  for (const { value } of records) {
    if (value === null) continue
    bytes.set(value, at)
    at += value.length
  }
  return bytes
}

class MemoryEventLog implements MemoryLog {
  readonly id: string
  readonly topic: string
  readonly partitions: number
  readonly groups: MemoryGroups | undefined
  readonly join?: MemoryGroups['join']
  readonly #clock: Clock
  readonly #retentionMs: number | undefined
  readonly #contents: readonly PartitionContent[]
  // Equal headers are one array. Bounded by what a test appends.
  readonly #headers = new Map<string, Headers>()

  constructor(options: MemoryLogOptions) {
    this.id = options.id ?? randomUUID()
    this.topic = options.topic ?? 'events'
    this.partitions = options.partitions ?? 4
    this.groups = options.isShared === true ? createMemoryGroups(this.partitions) : undefined
    if (this.groups !== undefined) this.join = this.groups.join
    this.#clock = options.clock
    this.#retentionMs = options.retentionMs
    this.#contents = Array.from({ length: this.partitions }, () => ({
      start: offset(0),
      end: offset(0),
      lastTimeMs: 0,
      records: [],
      leaders: [],
      wakeUps: createWakeUps(options.clock),
    }))
  }

  async bounds(partition: Partition): Promise<LogBounds> {
    const { start, end } = this.#content(partition)
    return { start, end }
  }

  async retentionMs(): Promise<number | undefined> {
    return this.#retentionMs
  }

  async fetch(partition: Partition, from: Offset, options: FetchOptions): Promise<RecordBatch> {
    const content = this.#content(partition)
    checkOffset(this.topic, partition, from, content)
    if (from === content.end && options.waitMs > 0) {
      // One nap is enough: what ends it is a change of this partition, an abort, a close or the end of the wait.
      await content.wakeUps.nap(options.waitMs, options.signal)
      checkOffset(this.topic, partition, from, content)
    }
    return batchOf(partition, content, from, options.maxBytes)
  }

  async offsetAt(partition: Partition, timeMs: number): Promise<Offset> {
    const content = this.#content(partition)
    return content.records.find((record) => record.appendTimeMs >= timeMs)?.offset ?? content.end
  }

  async append(records: readonly NewRecord[]): Promise<readonly AppendedRange[]> {
    const places = placeRecords(this.topic, records, this.partitions)
    const nowMs = Math.floor(this.#clock.nowMs())
    return this.#take(records, places, (content) => Math.max(content.lastTimeMs, nowMs))
  }

  appendAt(timeMs: number, records: readonly NewRecord[]): readonly AppendedRange[] {
    const places = records.map((record) => record.partition ?? partitionOf(record.key, this.partitions))
    for (const place of places) checkPartition(this.topic, place, this.partitions)
    return this.#take(records, places, () => timeMs)
  }

  async release(partition: Partition): Promise<void> {
    this.#content(partition)
  }

  async close(): Promise<void> {
    for (const content of this.#contents) content.wakeUps.wake()
  }

  skip(partition: Partition, count: number): void {
    const content = this.#content(partition)
    content.end = offset(content.end + count)
    content.wakeUps.wake()
  }

  expire(partition: Partition, before: Offset): void {
    const content = this.#content(partition)
    content.start = offset(Math.max(content.start, Math.min(before, content.end)))
    content.records = content.records.slice(indexOf(content.records, content.start))
    content.wakeUps.wake()
  }

  truncate(partition: Partition, end: Offset): void {
    const content = this.#content(partition)
    content.end = offset(Math.min(content.end, Math.max(end, content.start)))
    content.records = content.records.slice(0, indexOf(content.records, content.end))
    content.wakeUps.wake()
  }

  elect(partition: Partition): void {
    const content = this.#content(partition)
    const { leaders, start, end } = content
    // What was there before has a leader as well.
    const before = leaders.length === 0 ? [{ epoch: 0, from: start }] : leaders.filter(({ from }) => from < end)
    content.leaders = [...before, { epoch: (leaders.at(-1)?.epoch ?? 0) + 1, from: end }]
  }

  async leaderEpochAt(partition: Partition, at: Offset): Promise<number | undefined> {
    const content = this.#content(partition)
    return at >= content.start && at < content.end ? leaderEpochOf(content, at) : undefined
  }

  #content(partition: Partition): PartitionContent {
    checkPartition(this.topic, partition, this.partitions)
    return this.#contents[partition]!
  }

  #take(
    records: readonly NewRecord[],
    places: readonly Partition[],
    timeOf: (content: PartitionContent) => number,
  ): readonly AppendedRange[] {
    const bytes = copyValues(records)
    let end = 0
    return records.map((record, index) => {
      const place = places[index]!
      const content = this.#content(place)
      const at = content.end
      const start = end
      end += record.value?.length ?? 0
      const range = record.value === null ? { start: -1, end: -1 } : { start, end }
      content.lastTimeMs = Math.max(content.lastTimeMs, timeOf(content))
      const headers = this.#shared(record.headers)
      content.records.push({ offset: at, appendTimeMs: timeOf(content), key: record.key, headers, bytes, ...range })
      content.end = offset(at + 1)
      content.wakeUps.wake()
      return { partition: place, offset: at }
    })
  }

  #shared(headers: Headers): Headers {
    const text = JSON.stringify(headers)
    const known = this.#headers.get(text)
    if (known !== undefined) return known
    const copy = headers.map(([name, value]) => [name, value] as const)
    this.#headers.set(text, copy)
    return copy
  }
}

/** A log in memory; `partitions` and `topic` have the defaults of the embedded log. */
export const createMemoryLog = (options: MemoryLogOptions): MemoryLog => new MemoryEventLog(options)
