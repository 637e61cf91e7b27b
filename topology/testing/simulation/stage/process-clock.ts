/**
 * Time as one process of a history tells it: apart from the true one by minutes perhaps, and it may jump. Sleeps follow
 * the true time, as timers of a machine do, and do not end while the process stands still.
 */
import type { Clock } from '../../../model/ports/clock.ts'
import type { Party } from './party.ts'
import type { WorldClock } from './world-clock.ts'

export class ProcessClock implements Clock {
  readonly #world: WorldClock
  readonly #party: Party
  #apartMs: number

  constructor(world: WorldClock, party: Party, apartMs: number) {
    this.#world = world
    this.#party = party
    this.#apartMs = apartMs
  }

  nowMs(): number {
    return this.#world.nowMs() + this.#apartMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#world.sleepAs(this.#party, { ms, signal })
  }

  /** Sleeps, unless something comes to the place meanwhile. */
  nap(bell: string, ms: number, signal?: AbortSignal): Promise<void> {
    return this.#world.sleepAs(this.#party, { ms, signal, bell })
  }

  /** Somebody sets it, forward or back. */
  jump(ms: number): void {
    this.#apartMs += ms
  }
}
