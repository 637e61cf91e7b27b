/**
 * A log that fails now and then, around any other: fetches that must be repeated, answers that are slow, empty or
 * short, appends that are refused, and appends that are taken though their reply is lost.
 *
 * It breaks no sentence of the port: every failure is of class `retry`, every batch is a true piece of the log. So the
 * clauses of the conformance suite hold for it, apart from those about waiting (`holdsUnderFaults`); with no faults
 * asked for, all hold. Same numbers from `random`, same faults.
 */
import { errors } from '../../model/errors.ts'
import type { Clock } from '../../model/ports/clock.ts'
import type { AppendedRange, EventLog, LogBounds } from '../../model/ports/event-log.ts'
import type { Random } from '../../model/ports/random.ts'
import type { Offset, Partition } from '../../model/position.ts'
import type { NewRecord, RecordBatch } from '../../model/record.ts'
import type { Troubles } from './troubles.ts'

/** Shares of calls, 0 to 1, that a fault befalls; each is 0 unless given. */
export interface LogFaults {
  /** A fetch, `bounds` or `offsetAt` fails and must be repeated. */
  readonly reads?: number
  /** A fetch gives an empty batch though there are records. */
  readonly empty?: number
  /** A fetch gives only the first records of its batch. */
  readonly short?: number
  /** An append is refused; nothing of it was taken. */
  readonly refused?: number
  /** An append is taken whole, and its reply is lost. */
  readonly lostReplies?: number
  /** Any call answers only after up to `slowMs` of the clock. */
  readonly slow?: number
  /** Default 1,000. */
  readonly slowMs?: number
}

export interface FaultyEventLogOptions {
  readonly random: Random
  readonly faults: LogFaults
  /** Needed for `slow` only. */
  readonly clock?: Clock
}

export interface FaultyEventLog extends EventLog {
  /** Changes the faults from the next call on: `{}` ends them. */
  setFaults(faults: LogFaults): void
}

export interface TroubledLogOptions {
  readonly troubles: Troubles<Exclude<keyof LogFaults, 'slowMs'>>
  /** What a slow call waits for. */
  readonly slowly: () => Promise<void> | undefined
  /** Of class `retry`. `isUnknown`: an append of which nobody knows whether it was taken. */
  readonly failure: (reason: string, isUnknown: boolean) => Error
}

/** The same around any log, whoever decides. */
export class TroubledLog implements EventLog {
  readonly id: string
  readonly topic: string
  readonly partitions: number
  readonly join?: NonNullable<EventLog['join']>
  readonly leaderEpochAt?: NonNullable<EventLog['leaderEpochAt']>
  readonly retentionMs?: NonNullable<EventLog['retentionMs']>
  readonly #inner: EventLog
  readonly #options: TroubledLogOptions

  constructor(inner: EventLog, options: TroubledLogOptions) {
    this.id = inner.id
    this.topic = inner.topic
    this.partitions = inner.partitions
    this.#inner = inner
    this.#options = options
    if (inner.join !== undefined) this.join = (group, listener) => inner.join!(group, listener)
    if (inner.retentionMs !== undefined) this.retentionMs = () => inner.retentionMs!()
    if (inner.leaderEpochAt !== undefined) this.leaderEpochAt = (place, at) => inner.leaderEpochAt!(place, at)
  }

  async bounds(partition: Partition): Promise<LogBounds> {
    await this.#mayFail('bounds')
    return await this.#inner.bounds(partition)
  }

  async fetch(partition: Partition, from: Offset, options: Parameters<EventLog['fetch']>[2]): Promise<RecordBatch> {
    await this.#mayFail('fetch')
    const batch = await this.#inner.fetch(partition, from, options)
    if (this.#befalls('empty')) return { partition, from, to: from, records: [], byteLength: 0 }
    return this.#befalls('short') ? this.#shortened(batch) : batch
  }

  async offsetAt(partition: Partition, timeMs: number): Promise<Offset> {
    await this.#mayFail('offsetAt')
    return await this.#inner.offsetAt(partition, timeMs)
  }

  async append(records: readonly NewRecord[]): Promise<readonly AppendedRange[]> {
    await this.#maySlow()
    const { failure } = this.#options
    if (this.#befalls('refused')) throw failure('append refused, nothing was taken', false)
    const places = await this.#inner.append(records)
    if (this.#befalls('lostReplies')) throw failure('no reply to an append, it was possibly taken', true)
    return places
  }

  async release(partition: Partition, before: Offset): Promise<void> {
    await this.#mayFail('release')
    await this.#inner.release(partition, before)
  }

  async close(): Promise<void> {
    await this.#inner.close()
  }

  #befalls(kind: Exclude<keyof LogFaults, 'slowMs'>): boolean {
    return this.#options.troubles.befalls(kind)
  }

  async #mayFail(call: string): Promise<void> {
    await this.#maySlow()
    if (this.#befalls('reads')) throw this.#options.failure(`${call} failed`, false)
  }

  async #maySlow(): Promise<void> {
    if (this.#befalls('slow')) await this.#options.slowly()
  }

  #shortened(batch: RecordBatch): RecordBatch {
    const count = 1 + this.#options.troubles.below(batch.records.length)
    const next = batch.records[count]
    // Up to the next record, as a log with gaps would say; the whole batch when there is none.
    if (next === undefined) return batch
    const { leaderEpoch: _ofTheLast, ...rest } = batch
    return { ...rest, to: next.offset, records: batch.records.slice(0, count) }
  }
}

class ChancyLog extends TroubledLog implements FaultyEventLog {
  readonly setFaults: FaultyEventLog['setFaults']

  constructor(inner: EventLog, { random, clock, ...options }: FaultyEventLogOptions) {
    let { faults } = options
    const store = `log ${inner.topic}`
    super(inner, {
      troubles: {
        befalls: (kind) => {
          const share = faults[kind]
          // No number is drawn for a fault that is off, so that faults can be added without changing the others.
          return share !== undefined && share > 0 && random.next() < share
        },
        below: (bound) => Math.floor(random.next() * bound),
      },
      slowly: () => clock?.sleep(random.next() * (faults.slowMs ?? 1_000)),
      failure: (reason) => errors.storeUnavailable({ store, reason: `injected fault: ${reason}` }),
    })
    this.setFaults = (next) => {
      faults = next
    }
  }
}

export const createFaultyEventLog = (inner: EventLog, options: FaultyEventLogOptions): FaultyEventLog =>
  new ChancyLog(inner, options)
