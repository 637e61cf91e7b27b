/**
 * States of rows that this writer has written, kept between epochs of one slot, so that a warm epoch reads nothing.
 *
 * A cached state may be the base of epoch `seq` only if this writer itself completed every write of `seq - 1`
 * (PROTOCOL section 4): else another owner or a delete has moved the slot on and the base is old (I-1, I-4). So a write
 * takes the cache out of the writer and puts it back only when every row is durable; whatever happens in between
 * (a failure, a fence, an abort, a second write of the slot) leaves no cache behind.
 *
 * Bounded in bytes over all slots of the writer: the slot written longest ago goes first, then the row; and over all
 * writers of the process, whatever the number of its partitions (I-6).
 */
import { plantedFaults } from '../../topology/model/planted-faults.ts'

export interface CachedRow<State> {
  /** Epoch of the last change. */
  readonly applied: number
  readonly state: State
  readonly bytes: number
}

export class SlotCache<State> {
  readonly #rows = new Map<string, CachedRow<State>>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get(id: string): CachedRow<State> | undefined {
    return this.#rows.get(id)
  }

  /** Keeps a row as the one that was used last. */
  set(id: string, row: CachedRow<State>): void {
    const before = this.#rows.get(id)
    if (before !== undefined) {
      this.#bytes -= before.bytes
      this.#rows.delete(id)
    }
    this.#rows.set(id, row)
    this.#bytes += row.bytes
  }

  /** Lets the oldest rows go until the bound holds. Called between epochs: an open one holds its deltas anyway. */
  trim(bytesMax: number): void {
    for (const [id, row] of this.#rows) {
      if (this.#bytes <= bytesMax) return
      this.#rows.delete(id)
      this.#bytes -= row.bytes
    }
  }
}

interface SharedSlot {
  readonly cache: Pick<SlotCache<unknown>, 'bytes' | 'trim'>
  /** When it came, counted in slots that were kept. */
  readonly turn: number
}

// About 40,000 rows of a rollup, over all partitions and sinks of the process.
const sharedBytesMax = 16_777_216
// A slot that has missed so many turns of all others is one that nobody writes any more.
const turnsMissed = 4
// Room for some turns, so that not each of them has to look at all slots.
const shrunkRatio = 7 / 8

/** What all writers of a process keep together: first slots that are no longer written go, then all that have more than a fair part. */
export class CacheShare {
  readonly #bytesMax: number
  /** In the order in which they were written. */
  readonly #slots = new Set<SharedSlot>()
  #turn = 0
  #bytes = 0

  constructor(bytesMax: number = sharedBytesMax) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  add(cache: SharedSlot['cache']): SharedSlot {
    this.#turn += 1
    const slot = { cache, turn: this.#turn }
    this.#slots.add(slot)
    this.#bytes += cache.bytes
    if (this.#bytes > this.#bytesMax) this.#shrink()
    return slot
  }

  remove(slot: SharedSlot): void {
    if (this.#slots.delete(slot)) this.#bytes -= slot.cache.bytes
  }

  #shrink(): void {
    const idleBefore = this.#turn - turnsMissed * this.#slots.size
    for (const slot of this.#slots) {
      if (slot.turn >= idleBefore) break
      this.#trim(slot, 0)
      this.#slots.delete(slot)
    }
    const goal = this.#bytesMax * shrunkRatio
    const fair = goal / Math.max(1, this.#slots.size)
    for (const slot of this.#slots) {
      const over = this.#bytes - goal
      if (over <= 0) return
      this.#trim(slot, Math.max(fair, slot.cache.bytes - over))
    }
  }

  #trim({ cache }: SharedSlot, bytesMax: number): void {
    this.#bytes -= cache.bytes
    cache.trim(bytesMax)
    this.#bytes += cache.bytes
  }
}

/** Of this process. */
const processShare = new CacheShare()

interface KeptSlot<State> {
  readonly seq: number
  readonly cache: SlotCache<State>
  readonly shared: SharedSlot
}

/** The caches of a writer's slots, each with the epoch that it is the result of. */
export class SlotCaches<State> {
  readonly #slots = new Map<number, KeptSlot<State>>()
  readonly #bytesMax: number
  readonly #share: CacheShare
  #isClosed = false

  constructor(bytesMax: number, share: CacheShare = processShare) {
    this.#bytesMax = bytesMax
    this.#share = share
  }

  /** The cache to write epoch `seq` with, empty if the kept one does not fit. Nothing is kept until `keep`. */
  take(slot: number, seq: number): SlotCache<State> {
    const kept = this.#forget(slot)
    // `seq` itself fits too: this writer completed it, its rows have `applied = seq` and are written once more.
    const isValid = kept !== undefined && (kept.seq === seq - 1 || kept.seq === seq)
    if (kept !== undefined && (isValid || plantedFaults.has('cache-without-seq-check'))) {
      if (plantedFaults.has('cache-of-unfinished-epoch')) this.#add(slot, seq, kept.cache)
      return kept.cache
    }
    return new SlotCache()
  }

  /** Every write of epoch `seq` is durable. */
  keep(slot: number, seq: number, cache: SlotCache<State>): void {
    this.#forget(slot)
    // A write may end after its writer.
    if (this.#isClosed) return
    cache.trim(this.#bytesMax)
    let bytes = cache.bytes
    for (const kept of this.#slots.values()) bytes += kept.cache.bytes
    for (const [other, kept] of this.#slots) {
      if (bytes <= this.#bytesMax) break
      bytes -= kept.cache.bytes
      this.#forget(other)
    }
    this.#add(slot, seq, cache)
  }

  close(): void {
    this.#isClosed = true
    for (const slot of [...this.#slots.keys()]) this.#forget(slot)
  }

  #add(slot: number, seq: number, cache: SlotCache<State>): void {
    this.#slots.set(slot, { seq, cache, shared: this.#share.add(cache) })
  }

  #forget(slot: number): KeptSlot<State> | undefined {
    const kept = this.#slots.get(slot)
    if (kept === undefined) return undefined
    this.#slots.delete(slot)
    this.#share.remove(kept.shared)
    return kept
  }
}
