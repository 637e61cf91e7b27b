/**
 * What the run is waiting for at this moment: each call that is repeated says so while it fails, and no more once it has
 * succeeded or nobody waits for it. For people only.
 */
import type { Clock } from '../../model/ports/clock.ts'
import type { WaitingFor } from '../../model/run-handle.ts'
import { messageOf } from '../../model/spillway-error.ts'
import { type Culprit, culpritOf } from './culprit.ts'

/** One call that is repeated. */
export interface Wait {
  note(error: unknown, culprit?: Culprit): void
  /** It has succeeded, or nobody waits for it; what it meets later is another wait. */
  end(): void
}

export class Waits {
  readonly #clock: Clock
  /** What each has met last. */
  readonly #noted = new Map<Wait, WaitingFor>()

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
      const key = `${one.resource} ${one.name}`
      const longest = found.get(key)
      if (longest === undefined || one.sinceMs < longest.sinceMs) found.set(key, one)
    }
    return [...found.values()]
  }
}
