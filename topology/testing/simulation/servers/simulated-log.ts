/**
 * A topic of Kafka as a history sees it: partitions whose oldest records retention drops, offsets that belong to no record,
 * leaders that are elected, fetches that fail or come short or empty, appends whose reply is lost.
 *
 * What was ever appended stays readable in `whole`, so that the truth of a history is well defined: a gap is made at the
 * end of a partition and never in what was appended, and no election takes a record back unless `truncate` is called.
 */
import { errors } from '../../../model/errors.ts'
import type { Clock } from '../../../model/ports/clock.ts'
import type { AppendedRange, EventLog, LogBounds } from '../../../model/ports/event-log.ts'
import { type Offset, offset, type Partition } from '../../../model/position.ts'
import type { NewRecord, RecordBatch } from '../../../model/record.ts'
import { createMemoryLog, type MemoryLog } from '../../../spouts/memory/memory-log.ts'
import { checkOffset, checkPartition } from '../../../spouts/place-records.ts'
import { TroubledLog } from '../../faults/faulty-event-log.ts'
import type { Pause } from '../../faults/troubles.ts'
import type { Dice } from '../stage/dice.ts'
import { diceTroubles } from './dice-troubles.ts'

export interface SimulatedLogOptions {
  readonly clock: Clock
  readonly dice: Dice
  readonly partitions: number
  readonly topic: string
  readonly id: string
  /** Awaited by every call before it takes effect. Default: nothing. */
  readonly pause?: Pause
}

export interface SimulatedLog extends EventLog {
  /** Everything that was ever appended, with its gaps; without faults. */
  readonly whole: EventLog
  /** Appends at once, with a given append time (ms), past all faults. */
  put(timeMs: number, records: readonly NewRecord[]): readonly AppendedRange[]
  /** The next `count` offsets belong to no record: an aborted transaction, or records that compaction took away. */
  gap(partition: Partition, count: number): void
  /** Drops the records below `before`, as retention does. */
  expire(partition: Partition, before: Offset): void
  /** Another leader takes the partition; for a moment it has none. */
  elect(partition: Partition): void
  /** Takes back the records at and above `end`, as an unclean election does. `whole` loses them too. */
  truncate(partition: Partition, end: Offset): void
  /** As `bounds`, at once and without faults. */
  boundsNow(partition: Partition): LogBounds
}

type FetchOptions = Parameters<EventLog['fetch']>[2]

interface Bounded {
  start: Offset
  end: Offset
  /** Calls that are still refused because the partition has no leader. */
  leaderless: number
}

// Calls that are refused while a partition has no leader.
const leaderlessMax = 3

/** Drops records for its readers and keeps them for the truth. */
class RetainedLog implements EventLog {
  readonly id: string
  readonly topic: string
  readonly partitions: number
  readonly whole: MemoryLog
  readonly bounded: readonly Bounded[]
  readonly #pause: Pause | undefined

  constructor({ pause, ...options }: SimulatedLogOptions) {
    this.whole = createMemoryLog(options)
    this.id = options.id
    this.topic = options.topic
    this.partitions = options.partitions
    const empty = { start: offset(0), end: offset(0), leaderless: 0 }
    this.bounded = Array.from({ length: options.partitions }, () => ({ ...empty }))
    this.#pause = pause
  }

  async bounds(partition: Partition): Promise<LogBounds> {
    const { start, end } = await this.#arrive(partition)
    return { start, end }
  }

  async fetch(partition: Partition, from: Offset, options: FetchOptions): Promise<RecordBatch> {
    const bounded = await this.#arrive(partition)
    checkOffset(this.topic, partition, from, bounded)
    const batch = await this.whole.fetch(partition, from, options)
    // It may have waited for long.
    checkOffset(this.topic, partition, from, bounded)
    return batch
  }

  async offsetAt(partition: Partition, timeMs: number): Promise<Offset> {
    const { start, end } = await this.#arrive(partition)
    const found = await this.whole.offsetAt(partition, timeMs)
    if (found >= start) return found
    const left = await this.whole.fetch(partition, start, { maxBytes: Number.MAX_SAFE_INTEGER, waitMs: 0 })
    return left.records.find(({ appendTimeMs }) => appendTimeMs >= timeMs)?.offset ?? end
  }

  async append(records: readonly NewRecord[]): Promise<readonly AppendedRange[]> {
    await this.#pause?.()
    const places = await this.whole.append(records)
    this.took(places)
    return places
  }

  async release(partition: Partition): Promise<void> {
    await this.#arrive(partition)
  }

  async leaderEpochAt(partition: Partition, at: Offset): Promise<number | undefined> {
    const { start } = await this.#arrive(partition)
    return at < start ? undefined : this.whole.leaderEpochAt!(partition, at)
  }

  async close(): Promise<void> {
    await this.whole.close()
  }

  of(partition: Partition): Bounded {
    checkPartition(this.topic, partition, this.partitions)
    return this.bounded[partition]!
  }

  /** Notes where records went. */
  took(places: readonly AppendedRange[]): void {
    for (const { partition, offset: at } of places) this.bounded[partition]!.end = offset(at + 1)
  }

  /** Throws while the partition has no leader. */
  async #arrive(partition: Partition): Promise<Bounded> {
    await this.#pause?.()
    const bounded = this.of(partition)
    if (bounded.leaderless === 0) return bounded
    bounded.leaderless -= 1
    throw errors.kafkaUnavailable({ log: this.topic, reason: `partition ${partition} has no leader` })
  }
}

class DiceLog extends TroubledLog implements SimulatedLog {
  readonly #log: RetainedLog
  readonly #dice: Dice

  constructor(log: RetainedLog, dice: Dice) {
    super(log, {
      troubles: diceTroubles(dice, kinds, () => log.topic),
      slowly: () => undefined,
      failure: (reason, isUnknown) => {
        const text = { log: log.topic, reason }
        return isUnknown ? errors.appendUnknown(text) : errors.kafkaUnavailable(text)
      },
    })
    this.#log = log
    this.#dice = dice
  }

  get whole(): EventLog {
    return this.#log.whole
  }

  put(timeMs: number, records: readonly NewRecord[]): readonly AppendedRange[] {
    const places = this.#log.whole.appendAt(timeMs, records)
    this.#log.took(places)
    return places
  }

  gap(partition: Partition, count: number): void {
    const bounded = this.#log.of(partition)
    this.#log.whole.skip(partition, count)
    bounded.end = offset(bounded.end + count)
  }

  expire(partition: Partition, before: Offset): void {
    const bounded = this.#log.of(partition)
    bounded.start = offset(Math.max(bounded.start, Math.min(before, bounded.end)))
  }

  elect(partition: Partition): void {
    this.#log.whole.elect(partition)
    this.#log.of(partition).leaderless = this.#dice.below(leaderlessMax + 1)
  }

  truncate(partition: Partition, end: Offset): void {
    const bounded = this.#log.of(partition)
    bounded.end = offset(Math.min(bounded.end, Math.max(end, bounded.start)))
    this.#log.whole.truncate(partition, bounded.end)
  }

  boundsNow(partition: Partition): LogBounds {
    const { start, end } = this.#log.of(partition)
    return { start, end }
  }
}

const kinds = {
  reads: 'fetchFails',
  empty: 'fetchEmpty',
  short: 'fetchShort',
  lostReplies: 'appendReplyLost',
} as const

export const createSimulatedLog = (options: SimulatedLogOptions): SimulatedLog =>
  new DiceLog(new RetainedLog(options), options.dice)
