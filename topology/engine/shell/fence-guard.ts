/**
 * Tells an owner that was overtaken from rows that are ahead of their ledger, and from a log that has lost records: who
 * was overtaken finds another document when it reads again; who is fenced over and over by the same document has rows
 * that the ledger does not know, and who still stands below the start of the log has nothing to go on with.
 */
import { errors } from '../../model/errors.ts'
import type { LaneState } from '../../model/ledger-document.ts'
import { isLogExpired } from '../is-log-expired.ts'

/** What a lane, or the work of a delete, has declared. */
type Declared = Pick<LaneState, 'at' | 'declared' | 'seq'>

// A fence by another owner's late write may repeat once while that owner commits.
const fencesMax = 3

export class FenceGuard {
  #fences = 0
  /** Where the lane stood when the log had dropped what it wanted to read. */
  #expiredAt: number | undefined

  note(): void {
    this.#fences += 1
  }

  clear(): void {
    this.#fences = 0
  }

  /** Throws `rowsAhead` (stop) when the ledger still has the very epoch that was fenced time and again. */
  check(sink: string, before: Declared, now: Declared): void {
    const isSame =
      before.seq === now.seq && before.at === now.at && now.declared !== null && before.declared === now.declared
    if (!isSame) this.#fences = 0
    if (this.#fences >= fencesMax) throw errors.rowsAhead({ table: sink, applied: now.seq + 1, seq: now.seq })
  }

  /** Whether the log may have dropped only what others have committed meanwhile: the ledger is to be read again. */
  isPerhapsPassed(error: unknown, at: number): boolean {
    if (!isLogExpired(error) || this.#expiredAt === at) return false
    this.#expiredAt = at
    return true
  }
}
