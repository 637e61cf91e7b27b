/**
 * Counts what the cursors of a partition read, each record once: several may read the same range for different lanes, and
 * lanes of a backlog read ranges in any order.
 */
import type { RecordBatch } from '../../model/record.ts'
import { CoveredRanges } from '../covered-ranges.ts'

/** What was read of `[from, to)` and not counted before. */
export interface CountedRange {
  readonly from: number
  readonly to: number
  readonly records: number
  readonly bytes: number
}

export class ReadTally {
  readonly #note: (counted: CountedRange) => void
  readonly #covered = new CoveredRanges()

  constructor(note: (counted: CountedRange) => void) {
    this.#note = note
  }

  add({ from, to, records, byteLength }: RecordBatch): void {
    const fresh = this.#covered.add(from, to)
    if (fresh.length === 0 || records.length === 0) return
    const isFresh = (offset: number): boolean => fresh.some(([start, end]) => offset >= start && offset < end)
    const isWhole = fresh.length === 1 && fresh[0]![0] === from && fresh[0]![1] === to
    const count = isWhole ? records.length : records.filter(({ offset }) => isFresh(offset)).length
    if (count === 0) return
    this.#note({ from, to, records: count, bytes: Math.round((byteLength * count) / records.length) })
  }

  /** Of another tally: where both have read a part, it is counted by the share of offsets. */
  addCounted({ from, to, records, bytes }: CountedRange): void {
    const offsets = this.#covered.add(from, to).reduce((sum, [start, end]) => sum + end - start, 0)
    const share = offsets / Math.max(1, to - from)
    if (share > 0) this.#note({ from, to, records: Math.round(records * share), bytes: Math.round(bytes * share) })
  }
}
