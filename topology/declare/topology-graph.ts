/**
 * The questions that planner, fingerprints, description and lint ask of the declared graph.
 *
 * Built once per question from the plain data; tolerates what validation has yet to refuse (unknown inputs, cycles).
 */
import type { DedupeOperator } from '../model/dedupe-operator.ts'
import type { OrderNeed, StateOperator } from '../model/operator.ts'
import {
  type BoltNode,
  isDedupe,
  isStateOperator,
  type SinkNode,
  type SpoutNode,
  type Topology,
  type TopologyNode,
} from '../model/topology.ts'

/** A node that emits: what `inputs` names. */
export type Emitter = SpoutNode | BoltNode

export interface TopologyGraph {
  readonly topology: Topology
  /** Spouts and bolts by name. */
  readonly emitters: ReadonlyMap<string, Emitter>
  /** Bolts so that each follows what feeds it; bolts on a cycle are missing. */
  readonly sortedBolts: readonly BoltNode[]
  /** Bolts and sinks that a spout or bolt feeds, in the order of the declaration. */
  readonly readersOf: ReadonlyMap<string, readonly (BoltNode | SinkNode)[]>
}

export const topologyGraph = (topology: Topology): TopologyGraph => {
  const emitters = new Map<string, Emitter>()
  for (const node of [...topology.spouts, ...topology.bolts])
    if (!emitters.has(node.name)) emitters.set(node.name, node)
  const readersOf = new Map<string, (BoltNode | SinkNode)[]>()
  for (const node of [...topology.bolts, ...topology.sinks]) {
    for (const input of node.inputs) {
      const readers = readersOf.get(input) ?? []
      readersOf.set(input, [...readers, node])
    }
  }
  return { topology, emitters, sortedBolts: sortBolts(topology), readersOf }
}

const sortBolts = (topology: Topology): readonly BoltNode[] => {
  const boltNames = new Set(topology.bolts.map((bolt) => bolt.name))
  const sorted: BoltNode[] = []
  const placed = new Set<string>()
  let waiting: readonly BoltNode[] = topology.bolts
  for (;;) {
    const ready = waiting.filter((bolt) => bolt.inputs.every((input) => placed.has(input) || !boltNames.has(input)))
    if (ready.length === 0) return sorted
    for (const bolt of ready) placed.add(bolt.name)
    sorted.push(...ready)
    waiting = waiting.filter((bolt) => !ready.includes(bolt))
  }
}

/** Names of all spouts and bolts above a node, itself left out. */
export const namesAbove = (graph: TopologyGraph, node: TopologyNode): ReadonlySet<string> => {
  const above = new Set<string>()
  const visit = (one: TopologyNode): void => {
    if (one.kind === 'spout') return
    for (const input of one.inputs) {
      if (above.has(input)) continue
      above.add(input)
      const emitter = graph.emitters.get(input)
      if (emitter !== undefined) visit(emitter)
    }
  }
  visit(node)
  return above
}

/** Whether anything of a spout or bolt reaches a sink. */
export const isFeeding = (graph: TopologyGraph, name: string): boolean => {
  const seen = new Set<string>()
  const visit = (emitter: string): boolean => {
    if (seen.has(emitter)) return false
    seen.add(emitter)
    return (graph.readersOf.get(emitter) ?? []).some((node) => node.kind === 'sink' || visit(node.name))
  }
  return visit(name)
}

/** The bolt with the state operator directly above a sink. */
export const operatorBoltOf = (
  graph: TopologyGraph,
  sink: SinkNode,
): { readonly bolt: BoltNode; readonly operator: StateOperator } | undefined => {
  for (const input of sink.inputs) {
    const bolt = graph.emitters.get(input)
    if (bolt?.kind === 'bolt' && isStateOperator(bolt.operator)) return { bolt, operator: bolt.operator }
  }
  return undefined
}

/** Names of the spouts above a node, in the order of the declaration. */
export const spoutsAbove = (graph: TopologyGraph, node: BoltNode | SinkNode): readonly string[] => {
  const above = namesAbove(graph, node)
  return graph.topology.spouts.map((spout) => spout.name).filter((name) => above.has(name))
}

const strength: Readonly<Record<OrderNeed, number>> = { commutative: 0, keyOrdered: 1, partitionOrdered: 2 }

export interface DedupeNode {
  readonly bolt: BoltNode
  readonly operator: DedupeOperator
}

/** The bolts above a node that hold back duplicates. */
export const dedupesAbove = (graph: TopologyGraph, node: TopologyNode): readonly DedupeNode[] => {
  const above = namesAbove(graph, node)
  return graph.topology.bolts.flatMap((bolt) =>
    above.has(bolt.name) && isDedupe(bolt.operator) ? [{ bolt, operator: bolt.operator }] : [],
  )
}

/** What the whole branch of a sink needs: the strongest need on it. */
export const orderOf = (graph: TopologyGraph, sink: SinkNode): OrderNeed => {
  const needs = [sink.sink.order, ...dedupesAbove(graph, sink).map(({ operator }) => operator.order)]
  const state = operatorBoltOf(graph, sink)?.operator.order ?? 'commutative'
  return needs.reduce((most, need) => (strength[need] > strength[most] ? need : most), state)
}
