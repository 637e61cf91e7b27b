/**
 * What the results of a sink are a function of, as one short text per sink.
 *
 * Equal fingerprints: rows of two runs may lie in one table. In it: names and kinds of the graph above the sink and what feeds what,
 * options of the spouts that change decoding, options of operators and sink, the `version`s, Spillway's own format. Not
 * in it: knobs, where the log is, and the text of functions. The same function has another text behind a compiler, and
 * what it closes over has none: `version` says when a behaviour has changed.
 */
import { createHash } from 'node:crypto'
import { canonicalJson, type JsonObject, type JsonValue } from '../model/json.ts'
import { parseDuration } from '../model/quantity.ts'
import {
  type BoltNode,
  isDedupe,
  isStateOperator,
  type LogOptions,
  type SinkNode,
  type Source,
  type Topology,
} from '../model/topology.ts'
import { type Emitter, namesAbove, type TopologyGraph, topologyGraph } from './topology-graph.ts'

// What this version writes for the same declaration. Raised when rows or objects of two versions must not mix.
const effectsFormat = 1

/** Fingerprint of each sink by name: 64 hexadecimal digits. Two processes that declare the same give the same. */
export const fingerprintsOf = (topology: Topology): Readonly<Record<string, string>> => {
  const graph = topologyGraph(topology)
  return Object.fromEntries(topology.sinks.map((sink) => [sink.name, sha256(canonicalJson(meaningOf(graph, sink)))]))
}

/** Fingerprint of what a bolt alone is given and does, the spout above it included. */
export const fingerprintOfBolt = (graph: TopologyGraph, bolt: BoltNode): string => {
  const emitters = [...namesAbove(graph, bolt)].sort().flatMap((name) => graph.emitters.get(name) ?? [])
  return sha256(canonicalJson({ graph: [...emitters, bolt].map(emitterMeaning) }))
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const meaningOf = (graph: TopologyGraph, node: SinkNode): JsonObject => {
  const above = namesAbove(graph, node)
  // By name: where a bolt stands in the file changes nothing; what feeds it stands in `inputs`.
  const emitters = [...above].sort().flatMap((name) => graph.emitters.get(name) ?? [])
  return {
    format: effectsFormat,
    graph: emitters.map(emitterMeaning),
    sink: {
      name: node.name,
      inputs: [...node.inputs],
      kind: node.sink.sinkKind,
      sink: node.sink.name,
      options: node.sink.options,
      version: node.version ?? null,
    },
  }
}

const emitterMeaning = (node: Emitter): JsonObject => {
  if (node.kind === 'spout') return { spout: node.name, options: decodingOptions(node.options) }
  const { name, operator } = node
  const common = { bolt: name, inputs: [...node.inputs], version: node.version ?? null }
  const isData = isStateOperator(operator) || isDedupe(operator)
  return isData ? { ...common, operator: operator.name, options: operator.options } : common
}

/** Options that change what an event is; forms that mean the same are written the same. */
const decodingOptions = (options: LogOptions): JsonObject => {
  const time = typeof options.time === 'string' ? { path: options.time } : options.time
  const unit = time?.unit === undefined ? {} : { unit: time.unit }
  return {
    project: sourceJson(options.project ?? options.tenant),
    collection: sourceJson(options.collection),
    time: time === undefined ? null : { path: time.path, ...unit },
    clientId: options.clientId ?? null,
    tombstones: options.tombstones ?? 'ignore',
    limits: options.limits ?? null,
    ...(options.format === 'avro' ? { format: 'avro' } : {}),
    ...(options.lateness === undefined ? {} : { latenessMs: parseDuration(options.lateness) }),
    datetimes: [...(options.datetimes ?? [])].sort(),
  }
}

const sourceJson = (source: Source | undefined): JsonValue => {
  if (source === undefined) return null
  return typeof source === 'string' ? { constant: source } : { ...source }
}
