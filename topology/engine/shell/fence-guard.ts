/**
 * Tells an owner that was overtaken from rows that are ahead of their ledger: who was overtaken finds another document
 * when it reads again; who is fenced over and over by the same document has rows that the ledger does not know.
 */
import { errors } from '../../model/errors.ts'
import type { LaneState } from '../../model/ledger-document.ts'

// A fence by another owner's late write may repeat once while that owner commits.
const fencesMax = 3

export class FenceGuard {
  #fences = 0

  note(): void {
    this.#fences += 1
  }

  clear(): void {
    this.#fences = 0
  }

  /** Throws `rowsAhead` (stop) when the ledger still has the very epoch that was fenced time and again. */
  check(sink: string, before: LaneState, now: LaneState): void {
    const isSame =
      before.seq === now.seq && before.at === now.at && now.declared !== null && before.declared === now.declared
    if (!isSame) this.#fences = 0
    if (this.#fences >= fencesMax) throw errors.rowsAhead({ table: sink, applied: now.seq + 1, seq: now.seq })
  }
}
