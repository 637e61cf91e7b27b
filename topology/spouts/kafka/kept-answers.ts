/**
 * What readers have left over of answers, because batches come whole, for the reader that goes on there. Bounded (I-6):
 * the oldest are given up and read from the broker again.
 */
import type { RecordBatches } from './record-batches.ts'

// Beside the budget of the process, which counts what readers were given.
const bytesMax = 33_554_432

export class KeptAnswers {
  readonly #kept = new Map<string, RecordBatches>()
  #bytes = 0

  keep(partition: number, batches: RecordBatches): void {
    this.take(partition, batches.next)
    this.#kept.set(`${partition} ${batches.next}`, batches)
    this.#bytes += batches.byteLength
    for (const [name, oldest] of this.#kept) {
      // The newest stays, whatever its size: else a batch that is larger would be fetched once for each of its parts.
      if (this.#bytes <= bytesMax || this.#kept.size === 1) break
      this.#kept.delete(name)
      this.#bytes -= oldest.byteLength
    }
  }

  /** What goes on at an offset, for one reader only. */
  take(partition: number, from: number): RecordBatches | undefined {
    const name = `${partition} ${from}`
    const batches = this.#kept.get(name)
    if (batches === undefined) return undefined
    this.#kept.delete(name)
    this.#bytes -= batches.byteLength
    return batches
  }
}
