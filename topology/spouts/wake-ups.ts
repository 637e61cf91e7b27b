/**
 * Waiting at the end of a log: a nap on the injected clock that an append of this process, or an abort, cuts short.
 *
 * A waiter looks, naps and looks again; nothing may be awaited between the look and the nap, or a wake-up is missed.
 */
import type { Clock } from '../model/ports/clock.ts'

export interface WakeUps {
  /** Ends every nap that is being taken. */
  wake(): void
  /** Resolves after `ms` of the clock, at a wake-up, or when the signal aborts. Never rejects. */
  nap(ms: number, signal?: AbortSignal): Promise<void>
}

export const createWakeUps = (clock: Clock): WakeUps => {
  const sleepers = new Set<AbortController>()
  return {
    wake: () => {
      // Nobody asks for the reason, and an error of its own costs more than the nap.
      for (const sleeper of sleepers) sleeper.abort('awake')
      sleepers.clear()
    },
    nap: async (ms, signal) => {
      if (signal?.aborted) return
      const sleeper = new AbortController()
      const stop = (): void => sleeper.abort('awake')
      sleepers.add(sleeper)
      signal?.addEventListener('abort', stop, { once: true })
      try {
        await clock.sleep(ms, sleeper.signal)
      } finally {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', stop)
      }
    },
  }
}
