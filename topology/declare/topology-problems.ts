/**
 * The one error that a declaration throws: it carries every problem that was found, not the first.
 *
 * The command line prints each as `file:line:column` with its suggestion and exits 2.
 */
import { errors } from '../model/errors.ts'
import { SpillwayError } from '../model/spillway-error.ts'
import { formatProblem, type Problem } from './problem.ts'

export class TopologyProblems extends SpillwayError {
  /** Name of the topology that was refused. */
  readonly topology: string
  /** At least one, in the order of the declaration. */
  readonly problems: readonly Problem[]

  constructor(topology: string, problems: readonly Problem[], cause?: unknown) {
    const { code, name, errorClass } = errors.badConfiguration.entry
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    super({
      code,
      name,
      errorClass,
      message: `topology ${JSON.stringify(topology)} has ${count}:\n${problems.map((one) => `  ${formatProblem(one)}`).join('\n')}`,
      hint: 'Mend what is listed; nothing was started.',
      ...(cause === undefined ? {} : { cause }),
    })
    this.topology = topology
    this.problems = Object.freeze([...problems])
  }
}
