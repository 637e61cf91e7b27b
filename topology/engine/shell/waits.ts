/**
 * What the run is waiting for at this moment: each call that is repeated says so while it fails, and no more once it has
 * succeeded or nobody waits for it. Told to people; and who is answered wakes some that pause for the same.
 */
import type { Clock } from '../../model/ports/clock.ts'
import type { WaitingFor } from '../../model/run-handle.ts'
import { messageOf } from '../../model/spillway-error.ts'
import { type Culprit, culpritOf } from './culprit.ts'
import { Pulse } from './pulse.ts'
import { waitForBeat } from './wait-for-beat.ts'

// What a store that is only busy refuses for a moment is no reason for others to hurry.
const outageMs = 1_000
// Each of them does so too: all are back within moments, yet a store that can take few is not asked by all at once.
const wokenByAnswer = 2

/** One call that is repeated. */
export interface Wait {
  note(error: unknown, culprit?: Culprit): void
  /** Ends early when what it waits for, after an outage, has answered somebody else. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** It has succeeded: some who wait for the same may try again, too. */
  answered(): void
  /** It has succeeded, or nobody waits for it; what it meets later is another wait. */
  end(): void
}

export class Waits {
  readonly #clock: Clock
  /** What each has met last. */
  readonly #noted = new Map<Wait, WaitingFor>()
  /** Of each resource: beats when it answers after an outage. */
  readonly #answers = new Map<string, Pulse>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begin(): Wait {
    let sinceMs: number | undefined
    const wait: Wait = {
      note: (error, culprit = culpritOf(error)) => {
        sinceMs ??= this.#clock.nowMs()
        if (culprit !== undefined) this.#noted.set(wait, { ...culprit, sinceMs, reason: messageOf(error) })
      },
      pause: (ms, signal) => {
        const noted = this.#noted.get(wait)
        if (noted === undefined) return this.#clock.sleep(ms, signal)
        return waitForBeat(this.#clock, this.#answersOf(noted), ms, signal)
      },
      answered: () => {
        const noted = this.#noted.get(wait)
        wait.end()
        if (noted !== undefined && this.#clock.nowMs() - noted.sinceMs >= outageMs)
          this.#answersOf(noted).beat(wokenByAnswer)
      },
      end: () => {
        sinceMs = undefined
        this.#noted.delete(wait)
      },
    }
    return wait
  }

  /** One line for each resource, with the longest wait. */
  list(): readonly WaitingFor[] {
    const found = new Map<string, WaitingFor>()
    for (const one of this.#noted.values()) {
      const key = keyOf(one)
      const longest = found.get(key)
      if (longest === undefined || one.sinceMs < longest.sinceMs) found.set(key, one)
    }
    return [...found.values()]
  }

  #answersOf(culprit: Culprit): Pulse {
    const key = keyOf(culprit)
    const pulse = this.#answers.get(key) ?? new Pulse()
    this.#answers.set(key, pulse)
    return pulse
  }
}

const keyOf = ({ resource, name }: Culprit): string => `${resource} ${name}`
