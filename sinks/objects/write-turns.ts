/**
 * Objects of a store that may be on their way at once, over all archives and partitions of the process: a store on a
 * server answers many requests in the time of one, and what is on its way is held in memory.
 */
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'

// Plain bytes: what is kept of an object until it is durable is no more, and about a tenth where it is compressed.
const bytesMax = 67_108_864

interface Waiting {
  readonly bytes: number
  readonly atOnce: number
  readonly begin: () => void
}

export class WriteTurns {
  #objects = 0
  #bytes = 0
  readonly #waiting: Waiting[] = []

  /** Runs `work` once fewer than `atOnce` objects are on their way, in order of arrival; an object of any size fits alone. */
  async take<Result>(bytes: number, atOnce: number, work: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ bytes, atOnce, begin })
      this.#letBegin()
    })
    try {
      return await work()
    } finally {
      this.#objects--
      this.#bytes -= bytes
      this.#letBegin()
    }
  }

  #letBegin(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const fits = this.#objects < next.atOnce && this.#bytes + next.bytes <= bytesMax
      if (this.#objects > 0 && !fits) return
      this.#waiting.shift()
      this.#objects++
      this.#bytes += next.bytes
      next.begin()
    }
  }
}

const turns = new WeakMap<ObjectStore, WriteTurns>()

export const writeTurnsOf = (store: ObjectStore): WriteTurns => {
  const found = turns.get(store) ?? new WriteTurns()
  turns.set(store, found)
  return found
}
