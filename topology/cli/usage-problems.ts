/**
 * Everything that is wrong with a command line, a settings file or a topology, reported together: whoever mends one
 * problem must not meet the next only afterwards.
 */
export interface UsageProblem {
  /** `spillway.yaml:3:5`, `--limit`; absent where there is no place. */
  readonly at?: string
  readonly text: string
  /** What to do about it, on a line of its own. */
  readonly hint?: string
}

/** Thrown by a command before it has done anything; exit 2. */
export class UsageProblems extends Error {
  readonly problems: readonly UsageProblem[]

  constructor(problems: readonly UsageProblem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.name = 'UsageProblems'
    this.problems = problems
  }
}

export const formatProblem = (problem: UsageProblem): string => {
  const line = problem.at === undefined ? problem.text : `${problem.at}: ${problem.text}`
  return problem.hint === undefined || problem.hint === '' ? line : `${line}\n  ${problem.hint}`
}

/** Throws when the list holds anything. */
export const refuseIfAny = (problems: readonly UsageProblem[]): void => {
  if (problems.length > 0) throw new UsageProblems(problems)
}
