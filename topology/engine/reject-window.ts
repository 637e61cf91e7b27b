/**
 * Tells poison from a bug: when more than a share of a lane's last 100 or more records would be dead-lettered, the lane
 * stops instead.
 */
import { rejectWindowRecords } from '../model/limits.ts'

export class RejectWindow {
  readonly #batches: (readonly [records: number, rejected: number])[] = []
  #records = 0
  #rejected = 0

  /** Notes a batch; true when the share is exceeded over the newest batches that hold 100 records together. */
  note(records: number, rejected: number, ratio: number): boolean {
    this.#batches.push([records, rejected])
    this.#records += records
    this.#rejected += rejected
    while (this.#records - this.#batches[0]![0] >= rejectWindowRecords) {
      const [oldRecords, oldRejected] = this.#batches.shift()!
      this.#records -= oldRecords
      this.#rejected -= oldRejected
    }
    return this.#records >= rejectWindowRecords && this.#rejected > ratio * this.#records
  }

  get counts(): { readonly rejected: number; readonly of: number } {
    return { rejected: this.#rejected, of: this.#records }
  }
}
