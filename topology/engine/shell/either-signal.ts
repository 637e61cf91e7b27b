/**
 * One signal for two. `AbortSignal.any` gives one too, but Node keeps everything that listens to such a signal alive
 * until it aborts: a process that stands still in a simulation, and never does, would never be let go.
 */
import { setMaxListeners } from 'node:events'

/** Aborts as soon as one of them does. */
export const eitherSignal = (...signals: readonly [AbortSignal, AbortSignal]): AbortSignal => {
  const either = new AbortController()
  const abort = (): void => {
    for (const signal of signals) signal.removeEventListener('abort', abort)
    either.abort()
  }
  // Each partition of a run listens to the same one.
  setMaxListeners(0, ...signals)
  for (const signal of signals) signal.addEventListener('abort', abort, { once: true })
  if (signals.some(({ aborted }) => aborted)) abort()
  return either.signal
}
