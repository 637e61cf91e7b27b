/**
 * The log that events are read from: partitions of records, each with an offset that is given once and never reused.
 *
 * Called by the engine's lanes (`fetch`, `bounds`), by `ingest`, `delete` and `openLog` (`append`) and by readers that
 * look for a time (`offsetAt`). Any number of calls may run at once, from any number of processes.
 *
 * Errors are `SpillwayError`s. Class `retry`: the caller waits and calls again (an append whose fate is unknown says so
 * and was possibly taken). Class `stop`: the lane stops and a person must act (offsets the log has dropped, a format
 * of another version, a topic that was made anew).
 */

import type { Offset, Partition } from '../position.ts'
import type { NewRecord, RecordBatch } from '../record.ts'
import type { Dependency } from './dependency.ts'

export interface LogBounds {
  /** Lowest offset that can still be read. */
  readonly start: Offset
  /** One behind the last durable record. */
  readonly end: Offset
}

export interface AppendedRange {
  readonly partition: Partition
  readonly offset: Offset
}

/** Hears which partitions this member of a group has. Called by the log; neither call may throw or wait. */
export interface GroupListener {
  /**
   * The whole new share, after every rebalance; a partition kept across one is never missing in between. When membership
   * is lost the member tries again and keeps what it had until the new share is known: two owners are safe.
   */
  assigned(partitions: readonly Partition[]): void
  /** Membership ended for good (class `stop`): the run must fail loudly. Called at most once, nothing is called after it. */
  failed(error: unknown): void
  /** Membership is being tried again for the reason given (class `retry`), or stands again (`undefined`): for people who watch. */
  troubled?(error: unknown): void
}

export interface GroupMembership {
  /**
   * The lowest unfinished offset of partitions, for tools that show lag; recovery never reads it. Only forward: a lower
   * offset than one committed before is left out. Never throws for a group in trouble: what could not be committed is
   * tried again without being asked.
   */
  commit(offsets: ReadonlyMap<Partition, Offset>): Promise<void>
  /** Gives the share up at once, so that others take over at once. The listener hears nothing any more. */
  leave(): Promise<void>
}

export interface FetchOptions {
  readonly maxBytes: number
  readonly waitMs: number
  readonly signal?: AbortSignal
  /** Waits for so many bytes, but no longer than `waitMs`: fewer, larger answers. Default 1. A log may ignore it. */
  readonly minBytes?: number
  /** What is read lies far behind: it is fetched beside the others, where a log has connections of its own for that. */
  readonly isBacklog?: boolean
}

export interface EventLog extends Dependency {
  /** Identity of this very log: a log made anew under the same name has another. Belongs to the key of the ledger. */
  readonly id: string
  /** The topic's name, the default collection. */
  readonly topic: string
  readonly partitions: number

  /** Where the partition begins and ends now. */
  bounds(partition: Partition): Promise<LogBounds>

  /**
   * Reads records from `from` on, at most about `maxBytes` (at least one record if there is one).
   * When nothing is there yet it waits up to `waitMs` and then answers with an empty batch; aborting ends the wait.
   * Only durable records are given. An offset below `start` throws `log.expired`, one above `end` throws `log.beyondEnd`.
   */
  fetch(partition: Partition, from: Offset, options: FetchOptions): Promise<RecordBatch>

  /** The first offset whose append time is at or after `timeMs`; the end when there is none. */
  offsetAt(partition: Partition, timeMs: number): Promise<Offset>

  /** Resolves when all records are durable, with their places in the order given. Records of one call and partition keep their order. */
  append(records: readonly NewRecord[]): Promise<readonly AppendedRange[]>

  /** Lets the log drop whole segments of `partition` below `before` that its retention no longer keeps. A log that drops by itself ignores it. */
  release(partition: Partition, before: Offset): Promise<void>

  /**
   * Shares the partitions with the other members of `group`; resolves at once, the share is told to the listener. Absent:
   * this process has them all.
   */
  join?(group: string, listener: GroupListener): Promise<GroupMembership>

  /**
   * Under which leader the log took the record at `offset`; `undefined` when nothing is known of it. An offset whose
   * leader changes was given to another record since: the log was truncated. Absent: the log keeps no such number.
   */
  leaderEpochAt?(partition: Partition, offset: Offset): Promise<number | undefined>

  /**
   * How long the log keeps a record at least, ms; `undefined`: by its size alone, or for ever. Absent: for ever. What
   * reading it fails with is of class `retry`, and nobody waits for it.
   */
  retentionMs?(): Promise<number | undefined>

  close(): Promise<void>
}
