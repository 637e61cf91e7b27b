/**
 * Lets constructors such as `rollup(...)` and `objects(...)` refuse their options without ending the declaration that
 * they stand in: whoever mends one problem must not meet the next only afterwards.
 *
 * Outside a declaration a refusal is thrown. The one piece of state is set for the time of one synchronous call.
 */
import { SpillwayError } from './spillway-error.ts'

type TakeRefusal = (refusal: SpillwayError) => void

let takeRefusal: TakeRefusal | undefined

// Options are checked some functions deep: the ten frames that Node keeps would not reach the user's line.
const framesKept = 50

/** Runs a declaring function; what `orStandIn` catches meanwhile goes to `take`. */
export const takingRefusals = <T>(declare: () => T, take: TakeRefusal): T => {
  const before = takeRefusal
  takeRefusal = take
  const frames = Error.stackTraceLimit
  // Without effect, and without harm, where the process has frozen its intrinsics.
  Reflect.set(Error, 'stackTraceLimit', framesKept)
  try {
    return declare()
  } finally {
    takeRefusal = before
    Reflect.set(Error, 'stackTraceLimit', frames)
  }
}

/**
 * What `construct` gives. Where it throws a `SpillwayError` within a declaration, the error is noted and `standIn`
 * takes its place: something valid of the same kind, which never runs because the declaration as a whole is refused.
 */
export const orStandIn = <T>(construct: () => T, standIn: () => T): T => {
  try {
    return construct()
  } catch (error) {
    if (takeRefusal === undefined || !(error instanceof SpillwayError)) throw error
    takeRefusal(error)
    return standIn()
  }
}
