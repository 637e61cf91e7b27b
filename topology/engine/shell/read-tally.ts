/** Counts what the cursors of a partition read, each record once: several may read the same range for different lanes. */
import type { RecordBatch } from '../../model/record.ts'

export class ReadTally {
  readonly #note: (records: number, bytes: number) => void
  /** One behind the last offset that any cursor has read. */
  #readTo = 0

  constructor(note: (records: number, bytes: number) => void) {
    this.#note = note
  }

  add({ records, byteLength }: RecordBatch): void {
    const last = records.at(-1)
    if (last === undefined || last.offset < this.#readTo) return
    const isSeen = records[0]!.offset < this.#readTo
    const fresh = isSeen ? records.filter((record) => record.offset >= this.#readTo).length : records.length
    this.#readTo = last.offset + 1
    this.#note(fresh, Math.round((byteLength * fresh) / records.length))
  }
}
