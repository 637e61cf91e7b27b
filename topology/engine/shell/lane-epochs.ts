/**
 * The epochs that a lane holds at once: one is written, one may be closed behind it while that one is committed, and one
 * is collected. Never more, so what a lane holds is bounded (I-6).
 */
import type { LaneEpoch } from './lane-epoch.ts'

export class LaneEpochs {
  /** Collects. */
  open: LaneEpoch | undefined
  /** Closed while the one before it is committed. */
  next: LaneEpoch | undefined
  /** Declared or about to be. */
  closing: LaneEpoch | undefined

  /** End of what has been collected; `at` when nothing has. */
  position(at: number): number {
    return (this.open ?? this.next ?? this.closing)?.to ?? at
  }

  get isCollecting(): boolean {
    return this.open !== undefined && !this.open.isEmpty
  }

  /** Since when the oldest of them holds something. */
  get heldSinceMs(): number | undefined {
    return (this.closing ?? this.next ?? this.open)?.openedAtMs
  }

  /** What is collected is closed. */
  takeOpen(partBytes: number): LaneEpoch {
    const epoch = this.open!
    this.open = undefined
    epoch.partBytes = partBytes
    return epoch
  }

  openBytes(): number {
    return this.open?.heldBytes() ?? 0
  }

  heldBytes(): number {
    return this.openBytes() + (this.next?.heldBytes() ?? 0) + (this.closing?.heldBytes() ?? 0)
  }

  /** Drops what is collected; what is closed goes on. */
  letGo(): void {
    this.open?.effects.discard()
    this.open = undefined
  }

  discard(): void {
    for (const epoch of [this.open, this.next, this.closing]) epoch?.effects.discard()
    this.open = undefined
    this.next = undefined
    this.closing = undefined
  }
}
