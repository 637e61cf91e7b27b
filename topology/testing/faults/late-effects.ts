/**
 * Effects of calls that have failed and are still on their way: they arrive when a test says so, in an order of chance.
 */
import type { Random } from '../../model/ports/random.ts'
import { errorClassOf } from '../../model/spillway-error.ts'

// A run that never delivers must not grow without end; further late effects are lost.
const pendingMax = 1_024

export class LateEffects {
  readonly #random: Random
  readonly #pending: (() => Promise<unknown>)[] = []

  constructor(random: Random) {
    this.#random = random
  }

  get count(): number {
    return this.#pending.length
  }

  hold(effect: () => Promise<unknown>): void {
    if (this.#pending.length < pendingMax) this.#pending.push(effect)
  }

  async deliver(): Promise<void> {
    while (this.#pending.length > 0) {
      const [late] = this.#pending.splice(Math.floor(this.#random.next() * this.#pending.length), 1)
      await late?.().catch((error: unknown) => {
        // The way may fail once more; anything but `retry` is a bug that must be seen.
        if (errorClassOf(error, 'stop') !== 'retry') throw error
      })
    }
  }
}
