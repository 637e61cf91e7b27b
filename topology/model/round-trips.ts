/**
 * How long a server takes to answer: a pure measure over requests that wait for nothing else.
 *
 * Two means: of the last seconds, which moves at once, and of the last minutes, which says what is usual here. A request
 * without an answer counts by its age: of a server that has gone silent no round trip would ever be measured.
 */
import type { Latency } from './ports/dependency.ts'

// Two of them, so that the last 5 to 10 seconds count.
const windowMs = 5_000
// After so many round trips a new one has a weight of a few hundredths in the long mean.
const usualTrips = 200

export class RoundTrips {
  readonly #open = new Map<symbol, number>()
  #windowAtMs = Number.NEGATIVE_INFINITY
  #now = { sumMs: 0, count: 0 }
  #before = { sumMs: 0, count: 0 }
  #meanMs = 0
  #trips = 0

  /** A request is sent; the answer says that it has ended. One that never reached the server says nothing about it. */
  begin(nowMs: number): (nowMs: number, wasSent?: boolean) => void {
    const trip = Symbol('trip')
    this.#open.set(trip, nowMs)
    return (endMs, wasSent = true) => {
      if (!this.#open.delete(trip) || !wasSent) return
      // A clock that was put back has measured nothing.
      this.#note(Math.max(0, endMs - nowMs), endMs)
    }
  }

  latency(nowMs: number): Latency | undefined {
    this.#turn(nowMs)
    // Sent in order, so the first is the oldest.
    const [oldestMs = nowMs] = this.#open.values()
    const ageMs = Math.max(0, nowMs - oldestMs)
    const count = this.#now.count + this.#before.count
    if (this.#trips === 0) return ageMs === 0 ? undefined : { meanMs: ageMs, recentMs: ageMs }
    // Where nothing was asked lately, the usual is the best guess.
    const measuredMs = count === 0 ? this.#meanMs : (this.#now.sumMs + this.#before.sumMs) / count
    return { meanMs: this.#meanMs, recentMs: Math.max(ageMs, measuredMs) }
  }

  #note(tookMs: number, nowMs: number): void {
    this.#turn(nowMs)
    this.#now.sumMs += tookMs
    this.#now.count += 1
    this.#trips = Math.min(this.#trips + 1, usualTrips)
    this.#meanMs += (tookMs - this.#meanMs) / this.#trips
  }

  #turn(nowMs: number): void {
    const passedMs = nowMs - this.#windowAtMs
    if (passedMs < windowMs && passedMs >= 0) return
    this.#before = passedMs < 2 * windowMs && passedMs >= 0 ? this.#now : { sumMs: 0, count: 0 }
    this.#now = { sumMs: 0, count: 0 }
    this.#windowAtMs = nowMs
  }
}
