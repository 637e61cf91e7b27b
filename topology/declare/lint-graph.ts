/**
 * What the declared graph alone shows to be costly or surprising: work that leads nowhere, rows and objects without
 * number, branches that cannot catch up in parallel.
 */
import { isJsonObject, type JsonValue } from '../model/json.ts'
import { knobs, knobValue } from '../model/knobs.ts'
import { parseDuration } from '../model/quantity.ts'
import { type BoltNode, isStateOperator, type SinkNode, type SpoutNode, type Topology } from '../model/topology.ts'
import { locationOf } from './node-location.ts'
import { type Problem, problem } from './problem.ts'
import { bytesText, durationText } from './quantity-text.ts'
import { isFeeding, namesAbove, orderOf, spoutsAbove, type TopologyGraph, topologyGraph } from './topology-graph.ts'

export const lintGraph = (topology: Topology): readonly Problem[] => {
  const graph = topologyGraph(topology)
  return [
    ...topology.spouts.flatMap((spout) => [...unused(graph, spout), ...lintTenant(spout)]),
    ...lintSameLog(topology),
    ...topology.bolts.flatMap((bolt) => [...unused(graph, bolt), ...lintGroups(bolt), ...lintWindow(bolt)]),
    ...topology.sinks.flatMap((sink) => [
      ...lintObjects(sink),
      ...lintTwice(graph, sink),
      ...lintOrder(graph, sink),
      ...lintDeletes(sink),
    ]),
  ]
}

const unused = (graph: TopologyGraph, node: SpoutNode | BoltNode): readonly Problem[] =>
  isFeeding(graph, node.name)
    ? []
    : [
        problem(
          `${node.kind} ${node.name} leads to no sink: nothing of it is kept`,
          'add a sink or leave it out',
          locationOf(node),
        ),
      ]

/** A tenant is told from key or header before anything is parsed; only then can it be skipped and limited for free. */
const lintTenant = (spout: SpoutNode): readonly Problem[] => {
  const source = spout.options.project ?? spout.options.tenant
  const at = locationOf(spout)
  if (source === undefined) return []
  if (typeof source === 'string') {
    const text = `spout ${spout.name}: every event has the project ${JSON.stringify(source)}, so no tenant can be held back`
    return [problem(text, 'name a header or the key if the log has several tenants', at)]
  }
  if (!('path' in source)) return []
  const text = `spout ${spout.name}: the project is read from the body, so a skipped tenant is parsed all the same`
  return [problem(text, 'put the project into the key (best) or a header, and key the log by it', at)]
}

const lintSameLog = (topology: Topology): readonly Problem[] =>
  topology.spouts.flatMap((spout, index) => {
    const earlier = topology.spouts.slice(0, index).find((other) => other.options.log === spout.options.log)
    if (earlier === undefined) return []
    const text = `spouts ${earlier.name} and ${spout.name} read the same log: each record is fetched and decoded twice`
    return [problem(text, 'feed both branches from one spout, or name the logs: log({ log: ... })', locationOf(spout))]
  })

const idLike =
  /(?:^|[._\s-])(?:id|uuid|guid|email|e-?mail|token|session|ip|url|timestamp)$|(?:Id|Uuid|ID|Email|Token|Url)$/

const lintGroups = (bolt: BoltNode): readonly Problem[] => {
  const { operator } = bolt
  if (!isStateOperator(operator)) return []
  return textsOf(optionOf(operator.options, 'by'))
    .filter((path) => idLike.test(path))
    .map((path) => {
      const text = `bolt ${bolt.name} groups by ${path}, which looks like it is different for nearly every event: one row each`
      return problem(text, `count them instead: countUnique(${JSON.stringify(path)})`, locationOf(bolt))
    })
}

// Below this a row holds hardly more than an event, and each second writes new ones.
const windowMinMs = 10_000

const lintWindow = (bolt: BoltNode): readonly Problem[] => {
  const { operator } = bolt
  if (!isStateOperator(operator)) return []
  const window = optionOf(operator.options, 'window')
  const windowMs = typeof window === 'string' ? parseDuration(window) : undefined
  if (typeof windowMs !== 'number' || windowMs >= windowMinMs) return []
  const text = `bolt ${bolt.name} has windows of ${durationText(windowMs)}: up to ${Math.ceil(3_600_000 / windowMs)} rows an hour for each group`
  return [problem(text, 'readers can merge windows, so take the shortest that somebody asks for', locationOf(bolt))]
}

// Listing, opening and billing go by the object: below these sizes they cost more than the bytes.
const objectMinBytes = 1_048_576
const objectMinMs = 10_000

const lintObjects = (sink: SinkNode): readonly Problem[] => {
  if (sink.sink.sinkKind !== 'objects') return []
  const at = locationOf(sink)
  const advice = `the defaults are ${bytesText(knobs.get('objects.targetBytes')?.initial ?? 0)} and ${durationText(knobs.get('objects.ageMs')?.initial ?? 0)}`
  const found: Problem[] = []
  const bytes = knobValue('objects.targetBytes', sink.sink.knobs)
  if (bytes < objectMinBytes)
    found.push(problem(`sink ${sink.name} cuts objects at ${bytesText(bytes)}: there will be very many`, advice, at))
  for (const knob of ['objects.ageMs', 'objects.idleMs']) {
    const ms = knobValue(knob, sink.sink.knobs)
    if (ms >= objectMinMs) continue
    const text = `sink ${sink.name} closes objects after ${durationText(ms)} (${knob}), one per project and collection each time: there will be very many`
    found.push(problem(text, advice, at))
  }
  return found
}

/** An event that takes two ways to one sink stands there twice, unless the bolts on the ways part the events. */
const lintTwice = (graph: TopologyGraph, sink: SinkNode): readonly Problem[] => {
  const { sinkKind } = sink.sink
  const merges = [sink, ...graph.sortedBolts.filter((bolt) => namesAbove(graph, sink).has(bolt.name))]
  return merges.flatMap((node) => {
    if (node.inputs.length < 2 || sinkKind === 'custom') return []
    const waysFrom = (spout: string): readonly string[] =>
      node.inputs.filter((input) => spoutsOfEmitter(graph, input).includes(spout))
    const shared = graph.topology.spouts.find(({ name }) => waysFrom(name).length > 1)
    if (shared === undefined) return []
    const text = `sink ${sink.name}: ${arrivalText(shared.name, waysFrom(shared.name))}`
    return [problem(text, 'make the bolts part the events, so that each takes one way', locationOf(node))]
  })
}

const arrivalText = (spout: string, ways: readonly string[]): string => {
  const bolts = ways.filter((way) => way !== spout)
  const times = ways.length === 2 ? 'twice' : `up to ${ways.length} times`
  const passed = `an event of ${spout} that passes ${listed(bolts)}`
  return bolts.length === ways.length
    ? `${passed} arrives ${times}`
    : `${passed} arrives ${times}: it also comes straight from the spout`
}

/** `l, r and b`. */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

const spoutsOfEmitter = (graph: TopologyGraph, name: string): readonly string[] => {
  const emitter = graph.emitters.get(name)
  if (emitter === undefined) return []
  return emitter.kind === 'spout' ? [name] : spoutsAbove(graph, emitter)
}

const lintOrder = (graph: TopologyGraph, sink: SinkNode): readonly Problem[] => {
  const order = orderOf(graph, sink)
  if (order === 'commutative') return []
  const text = `sink ${sink.name} needs its tuples in order: its backlog is not drained in parallel`
  return [problem(text, 'expect a longer catch-up, or take an operator that needs no order', locationOf(sink))]
}

/** Deletes have work of their own. What cannot take events out of an open epoch has its live lane do part of it. */
const lintDeletes = (node: SinkNode): readonly Problem[] => {
  if (node.sink.subtracts) return []
  const text = `sink ${node.name} puts deletes on its live lane: ${node.sink.name}() cannot take events out of an open epoch, so the lane waits for each delete and reads again`
  return [problem(text, 'let add(tuples, -1) take them out, and say subtracts: true', locationOf(node))]
}

const optionOf = (options: JsonValue, name: string): JsonValue | undefined =>
  isJsonObject(options) && Object.hasOwn(options, name) ? options[name] : undefined

const textsOf = (value: JsonValue | undefined): readonly string[] => (Array.isArray(value) ? value.map(String) : [])
