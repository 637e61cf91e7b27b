/**
 * How often a ledger document is written: one compare-and-set a tick in the long run, so that the load on the ledger store
 * is bounded whatever the lanes do. A document that was left alone saves up a few ticks, so that a start, a recovery and
 * the end of a run need not wait for a clock.
 */

// Start (sinks, starts of lanes, first declaration) and end (last declaration, last checkpoint) take about so many.
const savedTicks = 4

export class TickPace {
  #saved = savedTicks
  #atMs: number

  constructor(nowMs: number) {
    this.#atMs = nowMs
  }

  /** How long to wait before the next compare-and-set, ms. */
  restMs(nowMs: number, tickMs: number): number {
    // A clock that has gone back gives nothing, and takes nothing away.
    const passed = Math.max(0, nowMs - this.#atMs)
    this.#atMs = nowMs
    this.#saved = Math.min(savedTicks, this.#saved + passed / tickMs)
    return this.#saved >= 1 ? 0 : Math.ceil((1 - this.#saved) * tickMs)
  }

  spend(): void {
    this.#saved -= 1
  }
}
