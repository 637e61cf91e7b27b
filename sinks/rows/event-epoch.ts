/**
 * An open epoch of an event store. Writing it is blind: no row is read, every stamp is a function of its event, so any
 * number of writers may write it in any order and as often as they like (I-1, I-2).
 *
 * Weight -1 has two meanings, which only the declared epoch tells apart. In an epoch that applies events, a delete that
 * was listed meanwhile drops them: they are left out. In the epoch of a delete, their rows are overwritten with an empty
 * body and client id, no times and the delete's mark, never removed: a half-delivered tombstone would let a late write of
 * the event live (I-3). The marks of a bucket differ in their ids alone, which a store may use to write them together.
 */
import { errors } from '../../topology/model/errors.ts'
import { eventId } from '../../topology/model/event-id.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { Clock } from '../../topology/model/ports/clock.ts'
import type { Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import { offset as toOffset, partition as toPartition } from '../../topology/model/position.ts'
import type { DeclaredEpoch, OpenEpoch, WriteOutcome } from '../../topology/model/sink.ts'
import type { Tuples } from '../../topology/model/tuples.ts'
import type { Weight } from '../../topology/model/weight.ts'
import { EventBuffer } from './event-buffer.ts'
import { eventStamp, hourText } from './event-table.ts'
import type { KnownBuckets } from './known-buckets.ts'

// Each answer waits for a turn of a loop that is busy with bolts: one call after the other would be as slow as those turns.
// More of them hold more memory, and fresh events wait behind them.
const chunksAtOnce = 2
// A row without its body is so much smaller, or more.
const marksPerRow = 4

export interface EventRowsPlace {
  readonly sink: string
  readonly rows: RowStore
  readonly table: TableSpec
  readonly buckets: KnownBuckets
  /** For the planted fault `event-row-wall-clock` alone. */
  readonly clock: Clock
  /** Rows of one write call; of rows that lose their body four times as many. */
  readonly chunkRows: number
}

export class EventEpoch implements OpenEpoch {
  readonly #place: EventRowsPlace
  #taken = new EventBuffer(true)
  #left = new EventBuffer(false)

  constructor(place: EventRowsPlace) {
    this.#place = place
  }

  add(tuples: Tuples, weight: Weight): void {
    if (tuples.length === 0) return
    const events = tuples.events()
    if (events === undefined) {
      throw errors.badConfiguration({
        problem: `sink ${this.#place.sink}: eventRows() stores events, and the bolt above it emits other objects; use event.withBody({ ... })`,
      })
    }
    if (weight === 1) this.#taken.add(events)
    else this.#left.add(events)
  }

  heldBytes(): number {
    return this.#taken.heldBytes + this.#left.heldBytes
  }

  spilledBytes(): number {
    return 0
  }

  async write(epoch: DeclaredEpoch, signal: AbortSignal): Promise<WriteOutcome> {
    const isRetraction = epoch.retracts !== undefined
    const source = isRetraction ? this.#left : this.#taken
    const rows = source.rowsByBucket()
    const kept = isRetraction || this.#left.length === 0 ? rows : withoutOffsets(source, rows, this.#left)
    await this.#place.buckets.ensure(usedBuckets(source, kept), signal)
    const chunkRows = this.#place.chunkRows * (isRetraction ? marksPerRow : 1)
    let next = 0
    const work = async (): Promise<void> => {
      while (next < kept.length) {
        signal.throwIfAborted()
        const from = next
        next += chunkRows
        try {
          await this.#writeChunk(epoch, source, kept.subarray(from, from + chunkRows))
        } catch (error) {
          // Whoever repeats the call begins anew.
          next = kept.length
          throw error
        }
      }
    }
    const ends = await Promise.allSettled(Array.from({ length: chunksAtOnce }, work))
    const failed = ends.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return 'written'
  }

  discard(): void {
    this.#taken.release()
    this.#taken = new EventBuffer(true)
    this.#left = new EventBuffer(false)
  }

  #writeChunk(epoch: DeclaredEpoch, source: EventBuffer, chunk: Int32Array): Promise<void> {
    const partition = toPartition(epoch.partition)
    const dead = epoch.retracts?.deleteOffset
    const rows: Row[] = []
    const stamps: number[] = []
    let bucketIndex = -1
    let hour = ''
    for (const at of chunk) {
      const bucket = source.buckets[source.bucketOf[at]!]!
      if (source.bucketOf[at] !== bucketIndex) {
        bucketIndex = source.bucketOf[at]!
        hour = hourText(bucket.hour)
      }
      const offset = toOffset(source.offsets[at]!)
      const timeMs = source.timesMs[at]!
      rows.push([
        bucket.project,
        bucket.collection,
        hour,
        partition,
        bucket.block,
        eventId(timeMs, partition, offset),
        epoch.spout,
        dead === undefined ? timeMs : 0,
        dead === undefined ? source.createdMs[at]! : 0,
        dead === undefined ? source.body(at) : '',
        dead ?? null,
        // A null would leave in place what the event had.
        dead === undefined ? source.clientId(at) : '',
      ])
      const isByClock = plantedFaults.has('event-row-wall-clock')
      stamps.push(isByClock ? this.#place.clock.nowMs() * 1000 : eventStamp(bucket.hour, dead ?? offset))
    }
    return this.#place.rows.write(this.#place.table, rows, stamps)
  }
}

/** Rows whose offset did not leave again: a delete drops an event with all its tuples. */
const withoutOffsets = (source: EventBuffer, rows: Int32Array, left: EventBuffer): Int32Array => {
  const gone = new Set(left.offsets.subarray(0, left.length))
  return rows.filter((at) => !gone.has(source.offsets[at]!))
}

const usedBuckets = (source: EventBuffer, rows: Int32Array): EventBuffer['buckets'] => {
  const used = new Set<number>()
  for (const at of rows) used.add(source.bucketOf[at]!)
  return Array.from(used, (index) => source.buckets[index]!)
}
