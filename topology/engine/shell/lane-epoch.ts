/**
 * What a lane has collected since its last declaration: the sink's open epoch, and how its content was computed.
 */
import type { Counters, LedgerDocument } from '../../model/ledger-document.ts'
import type { OpenEpoch, SinkKind } from '../../model/sink.ts'
import type { Tuples } from '../../model/tuples.ts'
import { DropCounts } from '../drop-counts.ts'
import type { OpenEpochStats } from '../epoch-rules.ts'
import { addCounters, noCounters } from '../ledger/document.ts'
import type { DeleteCount } from '../ledger/proposal.ts'

/** A processed range of records, ready for one sink. */
export interface Share {
  readonly from: number
  readonly to: number
  /** Under which leader the log took its last record, where that is known. */
  readonly leaderEpoch: number | undefined
  readonly tuples: readonly Tuples[]
  readonly bytes: number
  readonly counters: Counters
  /** Dropped events that the sink counts, by the delete that owns them. */
  readonly drops: readonly DeleteCount[]
  /** Offsets of the delete records within. */
  readonly deletes: readonly number[]
  /** The document that said what is left out. */
  readonly doc: LedgerDocument
  /** When the log took the last record, ms since 1970; absent where there was none. */
  readonly appendMs?: number | undefined
  /** Is told what folding it has cost. */
  readonly charge?: ((cpuMs: number) => void) | undefined
}

/** From `from` on, the content was computed under `doc`. */
export interface Basis {
  readonly from: number
  readonly doc: LedgerDocument
}

export class LaneEpoch {
  readonly effects: OpenEpoch
  readonly from: number
  to: number
  bases: Basis[] = []
  deletes: number[] = []
  counters: Counters = noCounters
  readonly drops: DropCounts = new DropCounts()
  bytes = 0
  seq = 0
  partBytes = 0
  /** Of the last record. */
  leaderEpoch: number | undefined
  #openedAtMs: number | undefined
  #lastAtMs = 0

  constructor(effects: OpenEpoch, from: number) {
    this.effects = effects
    this.from = from
    this.to = from
  }

  get isEmpty(): boolean {
    return this.to === this.from
  }

  add(share: Share, nowMs: number): void {
    for (const tuples of share.tuples) this.effects.add(tuples, 1)
    if (this.bases.at(-1)?.doc.rules !== share.doc.rules) this.bases.push({ from: share.from, doc: share.doc })
    this.deletes.push(...share.deletes)
    this.counters = addCounters(this.counters, share.counters)
    this.drops.addAll(share.drops)
    this.bytes += share.bytes
    this.to = share.to
    this.leaderEpoch = share.leaderEpoch
    this.#openedAtMs ??= nowMs
    this.#lastAtMs = nowMs
  }

  /** When its first share came; `undefined` before. */
  get openedAtMs(): number | undefined {
    return this.#openedAtMs
  }

  heldBytes(): number {
    return this.effects.heldBytes()
  }

  stats(kind: SinkKind): OpenEpochStats {
    return {
      kind,
      records: this.counters.received,
      bytes: this.bytes,
      spilledBytes: this.effects.spilledBytes(),
      outputs: this.effects.outputs?.() ?? 0,
      isFull: this.effects.isFull?.() ?? false,
      openedAtMs: this.#openedAtMs,
      lastAtMs: this.#lastAtMs,
    }
  }
}
