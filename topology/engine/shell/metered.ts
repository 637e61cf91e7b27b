/** Calls of the engine that are measured: the same calls, told to the meters where there are any. */
import type { WorkClass } from '../../model/lane-permit.ts'
import type { StageReport } from '../../model/work-report.ts'
import type { Meters } from './meters.ts'
import type { CallPlace } from './open-calls.ts'

export interface AnswerSize {
  readonly records: number
  readonly bytes: number
  /** How long the call may have waited for what did not exist yet, ms. */
  readonly idleMs?: number
}

export interface Metered<T> extends CallPlace {
  readonly stage: StageReport['stage']
  readonly name: string
  readonly workClass: WorkClass
  /** What an answer has brought; `undefined`: it had nothing to bring, and its time was no waiting for work. */
  readonly sizeOf?: (answer: T) => AnswerSize | undefined
}

/** Makes a call; what it does before it first waits counts as CPU time. */
export const metered = async <T>(
  meters: Meters | undefined,
  about: Metered<T>,
  call: () => T | Promise<T>,
): Promise<T> => {
  if (meters === undefined) return call()
  const open = meters.begin(about.stage, about.name, about.workClass, about)
  try {
    const answer = await open.run(call)
    const size = about.sizeOf?.(answer)
    if (about.sizeOf !== undefined && size === undefined) open.idle()
    else open.end(size?.records, size?.bytes, size?.idleMs)
    return answer
  } catch (error) {
    open.fail(error)
    throw error
  }
}
