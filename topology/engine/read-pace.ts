/** How fast a cursor reads, so that others know whether it is worth their while to wait for it. */

// About a second of reading, while nothing is known.
const firstReach = 100_000
const leastReach = 1_000
const windowMs = 1_000

export class ReadPace {
  #fromMs: number | undefined
  #fromPosition = 0
  #reach = firstReach

  /** How far it comes in about a second. */
  get reach(): number {
    return this.#reach
  }

  note(position: number, nowMs: number): void {
    if (this.#fromMs === undefined || nowMs < this.#fromMs) {
      this.#fromMs = nowMs
      this.#fromPosition = position
      return
    }
    const passedMs = nowMs - this.#fromMs
    if (passedMs < windowMs) return
    const perSecond = ((position - this.#fromPosition) * 1_000) / passedMs
    this.#reach = Math.min(firstReach, Math.max(leastReach, Math.ceil(perSecond)))
    this.#fromMs = nowMs
    this.#fromPosition = position
  }
}
