/** What everything that is drawn is drawn with: choices from one stream of random numbers. */
import type { Random } from '../../../model/ports/random.ts'

export class Draw implements Random {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  next(): number {
    return this.#random.next()
  }

  /** A whole number in `[0, bound)`. */
  below(bound: number): number {
    return Math.floor(this.#random.next() * bound)
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** A whole number in `[0, bound)`, small ones more often: of four about half are 0. */
  skewed(bound: number): number {
    const part = this.#random.next()
    return Math.floor(part * part * bound)
  }

  happens(chance: number): boolean {
    return this.#random.next() < chance
  }

  /** One of a list that is not empty. */
  of<Value>(list: readonly Value[]): Value {
    return list[this.below(list.length)]!
  }

  /** The same list in another order, each order as likely. */
  shuffled<Value>(list: readonly Value[]): Value[] {
    const mixed = [...list]
    for (let last = mixed.length - 1; last > 0; last--) {
      const at = this.below(last + 1)
      const moved = mixed[last]!
      mixed[last] = mixed[at]!
      mixed[at] = moved
    }
    return mixed
  }

  /** `low` to `high` of a list, in another order; fewer where it is shorter. */
  some<Value>(list: readonly Value[], low: number, high: number): Value[] {
    const count = Math.min(list.length, this.between(low, high))
    return this.shuffled(list).slice(0, count)
  }
}
