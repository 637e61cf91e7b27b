import { defineTopology } from '../../topology/declare/define-topology.ts'
import type { Problem } from '../../topology/declare/problem.ts'
import type { TopologyBuilder } from '../../topology/declare/stream.ts'
import { TopologyProblems } from '../../topology/declare/topology-problems.ts'

/** The problems of a declaration; none when it is accepted. */
export const refused = (declare: (t: TopologyBuilder) => void, name = 'shop'): readonly Problem[] => {
  try {
    defineTopology(name, declare)
    return []
  } catch (error) {
    if (error instanceof TopologyProblems) return error.problems
    throw error
  }
}

/** Text and suggestion of each problem, for comparison. */
export const said = (problems: readonly Problem[]): readonly string[] =>
  problems.map((one) => (one.suggestion === undefined ? one.text : `${one.text} (${one.suggestion})`))
