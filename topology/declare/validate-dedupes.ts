/**
 * Checks where duplicates are held back: directly below a spout, and on every way from it to a sink.
 *
 * What a duplicate is must follow from the log alone (I-1), so nothing may stand above that changes or drops events; and
 * a sink leaves an event out or takes it, whichever way it came.
 */
import { isDedupe, type SinkNode } from '../model/topology.ts'
import { locationOf } from './node-location.ts'
import { type Problem, problem } from './problem.ts'
import { type DedupeNode, dedupesAbove, namesAbove, type TopologyGraph } from './topology-graph.ts'

export const validateDedupes = (graph: TopologyGraph): readonly Problem[] => {
  const found = graph.topology.bolts.flatMap((bolt) =>
    isDedupe(bolt.operator) ? placeProblems(graph, { bolt, operator: bolt.operator }) : [],
  )
  return found.length > 0 ? found : graph.topology.sinks.flatMap((sink) => wayProblems(graph, sink))
}

const placeProblems = (graph: TopologyGraph, { bolt }: DedupeNode): readonly Problem[] => {
  const at = locationOf(bolt)
  const [first, ...others] = bolt.inputs
  const above = first === undefined ? undefined : graph.emitters.get(first)
  if (others.length > 0) {
    const text = `bolt ${bolt.name}: dedupe() is fed by ${bolt.inputs.join(', ')}; it takes one spout`
    return [problem(text, 'give each spout a dedupe of its own, and merge below them', at)]
  }
  // What does not exist has been reported.
  if (above === undefined || above.kind === 'spout') return []
  if (isDedupe(above.operator)) {
    const text = `bolt ${bolt.name}: dedupe() stands below ${above.name}, which is one already`
    return [problem(text, 'keep one; a spout may have several side by side, each with sinks of its own', at)]
  }
  const text = `bolt ${bolt.name}: dedupe() stands below the bolt ${above.name}`
  return [problem(text, 'put it directly below the spout, and the other bolts below it', at)]
}

/** What reads a spout beside `dedupe` and leads to the sink. */
const wayProblems = (graph: TopologyGraph, sink: SinkNode): readonly Problem[] => {
  const above = namesAbove(graph, sink)
  return dedupesAbove(graph, sink).flatMap(({ bolt }) => {
    const [spout = ''] = bolt.inputs
    const others = (graph.readersOf.get(spout) ?? []).filter(
      (node) => node !== bolt && (node === sink || (node.kind === 'bolt' && above.has(node.name))),
    )
    const [other] = others
    if (other === undefined) return []
    const way = other === sink ? 'straight' : `through ${other.name}`
    const text = `sink ${sink.name} gets events of ${spout} through ${bolt.name}, which holds back duplicates, and ${way}`
    return [problem(text, `feed all of it from ${bolt.name}, or give it two sinks`, locationOf(sink))]
  })
}
