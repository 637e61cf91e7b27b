/**
 * The marks of a worker: each is with the supervisor before its records are touched. A record that is read alone has the
 * whole process to itself, so that what it does is charged to it and to nobody else.
 */
import type { FromWorker, Mark } from '../../workers/messages.ts'
import type { MarkedRange, Marks } from '../marks.ts'

interface Waiting {
  readonly isAlone: boolean
  readonly enter: (id: number) => void
}

export class WorkerMarks implements Marks {
  readonly #send: (message: FromWorker) => Promise<void>
  readonly #nowMs: () => number
  readonly #open = new Set<number>()
  /** When calls of user code began that are open. */
  readonly #calls = new Map<number, number>()
  #nextId = 0
  #isAlone = false
  /** In order of arrival: who waits to be alone holds up those behind, or it would wait for ever. */
  #waiting: Waiting[] = []

  constructor(send: (message: FromWorker) => Promise<void>, nowMs: () => number) {
    this.#send = send
    this.#nowMs = nowMs
  }

  /** Since when the oldest open call runs; `undefined`: none does. */
  get callSinceMs(): number | undefined {
    return this.#calls.size === 0 ? undefined : Math.min(...this.#calls.values())
  }

  async set({ spout, partition, lanes, from, to, isAgain }: MarkedRange, isAlone: boolean): Promise<() => void> {
    const mayEnter = this.#waiting.length === 0 && this.#mayEnter(isAlone)
    const id = mayEnter
      ? this.#enter(isAlone)
      : await new Promise<number>((resolve) => this.#waiting.push({ isAlone, enter: resolve }))
    const mark: Mark = { spout, partition, lanes, from, to, ...(isAgain === undefined ? {} : { isAgain }) }
    await this.#send({ kind: 'mark', id, mark })
    return () => this.#leave(id)
  }

  async call<T>(work: () => Promise<T>): Promise<T> {
    const id = this.#nextId++
    this.#calls.set(id, this.#nowMs())
    try {
      return await work()
    } finally {
      this.#calls.delete(id)
    }
  }

  #mayEnter(isAlone: boolean): boolean {
    return isAlone ? this.#open.size === 0 : !this.#isAlone
  }

  #enter(isAlone: boolean): number {
    const id = this.#nextId++
    this.#open.add(id)
    this.#isAlone = isAlone
    return id
  }

  #leave(id: number): void {
    if (!this.#open.delete(id)) return
    this.#isAlone = false
    void this.#send({ kind: 'unmark', id }).catch(() => undefined)
    for (let next = this.#waiting[0]; next !== undefined && this.#mayEnter(next.isAlone); next = this.#waiting[0]) {
      this.#waiting.shift()
      next.enter(this.#enter(next.isAlone))
    }
  }
}
