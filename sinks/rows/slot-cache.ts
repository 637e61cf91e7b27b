/**
 * States of rows that this writer has written, kept between epochs of one slot, so that a warm epoch reads nothing.
 *
 * A cached state may be the base of epoch `seq` only if this writer itself completed every write of `seq - 1`
 * (PROTOCOL section 4): else another owner or a delete has moved the slot on and the base is old (I-1, I-4). So a write
 * takes the cache out of the writer and puts it back only when every row is durable; whatever happens in between
 * (a failure, a fence, an abort, a second write of the slot) leaves no cache behind.
 *
 * Bounded in bytes over all slots of the writer: the slot written longest ago goes first, then the row (I-6).
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

/** The caches of a writer's slots, each with the epoch that it is the result of. */
export class SlotCaches<State> {
  readonly #slots = new Map<number, { readonly seq: number; readonly cache: SlotCache<State> }>()
  readonly #bytesMax: number

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The cache to write epoch `seq` with, empty if the kept one does not fit. Nothing is kept until `keep`. */
  take(slot: number, seq: number): SlotCache<State> {
    const kept = this.#slots.get(slot)
    this.#slots.delete(slot)
    // `seq` itself fits too: this writer completed it, its rows have `applied = seq` and are written once more.
    const isValid = kept !== undefined && (kept.seq === seq - 1 || kept.seq === seq)
    if (kept !== undefined && (isValid || plantedFaults.has('cache-without-seq-check'))) {
      if (plantedFaults.has('cache-of-unfinished-epoch')) this.#slots.set(slot, { seq, cache: kept.cache })
      return kept.cache
    }
    return new SlotCache()
  }

  /** Every write of epoch `seq` is durable. */
  keep(slot: number, seq: number, cache: SlotCache<State>): void {
    this.#slots.delete(slot)
    cache.trim(this.#bytesMax)
    let bytes = cache.bytes
    for (const kept of this.#slots.values()) bytes += kept.cache.bytes
    for (const [other, kept] of this.#slots) {
      if (bytes <= this.#bytesMax) break
      this.#slots.delete(other)
      bytes -= kept.cache.bytes
    }
    this.#slots.set(slot, { seq, cache })
  }

  clear(): void {
    this.#slots.clear()
  }
}
