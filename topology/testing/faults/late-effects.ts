/**
 * Effects of calls that have failed and are still on their way: they arrive when a test says so, in an order of chance.
 */
import { errorClassOf } from '../../model/spillway-error.ts'
import type { Troubles } from './troubles.ts'

// A run that never delivers must not grow without end; further late effects are lost.
const pendingMax = 1_024

export class LateEffects {
  readonly #order: Pick<Troubles<never>, 'below'>
  readonly #pending: (() => Promise<unknown>)[] = []

  constructor(order: Pick<Troubles<never>, 'below'>) {
    this.#order = order
  }

  get count(): number {
    return this.#pending.length
  }

  hold(effect: () => Promise<unknown>): void {
    if (this.#pending.length < pendingMax) this.#pending.push(effect)
  }

  /** Lets so many arrive, by default all, those that are held meanwhile too. */
  async deliver(count: number = Number.POSITIVE_INFINITY): Promise<void> {
    for (let left = count; left > 0 && this.#pending.length > 0; left -= 1) {
      const [late] = this.#pending.splice(this.#order.below(this.#pending.length), 1)
      await late?.().catch((error: unknown) => {
        // The way may fail once more; anything but `retry` is a bug that must be seen.
        if (errorClassOf(error, 'stop') !== 'retry') throw error
      })
    }
  }
}
