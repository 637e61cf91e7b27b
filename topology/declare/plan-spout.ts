/**
 * Plans a spout for the engine: bolts in order, sinks with what feeds them, and the values that the decoder must lift.
 *
 * A pure function of the topology, so every process plans the same.
 */
import { formatPath, type Path } from '../model/path.ts'
import type { PlannedBolt, PlannedDedupe, PlannedSink, SpoutPlan } from '../model/spout-plan.ts'
import {
  type BoltNode,
  isDedupe,
  isStateOperator,
  type SinkNode,
  type Topology,
  type Wanted,
} from '../model/topology.ts'
import { fingerprintOfBolt, fingerprintsOf } from './fingerprints-of.ts'
import {
  dedupesAbove,
  namesAbove,
  operatorBoltOf,
  orderOf,
  type TopologyGraph,
  topologyGraph,
} from './topology-graph.ts'

/**
 * The plan of one spout. Nodes that no sink of it needs are left out; inputs that come from other spouts too.
 * `only` narrows it to some sinks. Throws a `RangeError` when the topology has no such spout.
 */
export const planSpout = (topology: Topology, spoutName: string, only?: ReadonlySet<string>): SpoutPlan => {
  const spout = topology.spouts.find((node) => node.name === spoutName)
  if (spout === undefined) throw new RangeError(`topology ${topology.name} has no spout ${spoutName}`)
  const graph = topologyGraph(topology)
  const within = fedBy(graph, spoutName)
  const fingerprints = fingerprintsOf(topology)
  const sinks = topology.sinks
    .filter((node) => (only === undefined || only.has(node.name)) && node.inputs.some((input) => within.has(input)))
    .map((node) => planSink(graph, node, within, fingerprints[node.name] ?? ''))
  const needed = new Set(sinks.flatMap((sink) => sink.chain))
  const bolts = plannedBolts(graph, within, needed)
  return { topology: topology.name, spout, bolts, sinks, wanted: wantedBy(sinks), hasUserBolts: bolts.length > 0 }
}

/** The spout and the bolts that something of it reaches. */
const fedBy = (graph: TopologyGraph, spout: string): ReadonlySet<string> => {
  const within = new Set([spout])
  for (const bolt of graph.sortedBolts) if (bolt.inputs.some((input) => within.has(input))) within.add(bolt.name)
  return within
}

const planSink = (
  graph: TopologyGraph,
  node: SinkNode,
  within: ReadonlySet<string>,
  fingerprint: string,
): PlannedSink => {
  const above = operatorBoltOf(graph, node)
  const names = namesAbove(graph, node)
  const chain = graph.sortedBolts.filter((bolt) => names.has(bolt.name) && within.has(bolt.name) && isRun(bolt))
  return {
    name: node.name,
    kind: node.sink.sinkKind,
    sink: node.sink,
    operator: above?.operator,
    operatorBolt: above?.bolt.name,
    feeds: feedsOf(graph, above?.bolt ?? node, within),
    chain: chain.map((bolt) => bolt.name),
    dedupes: plannedDedupes(graph, node, within),
    order: orderOf(graph, node),
    fingerprint,
  }
}

/** Whether a bolt is run over batches: operators that keep state are folded, duplicates are left out before. */
const isRun = ({ operator }: BoltNode): boolean => !isStateOperator(operator) && !isDedupe(operator)

/** What feeds a node: a bolt that holds back duplicates stands for the spout above it. */
const feedsOf = (
  graph: TopologyGraph,
  { inputs }: { readonly inputs: readonly string[] },
  within: ReadonlySet<string>,
): readonly string[] =>
  inputs
    .filter((input) => within.has(input))
    .flatMap((input) => {
      const emitter = graph.emitters.get(input)
      return emitter?.kind === 'bolt' && isDedupe(emitter.operator) ? emitter.inputs : [input]
    })

const plannedDedupes = (graph: TopologyGraph, node: SinkNode, within: ReadonlySet<string>): readonly PlannedDedupe[] =>
  dedupesAbove(graph, node)
    .filter(({ bolt }) => within.has(bolt.name))
    .map(({ bolt, operator: { path, windowMs } }) => ({
      bolt: bolt.name,
      path,
      windowMs,
      fingerprint: fingerprintOfBolt(graph, bolt),
    }))

const plannedBolts = (
  graph: TopologyGraph,
  within: ReadonlySet<string>,
  needed: ReadonlySet<string>,
): readonly PlannedBolt[] =>
  graph.sortedBolts.flatMap((bolt) => {
    const { name, operator } = bolt
    if (!needed.has(name) || isStateOperator(operator) || isDedupe(operator)) return []
    return [{ name, feeds: feedsOf(graph, bolt, within), operator }]
  })

/**
 * A user's bolt may pass events on (a filter does), so what an operator reads behind one is lifted too: a value that is
 * lifted for nothing costs far less than a body that is built to find it.
 */
const wantedBy = (sinks: readonly PlannedSink[]): Wanted => {
  const paths = new Map<string, Path>()
  let shapes = false
  for (const { operator, dedupes } of sinks) {
    for (const { path } of dedupes) paths.set(formatPath(path), path)
    if (operator === undefined) continue
    for (const path of operator.reads) paths.set(formatPath(path), path)
    shapes ||= operator.readsShapes
  }
  return { paths: [...paths.values()], shapes }
}
