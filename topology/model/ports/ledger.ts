/**
 * The one place where the content of epochs is decided: a document per (topology, spout, partition), changed by
 * compare-and-set only (PROTOCOL: "The one ledger document").
 *
 * Called by the partition's owner once a tick, by others when they race with it. Linearizable: a read that begins after
 * a compare-and-set was answered `applied` sees its document or a later one. Durable before it answers.
 *
 * A `refused` answer, an error of class `retry` and a lost reply mean one thing only: read again. An error never means
 * that the change was not made.
 */
import type { LedgerDocument } from '../ledger-document.ts'

export interface LedgerKey {
  readonly topology: string
  readonly spout: string
  readonly partition: number
}

export interface Ledger {
  /**
   * Least time, ms, between two compare-and-sets of one document that this store asks for, where nobody has set
   * `ledger.tickMs`. Without it the knob's initial value holds, which is made for a store over a network.
   */
  readonly tickMs?: number

  read(key: LedgerKey): Promise<LedgerDocument | undefined>

  /** Stores `next` if the stored document has `ver === expectedVer` (`undefined`: no document exists). `next.ver` must be larger. */
  compareAndSet(key: LedgerKey, expectedVer: number | undefined, next: LedgerDocument): Promise<'applied' | 'refused'>

  /** Every key that has a document, for readers. */
  keys(topology: string): Promise<readonly LedgerKey[]>

  close(): Promise<void>
}
