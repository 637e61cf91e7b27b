/**
 * What the run is waiting for at this moment: each call that is repeated says so while it fails, and no more once it has
 * succeeded or nobody waits for it. Told to people; and who is answered wakes some that pause for the same.
 *
 * Each dependency has a breaker, which hears how every call of a port ends. While it is open, one of those who pause
 * tries at a time; whoever has not failed yet asks as ever.
 */
import type { Clock } from '../../model/ports/clock.ts'
import type { KnobReader } from '../../model/ports/dependency.ts'
import type { WaitingFor } from '../../model/run-handle.ts'
import { errorClassOf, messageOf, projectOf } from '../../model/spillway-error.ts'
import { Breaker } from '../breaker.ts'
import { type CallsHeard, type Culprit, culpritOf } from './culprit.ts'
import { Pulse } from './pulse.ts'
import { waitForBeat } from './wait-for-beat.ts'

// What a store that is only busy refuses for a moment is no reason for others to hurry.
const outageMs = 1_000
// Each of them does so too: all are back within moments, yet a store that can take few is not asked by all at once.
const wokenByAnswer = 2

/** One call that is repeated. */
export interface Wait {
  note(error: unknown, culprit?: Culprit): void
  /**
   * Ends early when what it waits for, after an outage, has answered somebody else. While the breaker is open it ends
   * when it is this caller's turn to try.
   */
  pause(ms: number, signal: AbortSignal, knob: KnobReader): Promise<void>
  /** It has succeeded: some who wait for the same may try again, too. */
  answered(): void
  /** It has succeeded, or nobody waits for it; what it meets later is another wait. */
  end(): void
}

/** A dependency whose breaker has been asked, for people who look. */
export interface BreakerView extends Culprit {
  readonly isOpen: boolean
  /** When the next call may try; absent: closed. */
  readonly probeAtMs?: number
}

/** A tenant whose rows alone are not taken: the dependency answers others. */
export interface HungTenant extends WaitingFor {
  readonly project: string
}

interface Noted extends WaitingFor {
  readonly project: string | undefined
}

export class Waits implements CallsHeard {
  readonly #clock: Clock
  /** What each has met last. */
  readonly #noted = new Map<Wait, Noted>()
  /** Of each resource: beats when it answers after an outage. */
  readonly #answers = new Map<string, Pulse>()
  readonly #breakers = new Map<string, { readonly culprit: Culprit; readonly breaker: Breaker }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begin(): Wait {
    let sinceMs: number | undefined
    const wait: Wait = {
      note: (error, culprit = culpritOf(error)) => {
        sinceMs ??= this.#clock.nowMs()
        if (culprit === undefined) return
        const project = projectOf(error)
        this.#noted.set(wait, { ...culprit, sinceMs, reason: messageOf(error), project })
      },
      pause: (ms, signal, knob) => {
        const noted = this.#noted.get(wait)
        return noted === undefined ? this.#clock.sleep(ms, signal) : this.#pause(noted, ms, signal, knob)
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
    for (const { project: _project, ...one } of this.#noted.values()) {
      const key = keyOf(one)
      const longest = found.get(key)
      if (longest === undefined || one.sinceMs < longest.sinceMs) found.set(key, one)
    }
    return [...found.values()]
  }

  /** Tenants whose own rows fail while the dependency answers others, with the longest wait of each. */
  hungTenants(): readonly HungTenant[] {
    const found = new Map<string, HungTenant>()
    for (const { project, ...one } of this.#noted.values()) {
      if (project === undefined || this.#breakerOf(one).isOpen) continue
      const key = `${keyOf(one)} ${project}`
      const longest = found.get(key)
      if (longest === undefined || one.sinceMs < longest.sinceMs) found.set(key, { ...one, project })
    }
    return [...found.values()]
  }

  breakers(): readonly BreakerView[] {
    return [...this.#breakers.values()].map(({ culprit: { resource, name }, breaker: { isOpen, probeAtMs } }) => ({
      resource,
      name,
      isOpen,
      ...(probeAtMs === undefined ? {} : { probeAtMs }),
    }))
  }

  /** A call of a port has ended. What it refuses for good is an answer. */
  ended(culprit: Culprit, error?: unknown): void {
    const breaker = this.#breakerOf(culprit)
    const nowMs = this.#clock.nowMs()
    if (error !== undefined && errorClassOf(error, 'stop') === 'retry') breaker.failed(nowMs)
    else if (breaker.answered(nowMs)) this.#answersOf(culprit).beat(wokenByAnswer)
  }

  async #pause(culprit: Culprit, ms: number, signal: AbortSignal, knob: KnobReader): Promise<void> {
    const breaker = this.#breakerOf(culprit)
    const pulse = this.#answersOf(culprit)
    let restMs = breaker.isOpen ? 0 : ms
    do {
      if (restMs > 0) await waitForBeat(this.#clock, pulse, restMs, signal)
      if (signal.aborted) return
      const rules = { errorRatio: knob('breaker.errorRatio'), probeMs: knob('breaker.probeMs') }
      restMs = breaker.restMs(this.#clock.nowMs(), rules)
    } while (restMs > 0)
  }

  #breakerOf(culprit: Culprit): Breaker {
    const key = keyOf(culprit)
    let found = this.#breakers.get(key)
    if (found === undefined) {
      found = { culprit, breaker: new Breaker() }
      this.#breakers.set(key, found)
    }
    return found.breaker
  }

  #answersOf(culprit: Culprit): Pulse {
    const key = keyOf(culprit)
    const pulse = this.#answers.get(key) ?? new Pulse()
    this.#answers.set(key, pulse)
    return pulse
  }
}

const keyOf = ({ resource, name }: Culprit): string => `${resource} ${name}`
