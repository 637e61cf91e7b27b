/**
 * The embedded log: segment files in a folder, written and read by any number of processes, without a server.
 *
 * One writer at a time holds the write lock, puts checksummed frames behind the end of a partition, syncs them and
 * publishes the new end; readers take no lock and give nothing behind the published end. What a dead writer leaves is
 * recovered by the next opening or the next append. Keeps the ground of I-1 and I-2: an offset is given once, and what
 * was read or reported is never lost or changed.
 *
 * ```
 * log.json      id, topic, number of partitions
 * write.lock    turn.lock   held by writers, empty
 * 0/ 1/ ...     bounds      the published start and end
 *               0000000000000000.segment   named by its first offset
 * ```
 */
import { errors } from '../../model/errors.ts'
import type { Clock } from '../../model/ports/clock.ts'
import type { AppendedRange, EventLog, FetchOptions, LogBounds } from '../../model/ports/event-log.ts'
import { type Offset, offset, type Partition, partition as partitionAt } from '../../model/position.ts'
import type { NewRecord, RecordBatch } from '../../model/record.ts'
import { checkPartition, placeRecords } from '../place-records.ts'
import { createWakeUps, type WakeUps } from '../wake-ups.ts'
import { AppendQueue } from './append-queue.ts'
import { type Disk, systemDisk } from './disk.ts'
import { type EncodedFrames, encodeFrames } from './encode-frames.ts'
import { type LogIdentity, settleIdentity } from './log-identity.ts'
import { PartitionReader } from './partition-reader.ts'
import { PartitionWriter } from './partition-writer.ts'
import { SegmentFiles } from './segment-files.ts'
import { WriteLock } from './write-lock.ts'

export interface FileLogOptions {
  readonly folder: string
  readonly clock: Clock
  /** Fixed when the log is made, default 4. Another number later throws `logPartitions`. */
  readonly partitions?: number
  /** Age in ms from which `release` may drop a segment; without it nothing is ever dropped. */
  readonly retentionMs?: number
  /** Fixed when the log is made, default `events`. Another topic later throws `logFormat`. */
  readonly topic?: string
  /** Bytes at which a segment is full and the next one begins. Default 64 MiB. */
  readonly segmentBytes?: number
  /** Where the files are; tests put one here that fails. Default: the file system. */
  readonly disk?: Disk
}

// A segment is what retention drops and what a look-up walks at most once: 64 MiB take 30 ms.
const segmentBytesDefault = 67_108_864
// Appends of other processes are seen by looking at 56 bytes: 3 us, 40 times a second.
const lookMs = 25

interface PartitionParts {
  readonly writer: PartitionWriter
  readonly reader: PartitionReader
  readonly segments: SegmentFiles
  readonly wakeUps: WakeUps
}

class FileLog implements EventLog {
  readonly id: string
  readonly topic: string
  readonly partitions: number
  readonly #options: FileLogOptions
  readonly #lock: WriteLock
  readonly #parts: readonly PartitionParts[]
  readonly #queue: AppendQueue
  #isClosed = false

  constructor(options: FileLogOptions, identity: LogIdentity, lock: WriteLock, writers: readonly PartitionWriter[]) {
    this.id = identity.id
    this.topic = identity.topic
    this.partitions = identity.partitions
    this.#options = options
    this.#lock = lock
    const disk = options.disk ?? systemDisk
    this.#parts = writers.map((writer, index) => {
      const segments = new SegmentFiles(disk, writer.folder, index)
      const reader = new PartitionReader(identity.topic, partitionAt(index), writer.bounds, segments)
      return { writer, reader, segments, wakeUps: createWakeUps(options.clock) }
    })
    const onPublished = (partition: number): void => this.#parts[partition]!.wakeUps.wake()
    this.#queue = new AppendQueue({ folder: options.folder, clock: options.clock, lock, writers, onPublished })
  }

  async bounds(partition: Partition): Promise<LogBounds> {
    const { start, end } = this.#part(partition).writer.bounds.read()
    return { start, end }
  }

  async fetch(partition: Partition, from: Offset, options: FetchOptions): Promise<RecordBatch> {
    const { reader, wakeUps } = this.#part(partition)
    const { minBytes = 1, signal } = options
    let left = options.waitMs
    let bounds = reader.boundsAround(from)
    while (left > 0 && !signal?.aborted && !reader.hasBytes(from, Math.min(minBytes, options.maxBytes), bounds)) {
      const restMs = Math.min(left, lookMs)
      // Where some are there already, each further append would only wake it for nothing.
      await (bounds.end === from ? wakeUps.nap(restMs, signal) : this.#options.clock.sleep(restMs, signal))
      if (this.#isClosed) break
      left -= lookMs
      bounds = reader.boundsAround(from)
    }
    if (bounds.end === from) return { partition, from, to: from, records: [], byteLength: 0 }
    return await reader.read(from, options.maxBytes, bounds)
  }

  async offsetAt(partition: Partition, timeMs: number): Promise<Offset> {
    return await this.#part(partition).reader.offsetAt(timeMs)
  }

  async append(records: readonly NewRecord[]): Promise<readonly AppendedRange[]> {
    if (records.length === 0) return []
    const places = placeRecords(this.topic, records, this.partitions)
    const firsts = await this.#queue.append(() => encodeByPartition(records, places))
    const next = new Map<number, number>(firsts)
    return places.map((partition) => {
      const at = next.get(partition)!
      next.set(partition, at + 1)
      return { partition, offset: offset(at) }
    })
  }

  async release(partition: Partition, before: Offset): Promise<void> {
    const { retentionMs, clock } = this.#options
    const { writer, segments } = this.#part(partition)
    if (retentionMs === undefined) return
    const { start, segment } = writer.bounds.read()
    // The usual case, without a lock: the segment that is written to is the only one, or nothing below is released.
    if (start === segment || before <= start) return
    await this.#lock.hold(() => writer.release(before, clock.nowMs() - retentionMs, segments))
  }

  /** What `release` may drop; another topology that reads the same log may call it. */
  async retentionMs(): Promise<number | undefined> {
    return this.#options.retentionMs
  }

  /** Waits for the appends that were taken. A fetch that waits answers with an empty batch. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#queue.close()
    await this.#lock.close()
    for (const { writer, segments, wakeUps } of this.#parts) {
      wakeUps.wake()
      segments.close()
      writer.close()
    }
  }

  #part(partition: Partition): PartitionParts {
    if (this.#isClosed) throw errors.pathUnusable({ path: this.#options.folder, reason: 'the log is closed' })
    checkPartition(this.topic, partition, this.partitions)
    return this.#parts[partition]!
  }
}

const encodeByPartition = (
  records: readonly NewRecord[],
  places: readonly Partition[],
): ReadonlyMap<number, EncodedFrames> => {
  const groups = new Map<number, NewRecord[]>()
  records.forEach((record, index) => {
    const group = groups.get(places[index]!)
    if (group === undefined) groups.set(places[index]!, [record])
    else group.push(record)
  })
  return new Map(Array.from(groups, ([place, group]) => [place, encodeFrames(group)]))
}

/**
 * Opens the log in a folder, making it if there is none, and recovers what a dead process has left.
 * Throws `logFormat` (another version or topic; damage), `logPartitions` (another number of them), `storeUnavailable`
 * (retry: another process keeps the lock), `diskFull` (retry), `pathUnusable`.
 */
export const openFileLog = async (options: FileLogOptions): Promise<EventLog> => {
  const disk = options.disk ?? systemDisk
  disk.makeFolder(options.folder)
  const lock = new WriteLock(options.folder)
  try {
    return await lock.hold(async () => {
      const identity = await settleIdentity(disk, options.folder, options)
      const segmentBytes = options.segmentBytes ?? segmentBytesDefault
      const writers = Array.from(
        { length: identity.partitions },
        (_, index) => new PartitionWriter(disk, options.folder, index, segmentBytes),
      )
      for (const writer of writers) await writer.settle()
      return new FileLog(options, identity, lock, writers)
    })
  } catch (cause) {
    await lock.close()
    throw cause
  }
}
