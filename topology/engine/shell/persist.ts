/**
 * Repeats a call that failed for a reason that may pass, with growing, jittered pauses, until it succeeds, fails for
 * good, or the signal aborts. The call must be repeatable: every call that the engine makes is. A pause ends early when
 * another call shows that the outage is over; it has grown all the same, should that be an error. Where most calls to a
 * dependency fail, its breaker says whose turn it is to try.
 */
import { errorClassOf, messageOf, projectOf, SpillwayError } from '../../model/spillway-error.ts'
import { culpritOf } from './culprit.ts'
import type { EngineParts } from './engine-parts.ts'
import type { Wait } from './waits.ts'

/** Thrown when the run is ending: nobody waits for the result any more. */
export class Abandoned extends Error {
  constructor() {
    super('the run is ending')
    this.name = 'Abandoned'
  }
}

export const persist = async <T>(
  parts: Pick<EngineParts, 'clock' | 'random' | 'knob' | 'report' | 'waits'>,
  what: string,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> => {
  const wait = parts.waits?.begin()
  try {
    const answer = await repeat(parts, what, signal, call, wait)
    wait?.answered()
    return answer
  } finally {
    wait?.end()
  }
}

const repeat = async <T>(
  parts: Pick<EngineParts, 'clock' | 'random' | 'knob' | 'report'>,
  what: string,
  signal: AbortSignal,
  call: () => Promise<T>,
  wait: Wait | undefined,
): Promise<T> => {
  let pauseMs = parts.knob('retry.firstMs')
  let reported: string | undefined
  for (;;) {
    if (signal.aborted) throw new Abandoned()
    try {
      return await call()
    } catch (error) {
      if (signal.aborted) throw new Abandoned()
      if (errorClassOf(error, 'stop') !== 'retry') throw error
      // One line per kind of trouble, not one per attempt.
      const code = error instanceof SpillwayError ? error.code : messageOf(error)
      const text = `${what}: ${messageOf(error)}`
      const project = projectOf(error)
      const fields = { ...culpritOf(error), ...(project === undefined ? {} : { project }), pauseMs }
      if (code !== reported) parts.report({ kind: 'retrying', level: 'warn', text, fields })
      reported = code
      wait?.note(error)
    }
    const restMs = pauseMs * (0.5 + parts.random.next() / 2)
    await (wait?.pause(restMs, signal, parts.knob) ?? parts.clock.sleep(restMs, signal))
    pauseMs = Math.min(pauseMs * 2, parts.knob('retry.maxMs'))
  }
}
