/**
 * An open epoch of a state sink: the operator folds batches into deltas, one per row touched.
 *
 * Weight -1 takes one path with +1 (I-3): a dropped event is folded out again, a delete's epoch holds minuses only.
 * Held bytes are estimated from a moving sample, for asking every state after every batch would cost more than the fold.
 */
import type { StateDelta, StateDeltas, StateOperator } from '../../topology/model/operator.ts'
import type { DeclaredEpoch, OpenEpoch, WriteOutcome } from '../../topology/model/sink.ts'
import type { Tuples } from '../../topology/model/tuples.ts'
import type { Weight } from '../../topology/model/weight.ts'
import type { StateRowsPlace } from './row-bases.ts'
import type { SlotCaches } from './slot-cache.ts'
import { storedKeys } from './stored-keys.ts'
import { writeStateRows } from './write-state-rows.ts'

// 32 of a batch's 500 tuples: the estimate follows the whole map within some batches and costs a few microseconds.
const sampleRows = 32
// A map slot, the id, the key cells and the delta object.
const deltaOverheadBytes = 256

export class StateEpoch<State> implements OpenEpoch {
  readonly #place: StateRowsPlace<State>
  readonly #caches: SlotCaches<State>
  readonly #operator: StateOperator<unknown, State>
  #deltas: StateDeltas<State> = new Map()
  #walk: IteratorObject<StateDelta<State>> | undefined
  #meanBytes = 0

  constructor(place: StateRowsPlace<State>, caches: SlotCaches<State>) {
    this.#place = place
    this.#caches = caches
    this.#operator = place.operator
  }

  add(tuples: Tuples, weight: Weight): void {
    if (tuples.length > 0) this.#operator.fold(tuples, weight, this.#deltas)
  }

  heldBytes(): number {
    const size = this.#deltas.size
    if (size === 0) return 0
    this.#meanBytes = this.#meanBytes === 0 ? this.#sampledMean() : (this.#meanBytes + this.#sampledMean()) / 2
    return Math.ceil(size * (deltaOverheadBytes + this.#meanBytes))
  }

  spilledBytes(): number {
    return 0
  }

  async write(epoch: DeclaredEpoch, signal: AbortSignal): Promise<WriteOutcome> {
    const cache = this.#caches.take(epoch.slot, epoch.seq)
    const deltas = storedKeys(this.#operator, this.#deltas)
    const outcome = await writeStateRows(this.#place, epoch, deltas, cache, signal)
    // The cache goes by the operator's ids: where several of them are one row it cannot be trusted.
    if (outcome === 'written' && deltas === this.#deltas) this.#caches.keep(epoch.slot, epoch.seq, cache)
    return outcome
  }

  discard(): void {
    // Not emptied: a write may be under way that would pass for whole, and its cache for that of the epoch.
    this.#deltas = new Map()
    this.#walk = undefined
  }

  /** Mean size of the next few states; goes round the map over many calls, so that growing states are seen. */
  #sampledMean(): number {
    let bytes = 0
    let count = 0
    for (const delta of this.#nextDeltas()) {
      bytes += this.#operator.sizeBytes(delta.state)
      count += 1
    }
    return count === 0 ? 0 : bytes / count
  }

  /** At least one delta while the map holds any: at its end the walk begins anew. */
  #nextDeltas(): readonly StateDelta<State>[] {
    this.#walk ??= this.#deltas.values()
    const next = this.#walk.take(sampleRows).toArray()
    if (next.length === sampleRows) return next
    this.#walk = undefined
    return next.length > 0 ? next : this.#deltas.values().take(sampleRows).toArray()
  }
}
