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
  /** Of the machine: all its processes tell the same time. */
  readonly #apart: { ms: number }

  constructor(world: WorldClock, party: Party, apart: number | { ms: number }) {
    this.#world = world
    this.#party = party
    this.#apart = typeof apart === 'number' ? { ms: apart } : apart
  }

  /** The clock of another process of the same machine. */
  beside(party: Party): ProcessClock {
    return new ProcessClock(this.#world, party, this.#apart)
  }

  nowMs(): number {
    return this.#world.nowMs() + this.#apart.ms
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
    this.#apart.ms += ms
  }
}
