/**
 * A rate with room for a burst of one second. What is taken may cost more than is there, for nobody knows a batch before
 * it was read: the bucket then owes it, and nothing is given until that is paid.
 */
export class TokenBucket {
  #tokens = 0
  #atMs: number | undefined
  #rate = Number.POSITIVE_INFINITY

  /** How long to wait until something may be taken, ms; 0: now. A rate of 0 never gives anything. */
  restMs(nowMs: number, ratePerSecond: number): number {
    this.#fill(nowMs, ratePerSecond)
    if (this.#tokens > 0 || ratePerSecond === Number.POSITIVE_INFINITY) return 0
    return ratePerSecond <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(((1 - this.#tokens) * 1_000) / ratePerSecond)
  }

  take(count: number, nowMs: number, ratePerSecond: number): void {
    this.#fill(nowMs, ratePerSecond)
    if (ratePerSecond !== Number.POSITIVE_INFINITY) this.#tokens -= count
  }

  #fill(nowMs: number, ratePerSecond: number): void {
    if (ratePerSecond === Number.POSITIVE_INFINITY) {
      this.#rate = ratePerSecond
      this.#tokens = 0
      return
    }
    const burst = Math.max(1, ratePerSecond)
    // A limit that has just been set begins with nothing: each lane of many would have its burst.
    if (this.#rate === Number.POSITIVE_INFINITY || this.#atMs === undefined) this.#tokens = 0
    // What is owed is owed in time: a higher rate pays it sooner. A clock that has gone back gives nothing.
    else this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, nowMs - this.#atMs) * ratePerSecond) / 1_000)
    this.#atMs = nowMs
    this.#rate = ratePerSecond
  }
}
