/**
 * Mistakes that would hurt in production though the topology is valid: warnings, each with what to do.
 *
 * Two halves: what the declared graph shows, and what the source text shows. Functions cannot be looked into (a lambda
 * given to `map` is out of sight), so the text of the topology's file is searched for the obvious offenders.
 */
import type { Topology } from '../model/topology.ts'
import { lintGraph } from './lint-graph.ts'
import { lintSource } from './lint-source.ts'
import { locationOf } from './node-location.ts'
import { type Problem, problem } from './problem.ts'

export interface SourceText {
  readonly file: string
  readonly text: string
}

/**
 * All warnings. `sources` are the texts of the files that declare the topology; without them only functions that were
 * written as bolts directly are read.
 */
export const lintTopology = (topology: Topology, sources: readonly SourceText[] = []): readonly Problem[] => [
  ...lintGraph(topology),
  ...sources.flatMap(lintSource),
  ...lintFunctions(topology, new Set(sources.map((source) => source.file))),
]

const lintFunctions = (topology: Topology, filesRead: ReadonlySet<string>): readonly Problem[] =>
  topology.bolts.flatMap((bolt) => {
    const at = locationOf(bolt)
    if (typeof bolt.operator !== 'function' || (at !== undefined && filesRead.has(at.file))) return []
    const text = Function.prototype.toString.call(bolt.operator)
    return lintSource({ file: '', text }).map((found) =>
      problem(`bolt ${bolt.name}: ${found.text}`, found.suggestion, at),
    )
  })
