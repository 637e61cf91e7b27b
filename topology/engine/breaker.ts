/**
 * Whether a dependency is left alone for a while: a pure machine over how its calls end.
 *
 * Closed: calls are repeated by their own pauses. When a part of the recent ones has failed it opens: of all
 * who wait to repeat a call one may try every `probeMs`, and the rest keep quiet. Any answer closes it: what serves
 * others is not dead, and whoever asks it for the first time is never held. So it takes load off a dead dependency and
 * adds nothing to the way back (I-9): a probe goes out at least as often as the longest pause of one caller.
 */
export interface BreakerRules {
  /** Share of failed calls at which it opens; 1: when all fail. */
  readonly errorRatio: number
  readonly probeMs: number
}

// Fewer say nothing about a ratio: a record's worth of bad luck is repeated by its own pauses.
const callsMin = 5
// Two of them, so that calls of the last 5 to 10 seconds count.
const windowMs = 5_000

interface Tally {
  failed: number
  answered: number
}

const emptyTally = (): Tally => ({ failed: 0, answered: 0 })

export class Breaker {
  #now = emptyTally()
  #before = emptyTally()
  #windowAtMs = Number.NEGATIVE_INFINITY
  /** When the next probe may go; `undefined`: closed. */
  #probeAtMs: number | undefined

  get isOpen(): boolean {
    return this.#probeAtMs !== undefined
  }

  /** When one of those who wait may try; `undefined`: closed. */
  get probeAtMs(): number | undefined {
    return this.#probeAtMs
  }

  failed(nowMs: number): void {
    this.#turn(nowMs)
    this.#now.failed += 1
  }

  /** True where it was open: others may go on. */
  answered(nowMs: number): boolean {
    this.#turn(nowMs)
    this.#now.answered += 1
    if (this.#probeAtMs === undefined) return false
    this.#probeAtMs = undefined
    this.#now = emptyTally()
    this.#before = emptyTally()
    return true
  }

  /** Asked by whoever would repeat a call that has failed: 0, it may; else how long it waits before it asks again. */
  restMs(nowMs: number, rules: BreakerRules): number {
    this.#mayOpen(nowMs, rules)
    if (this.#probeAtMs === undefined) return 0
    // The knob was lowered, or the clock put back.
    this.#probeAtMs = Math.min(this.#probeAtMs, nowMs + rules.probeMs)
    if (nowMs < this.#probeAtMs) return this.#probeAtMs - nowMs
    this.#probeAtMs = nowMs + rules.probeMs
    return 0
  }

  #mayOpen(nowMs: number, { errorRatio, probeMs }: BreakerRules): void {
    if (this.#probeAtMs !== undefined) return
    this.#turn(nowMs)
    const failed = this.#now.failed + this.#before.failed
    const calls = failed + this.#now.answered + this.#before.answered
    if (calls >= callsMin && failed >= calls * errorRatio) this.#probeAtMs = nowMs + probeMs
  }

  #turn(nowMs: number): void {
    const passedMs = nowMs - this.#windowAtMs
    if (passedMs < windowMs && passedMs >= 0) return
    this.#before = passedMs < 2 * windowMs && passedMs >= 0 ? this.#now : emptyTally()
    this.#now = emptyTally()
    this.#windowAtMs = nowMs
  }
}
