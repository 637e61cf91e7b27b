/** When the log took the record at a place that no lane has read yet: looked up once per place. */
import { offset, partition as toPartition } from '../../model/position.ts'
import type { SupervisedPartition } from './supervised-partition.ts'

export class NextRecords {
  readonly #partition: Pick<SupervisedPartition, 'log' | 'partition'>
  #known = new Map<number, number | undefined>()

  constructor(partition: Pick<SupervisedPartition, 'log' | 'partition'>) {
    this.#partition = partition
  }

  /** `undefined`: the log does not say, or has nothing there. */
  async appendMsAt(position: number): Promise<number | undefined> {
    if (this.#known.has(position)) return this.#known.get(position)
    const { log, partition } = this.#partition
    const options = { maxBytes: 1, waitMs: 0, isBacklog: true }
    const batch = await log.fetch(toPartition(partition), offset(position), options).catch(() => undefined)
    // What could not be read is asked for again.
    if (batch === undefined) return undefined
    const appendMs = batch.records[0]?.appendTimeMs
    const found = appendMs === undefined || appendMs <= 0 ? undefined : appendMs
    this.#known.set(position, found)
    return found
  }

  /** Places that nobody stands at any more. */
  forgetBut(positions: readonly number[]): void {
    if (this.#known.size === 0) return
    this.#known = new Map([...this.#known].filter(([position]) => positions.includes(position)))
  }
}
