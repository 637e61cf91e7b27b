/**
 * A topology as plain JSON: what people read as text or diagram, programs as JSON, and what `run` keeps as the catalogue
 * from which readers know the tables and operators without the topology's file.
 *
 * A pure function of the declaration: nothing of a store, a log or a run is in it.
 */

import type { DedupeOperator } from '../model/dedupe-operator.ts'
import type { JsonValue } from '../model/json.ts'
import { knobValue } from '../model/knobs.ts'
import type { OrderNeed, Retraction, StateOperator } from '../model/operator.ts'
import { formatPath } from '../model/path.ts'
import type { TableSpec } from '../model/ports/row-store.ts'
import type { Sink, SinkKind } from '../model/sink.ts'
import {
  type BoltNode,
  isDedupe,
  isStateOperator,
  type LogOptions,
  type SinkNode,
  type Topology,
} from '../model/topology.ts'
import { describeSource, describeTime } from './describe-source.ts'
import { fingerprintsOf } from './fingerprints-of.ts'
import { planSpout } from './plan-spout.ts'
import { guaranteeOf, visibilityOf } from './promise-text.ts'
import { operatorBoltOf, orderOf, spoutsAbove, type TopologyGraph, topologyGraph } from './topology-graph.ts'

export interface SpoutDescription {
  readonly name: string
  /** The log as the topology names it; `null`: the run's log. */
  readonly log: string | null
  readonly from: string
  readonly project: string
  readonly collection: string
  readonly time: string
  /** Written paths that are lifted while the bytes are validated. */
  readonly lifts: readonly string[]
  /** Whether every path and type of a body is looked at (a schema is inferred). */
  readonly shapes: boolean
  readonly options: LogOptions
}

export interface OperatorDescription {
  readonly name: string
  readonly doc: string
  readonly options: JsonValue
  readonly order: OrderNeed
  readonly retraction: Retraction
  readonly reads: readonly string[]
}

export interface BoltDescription {
  readonly name: string
  readonly inputs: readonly string[]
  readonly version: string | null
  /** `null`: a user's RxJS operator. */
  readonly operator: OperatorDescription | null
}

/** What ends an epoch of the sink, with the knobs that say so. */
export interface BoundDescription {
  readonly knob: string
  readonly value: number
}

export interface SinkDescription {
  readonly name: string
  readonly inputs: readonly string[]
  readonly version: string | null
  readonly sink: string
  readonly kind: SinkKind
  readonly doc: string
  readonly options: JsonValue
  readonly spouts: readonly string[]
  /** The strongest need of the branch; only `commutative` branches are cut into parallel lanes. */
  readonly order: OrderNeed
  /** The state operator above, as `restoreOperator(name, options)` takes it. */
  readonly operator: { readonly bolt: string; readonly name: string; readonly options: JsonValue } | null
  readonly tables: readonly TableSpec[]
  /** Sentences. */
  readonly guarantee: string
  readonly visible: string
  readonly bounds: readonly BoundDescription[]
  readonly fingerprint: string
}

export interface Description {
  readonly topology: string
  readonly spouts: readonly SpoutDescription[]
  readonly bolts: readonly BoltDescription[]
  readonly sinks: readonly SinkDescription[]
}

/** Describes a valid topology. */
export const describeTopology = (topology: Topology): Description => {
  const graph = topologyGraph(topology)
  const fingerprints = fingerprintsOf(topology)
  return {
    topology: topology.name,
    spouts: topology.spouts.map((spout) => describeSpout(topology, spout.name, spout.options)),
    bolts: topology.bolts.map(describeBolt),
    sinks: topology.sinks.map((sink) => describeSink(graph, sink, fingerprints[sink.name] ?? '')),
  }
}

const describeSpout = (topology: Topology, name: string, options: LogOptions): SpoutDescription => {
  const { wanted } = planSpout(topology, name)
  return {
    name,
    log: options.log ?? null,
    from: options.from ?? 'earliest',
    project: describeSource(options.project ?? options.tenant, 'header project, else the key, else "default"'),
    collection: describeSource(options.collection, 'header collection, else the topic'),
    time: describeTime(options.time),
    lifts: wanted.paths.map(formatPath),
    shapes: wanted.shapes,
    options,
  }
}

const describeBolt = (node: BoltNode): BoltDescription => ({
  name: node.name,
  inputs: node.inputs,
  version: node.version ?? null,
  operator: isStateOperator(node.operator)
    ? describeOperator(node.operator)
    : isDedupe(node.operator)
      ? describeDedupe(node.operator)
      : null,
})

const describeDedupe = ({ name, doc, options, order, path }: DedupeOperator): OperatorDescription => ({
  name,
  doc,
  options,
  order,
  retraction: 'exact',
  reads: [formatPath(path)],
})

const describeOperator = (operator: StateOperator): OperatorDescription => ({
  name: operator.name,
  doc: operator.doc,
  options: operator.options,
  order: operator.order,
  retraction: operator.retraction,
  reads: operator.reads.map(formatPath),
})

const describeSink = (graph: TopologyGraph, node: SinkNode, fingerprint: string): SinkDescription => {
  const above = operatorBoltOf(graph, node)
  const { sink } = node
  const bounds = boundsOf(sink, above?.operator)
  return {
    name: node.name,
    inputs: node.inputs,
    version: node.version ?? null,
    sink: sink.name,
    kind: sink.sinkKind,
    doc: sink.doc,
    options: sink.options,
    spouts: spoutsAbove(graph, node),
    order: orderOf(graph, node),
    operator:
      above === undefined
        ? null
        : { bolt: above.bolt.name, name: above.operator.name, options: above.operator.options },
    tables: sink.tables(node.name, above?.operator),
    guarantee: guaranteeOf(sink.sinkKind, above?.operator.retraction),
    visible: visibilityOf(sink.sinkKind, bounds),
    bounds,
    fingerprint,
  }
}

const boundsOf = (sink: Sink, operator: StateOperator | undefined): readonly BoundDescription[] => {
  const age = sink.epochAge ?? operator?.epochAge ?? 'epoch.ageMs'
  const isObjects = sink.sinkKind === 'objects'
  const usual = isObjects
    ? ['objects.idleMs', 'objects.epochBytes', 'objects.targetBytes']
    : ['epoch.bytes', 'epoch.records']
  const names = new Set([age, ...usual, ...Object.keys(sink.knobs)])
  return [...names].map((knob) => ({ knob, value: knobValue(knob, sink.knobs) }))
}
