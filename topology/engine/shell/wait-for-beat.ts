/** Waits for the next beat of a pulse, but no longer than is good for whoever waits; nothing of the wait is left behind. */
import type { Clock } from '../../model/ports/clock.ts'
import type { Pulse } from './pulse.ts'

/** Ends with the beat, after `ms`, or when the signal aborts. */
export const waitForBeat = async (clock: Clock, pulse: Pulse, ms: number, signal?: AbortSignal): Promise<void> => {
  const end = new AbortController()
  // Nobody asks for the reason, and an error of its own costs more than the wait.
  const stop = (): void => end.abort('over')
  signal?.addEventListener('abort', stop, { once: true })
  await Promise.race([pulse.next(end.signal), clock.sleep(ms, end.signal)])
  signal?.removeEventListener('abort', stop)
  stop()
}
