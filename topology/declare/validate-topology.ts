/**
 * Finds everything that is wrong with a topology, not the first thing.
 *
 * A pure function of the data: topologies that were not made by `defineTopology` are checked the same way. What would
 * run but hurt is `lintTopology`'s business.
 */

import { nearestName } from '../model/nearest-name.ts'
import { type BoltNode, isStateOperator, type SinkNode, type Topology } from '../model/topology.ts'
import { locationOf } from './node-location.ts'
import { type Problem, problem } from './problem.ts'
import { type TopologyGraph, topologyGraph } from './topology-graph.ts'
import { validateDedupes } from './validate-dedupes.ts'
import { validateLogOptions } from './validate-log-options.ts'
import { validateNames } from './validate-names.ts'
import { validateSinks } from './validate-sinks.ts'

/** All problems, in the order: names, spouts, graph, duplicates, sinks. None: the topology can run. */
export const validateTopology = (topology: Topology): readonly Problem[] => {
  const graph = topologyGraph(topology)
  const inputs = [...topology.bolts, ...topology.sinks].flatMap((node) => inputProblems(graph, node))
  return [
    ...validateNames(topology),
    ...topology.spouts.flatMap(validateLogOptions),
    ...emptiness(topology),
    ...inputs,
    ...(isNamedOnce(graph) ? cycles(graph) : []),
    ...(isNamedOnce(graph) ? validateDedupes(graph) : []),
    ...(isNamedOnce(graph) ? validateSinks(graph) : []),
  ]
}

/** Where two nodes share a name, nobody can say which of them feeds what; that has been reported. */
const isNamedOnce = (graph: TopologyGraph): boolean =>
  graph.emitters.size === graph.topology.spouts.length + graph.topology.bolts.length

const emptiness = (topology: Topology): readonly Problem[] => {
  const at = locationOf(topology)
  if (topology.spouts.length === 0) return [problem('the topology has no spout', "write t.spout('events', log())", at)]
  if (topology.sinks.length > 0) return []
  return [problem('the topology has no sink: nothing would be kept', 'end a stream in .sink(name, ...)', at)]
}

const inputProblems = (graph: TopologyGraph, node: BoltNode | SinkNode): readonly Problem[] => {
  const at = locationOf(node)
  const what = `${node.kind} ${node.name}`
  if (node.inputs.length === 0) return [problem(`${what} is fed by nothing`, undefined, at)]
  return node.inputs.flatMap((input) => {
    const emitter = graph.emitters.get(input)
    if (emitter === undefined) {
      const nearest = nearestName(input, graph.emitters.keys())
      const advice = nearest === undefined ? undefined : `did you mean ${JSON.stringify(nearest)}?`
      return [problem(`${what} is fed by ${JSON.stringify(input)}, which does not exist`, advice, at)]
    }
    const isBelowState = node.kind === 'bolt' && emitter.kind === 'bolt' && isStateOperator(emitter.operator)
    if (!isBelowState) return []
    const advice = 'put the bolt above the operator; below it stands .sink(name, tableRows())'
    return [problem(`${what} is below ${input}, which keeps rows and emits nothing`, advice, at)]
  })
}

const cycles = (graph: TopologyGraph): readonly Problem[] => {
  const sorted = new Set(graph.sortedBolts)
  const rest = graph.topology.bolts.filter((bolt) => !sorted.has(bolt))
  const [first] = rest
  if (first === undefined) return []
  return [
    problem(
      `bolts feed each other in a circle: ${rest.map((bolt) => bolt.name).join(', ')}`,
      undefined,
      locationOf(first),
    ),
  ]
}
