/** Time and chance of the machine: the production side of two ports. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../model/ports/clock.ts'
import type { Random } from '../../model/ports/random.ts'

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) =>
    sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {
      // Aborted: the port promises to resolve at once.
    }),
}

export const systemRandom: Random = { next: () => Math.random() }
