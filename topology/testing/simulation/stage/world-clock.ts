/**
 * The one true time of a history. It moves only when the schedule says so, to the moment at which the next sleeper that
 * may move wakes; who stands still sleeps on until it is let go.
 *
 * Each party sees it through a clock of its own (`process-clock.ts`); sleeps follow the true time whatever that one tells.
 */
import type { Clock } from '../../../model/ports/clock.ts'
import { Party } from './party.ts'

interface Sleeper {
  atMs: number
  readonly party: Party
  /** What cuts the sleep short beside time: a record that comes to this place of a log. */
  readonly bell: string | undefined
  readonly wake: () => void
}

export interface Sleep {
  readonly ms: number
  readonly signal?: AbortSignal | undefined
  readonly bell?: string
}

export class WorldClock implements Clock {
  #nowMs: number
  /** By time; who slept first wakes first. */
  #sleepers: Sleeper[] = []
  /** Who sleeps by this clock itself: stores and whoever never stands still. */
  readonly #anybody = new Party('world')

  constructor(startMs: number) {
    this.#nowMs = startMs
  }

  // A jittered pause may be a part of a millisecond; a real clock tells whole ones.
  nowMs(): number {
    return Math.floor(this.#nowMs)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.sleepAs(this.#anybody, { ms, signal })
  }

  sleepAs(party: Party, { ms, signal, bell }: Sleep): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const sleeper: Sleeper = { atMs: this.#nowMs + ms, party, bell, wake }
      const end = (): void => {
        const index = this.#sleepers.indexOf(sleeper)
        if (index >= 0) this.#sleepers.splice(index, 1)
        wake()
      }
      this.#insert(sleeper)
      signal?.addEventListener('abort', end)
    })
  }

  /** Moves time to the next sleeper that may move; false when there is none. */
  advanceToNext(): boolean {
    const next = this.#sleepers.find(({ party }) => party.mayMove)
    if (next === undefined) return false
    this.#nowMs = Math.max(this.#nowMs, next.atMs)
    this.wakeDue()
    return true
  }

  /** Time goes by, whatever waits at a gate meanwhile. */
  pass(ms: number): void {
    this.#nowMs += ms
    this.wakeDue()
  }

  /** Wakes everybody whose time has come and who may move. */
  wakeDue(): void {
    const due: Sleeper[] = []
    const kept: Sleeper[] = []
    for (const one of this.#sleepers) (one.atMs <= this.#nowMs && one.party.mayMove ? due : kept).push(one)
    if (due.length === 0) return
    this.#sleepers = kept
    for (const one of due) one.wake()
  }

  /** Something has come to where these wait. */
  ring(bell: string): void {
    let isHeard = false
    for (const one of this.#sleepers) {
      if (one.bell !== bell) continue
      one.atMs = this.#nowMs
      isHeard = true
    }
    if (!isHeard) return
    this.#sleepers.sort((left, right) => left.atMs - right.atMs)
    this.wakeDue()
  }

  forget(party: Party): void {
    this.#sleepers = this.#sleepers.filter((one) => one.party !== party)
  }

  #insert(sleeper: Sleeper): void {
    let index = this.#sleepers.length
    while (index > 0 && this.#sleepers[index - 1]!.atMs > sleeper.atMs) index -= 1
    this.#sleepers.splice(index, 0, sleeper)
  }
}
