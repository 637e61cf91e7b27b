/**
 * The same topology with its users' parts watched: bolts, operators, aggregates, and sinks of kind `custom`.
 *
 * Nothing about results changes, and fingerprints stay. What breaks its contract stands in `watch.violation`, by name.
 */
import type { Sink } from '../../../model/sink.ts'
import { isDedupe, isStateOperator, type Topology } from '../../../model/topology.ts'
import type { Watch } from './watch.ts'
import { watchBolt } from './watch-bolt.ts'
import { watchOperator } from './watch-operator.ts'
import { watchSink } from './watch-sink.ts'

/** Sinks that keep one row or line of an event. */
const keepsEvents = ({ sinkKind }: Sink): boolean => sinkKind === 'events' || sinkKind === 'objects'

/** Once per history: what a part has given is remembered by the events of that history. */
export const watchTopology = (topology: Topology, watch: Watch): Topology => {
  const bolts = topology.bolts.map((node) => {
    const { operator } = node
    if (isStateOperator(operator) || isDedupe(operator)) return node
    watch.hold()
    const store = topology.sinks.find(({ sink, inputs }) => keepsEvents(sink) && inputs.includes(node.name))
    return { ...node, operator: watchBolt(node.name, operator, watch, store?.name) }
  })
  const sinks = topology.sinks.map((node) => {
    if (node.sink.sinkKind === 'custom') {
      watch.hold()
      return { ...node, sink: watchSink(node.name, node.sink, watch) }
    }
    const above = topology.bolts.find(({ name }) => node.inputs.includes(name))
    if (above === undefined || !isStateOperator(above.operator)) return node
    return { ...node, sink: watchOperator(above.name, above.operator, node.sink, watch) }
  })
  return { ...topology, bolts, sinks }
}
