/**
 * Objects of a store that may be on their way at once, over all archives and partitions of the process: a store on a
 * server answers many requests in the time of one, and what is on its way is held in memory.
 *
 * Where more is to be written than the store takes, what has just come goes first, however many ranges of a backlog are
 * written beside it; of four objects one is of the backlog, so that both go on (I-9).
 */
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'

// Plain bytes: what is kept of an object until it is durable is no more, and about a tenth where it is compressed.
const bytesMax = 67_108_864

// Before one of a backlog has its turn.
const freshInTurn = 3

export interface ObjectToWrite {
  readonly bytes: number
  /** It holds what has just come. */
  readonly isFresh: boolean
}

interface Waiting extends ObjectToWrite {
  readonly atOnce: number
  readonly begin: () => void
}

export class WriteTurns {
  #objects = 0
  /** Fresh ones that have begun since one of a backlog did. */
  #fresh = 0
  #bytes = 0
  readonly #waiting: Waiting[] = []

  /**
   * Runs `work` once fewer than `atOnce` objects are on their way; those that are as fresh as each other in order of
   * arrival. An object of any size fits alone.
   */
  async take<Result>(object: ObjectToWrite, atOnce: number, work: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ ...object, atOnce, begin })
      this.#letBegin()
    })
    try {
      return await work()
    } finally {
      this.#objects--
      this.#bytes -= object.bytes
      this.#letBegin()
    }
  }

  #letBegin(): void {
    for (let index = this.#next(); index >= 0; index = this.#next()) {
      const next = this.#waiting[index]!
      const fits = this.#objects < next.atOnce && this.#bytes + next.bytes <= bytesMax
      if (this.#objects > 0 && !fits) return
      this.#waiting.splice(index, 1)
      this.#objects++
      this.#fresh = next.isFresh ? this.#fresh + 1 : 0
      this.#bytes += next.bytes
      next.begin()
    }
  }

  #next(): number {
    const [fresh, late] = [true, false].map((isFresh) => this.#waiting.findIndex((one) => one.isFresh === isFresh))
    if (fresh! < 0 || late! < 0) return Math.max(fresh!, late!)
    return this.#fresh < freshInTurn ? fresh! : late!
  }
}

const turns = new WeakMap<ObjectStore, WriteTurns>()

export const writeTurnsOf = (store: ObjectStore): WriteTurns => {
  const found = turns.get(store) ?? new WriteTurns()
  turns.set(store, found)
  return found
}
