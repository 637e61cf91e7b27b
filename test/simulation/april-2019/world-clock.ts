/**
 * The time of one night. It moves in ticks of some milliseconds, so that everybody whose time comes within a tick wakes
 * at once: nothing here happens sooner than that, and ten hours cost seconds.
 *
 * No real time is waited for: there are no files and no threads below this clock.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../topology/model/ports/clock.ts'

export const tickMs = 100

// Turns of the event loop after which nothing moves any more but what waits for the clock.
const quietTurns = 2

interface Sleeper {
  readonly wake: () => void
  isOver: boolean
}

export class WorldClock implements Clock {
  #nowMs: number
  readonly #ticks = new Map<number, Sleeper[]>()

  constructor(startMs: number) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const at = Math.ceil((this.#nowMs + ms) / tickMs) * tickMs
      const end = (): void => {
        sleeper.isOver = true
        resolve()
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const sleeper: Sleeper = { wake, isOver: false }
      const known = this.#ticks.get(at)
      if (known === undefined) this.#ticks.set(at, [sleeper])
      else known.push(sleeper)
      signal?.addEventListener('abort', end, { once: true })
    })
  }

  /** Lets everything happen that happens until then. */
  async advanceTo(untilMs: number): Promise<void> {
    for (let at = this.#nowMs; at <= untilMs; at += tickMs) {
      this.#nowMs = at
      const due = this.#ticks.get(at)
      if (due === undefined) continue
      this.#ticks.delete(at)
      for (const sleeper of due) if (!sleeper.isOver) sleeper.wake()
      for (let index = 0; index < quietTurns; index++) await turn()
    }
  }

  /** Lets time go on until the work is done. It stands still while nobody sleeps: a start looks at a real folder. */
  async until<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false
    const done = work.finally(() => {
      isDone = true
    })
    done.catch(() => undefined)
    for (;;) {
      for (let index = 0; index < quietTurns && !isDone; index++) await turn()
      if (isDone) return done
      if (this.#ticks.size > 0) await this.advanceTo(this.#nowMs + tickMs)
    }
  }
}
