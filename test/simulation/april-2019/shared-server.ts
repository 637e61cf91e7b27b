/** Servers that several share, so that one heavy user is felt by all, in virtual time. */
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { Latency } from '../../../topology/model/ports/dependency.ts'

/** Does its work in order at a bounded rate, as a disk or a queue of requests does. */
export class SharedServer {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly baseMs: number
  #busyUntilMs = 0

  /** `perSecond`: units of work; `baseMs`: of a call that finds it idle. */
  constructor(clock: Clock, perSecond: number, baseMs: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.baseMs = baseMs
  }

  /** What a call that brings no work would wait now. */
  get waitMs(): number {
    return this.baseMs + Math.max(0, this.#busyUntilMs - this.#clock.nowMs())
  }

  async serve(units: number, signal?: AbortSignal): Promise<void> {
    const nowMs = this.#clock.nowMs()
    this.#busyUntilMs = Math.max(nowMs, this.#busyUntilMs) + (units * 1_000) / this.#perSecond
    await this.#clock.sleep(this.baseMs + this.#busyUntilMs - nowMs, signal)
  }
}

// Shares are dealt anew so often.
const dealMs = 250
const latenciesKept = 32

interface Transfer {
  readonly sinceMs: number
  left: number
  readonly done: () => void
}

/** A line whose transfers go on beside one another: each has its part of the bytes a second. */
export class SharedLine {
  readonly #clock: Clock
  readonly #bytesPerSecond: number
  readonly #baseMs: number
  #transfers: Transfer[] = []
  readonly #took: number[] = []

  constructor(clock: Clock, bytesPerSecond: number, baseMs: number) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
    this.#baseMs = baseMs
  }

  latency(): Latency | undefined {
    const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
    if (this.#took.length === 0) return undefined
    const oldestMs = this.#transfers.length === 0 ? 0 : this.#clock.nowMs() - this.#transfers[0]!.sinceMs
    return { meanMs: mean(this.#took), recentMs: Math.max(oldestMs, mean(this.#took.slice(-4))) }
  }

  async transfer(bytes: number): Promise<void> {
    const sinceMs = this.#clock.nowMs()
    await this.#clock.sleep(this.#baseMs)
    await new Promise<void>((done) => {
      this.#transfers.push({ sinceMs, left: bytes, done })
      if (this.#transfers.length === 1) void this.#deal()
    })
  }

  async #deal(): Promise<void> {
    while (this.#transfers.length > 0) {
      await this.#clock.sleep(dealMs)
      let room = (this.#bytesPerSecond * dealMs) / 1_000
      // What one does not need the others have.
      const byLeft = this.#transfers.toSorted((one, other) => one.left - other.left)
      byLeft.forEach((one, index) => {
        const share = Math.min(one.left, room / (byLeft.length - index))
        one.left -= share
        room -= share
      })
      const over = this.#transfers.filter(({ left }) => left <= 1e-6)
      this.#transfers = this.#transfers.filter(({ left }) => left > 1e-6)
      for (const { done, sinceMs } of over) {
        this.#took.push(this.#clock.nowMs() - sinceMs)
        if (this.#took.length > latenciesKept) this.#took.shift()
        done()
      }
    }
  }
}
