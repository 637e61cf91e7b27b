/**
 * Something thrown inside a declaration as a problem: options that a constructor such as `rollup()` refused, or a slip
 * of the user's own code. The place is the user's line, found in the stack trace.
 */
import { messageOf, SpillwayError } from '../model/spillway-error.ts'
import { locationInStack } from './caller-location.ts'
import { type Problem, problem } from './problem.ts'

export const thrownProblem = (thrown: unknown): Problem => {
  const at = thrown instanceof Error ? locationInStack(thrown.stack ?? '') : undefined
  if (!(thrown instanceof SpillwayError))
    return problem(`the declaring function threw: ${messageOf(thrown)}`, undefined, at)
  return problem(thrown.message, thrown.hint === '' ? undefined : thrown.hint.replace(/\.$/, ''), at)
}
