/**
 * Checks that each sink can take what feeds it, that its knobs exist, and that no two sinks keep the same table.
 *
 * Event rows and objects are told apart by `keen.id`, which is unique within one log only (I-1, I-3): fed by two spouts,
 * two events could be one row.
 */
import { knobs } from '../model/knobs.ts'
import { didYouMean } from '../model/nearest-name.ts'
import { messageOf } from '../model/spillway-error.ts'
import { isStateOperator, type SinkNode } from '../model/topology.ts'
import { locationOf } from './node-location.ts'
import { type Problem, problem } from './problem.ts'
import { operatorBoltOf, spoutsAbove, type TopologyGraph } from './topology-graph.ts'

export const validateSinks = (graph: TopologyGraph): readonly Problem[] => {
  const own = fedSinks(graph).flatMap((node) => [...kindProblems(graph, node), ...knobProblems(node)])
  return own.length > 0 ? own : [...eventStoreProblems(graph), ...tableProblems(graph)]
}

/** Sinks whose inputs exist; the others have been reported. */
const fedSinks = (graph: TopologyGraph): readonly SinkNode[] =>
  graph.topology.sinks.filter((node) => node.inputs.length > 0 && node.inputs.every((name) => graph.emitters.has(name)))

/** Deletes find the events of a spout in its event store; two of them could disagree on what is known. */
const eventStoreProblems = (graph: TopologyGraph): readonly Problem[] =>
  graph.topology.spouts.flatMap((spout) => {
    const stores = graph.topology.sinks.filter(
      (node) => node.sink.sinkKind === 'events' && spoutsAbove(graph, node).includes(spout.name),
    )
    const [first] = stores
    return stores.slice(1).map((node) => {
      const text = `sink ${node.name}: sink ${first?.name} keeps the event rows of spout ${spout.name} already`
      return problem(text, 'keep one; deletes read their events from it', locationOf(node))
    })
  })

const kindProblems = (graph: TopologyGraph, node: SinkNode): readonly Problem[] => {
  const at = locationOf(node)
  const what = `sink ${node.name}: ${node.sink.name}()`
  const operators = node.inputs.filter((input) => isStateBolt(graph, input))
  if (node.sink.sinkKind === 'rows') {
    const advice = 'put .bolt(name, rollup(...)) or .bolt(name, inferSchema()) above it, or use eventRows() for events'
    if (operators.length === 0)
      return [problem(`${what} keeps the rows of a state operator; none is above it`, advice, at)]
    if (node.inputs.length === 1) return []
    return [problem(`${what} is fed by ${node.inputs.join(', ')}; it takes one state operator`, undefined, at)]
  }
  if (operators.length > 0) {
    const advice = 'use tableRows() there, or feed this sink from above the operator'
    return [problem(`${what} takes tuples; ${operators.join(', ')} keeps rows and emits none`, advice, at)]
  }
  const spouts = spoutsAbove(graph, node)
  if (node.sink.sinkKind === 'custom' || spouts.length < 2) return []
  const text = `${what} is fed by the spouts ${spouts.join(', ')}: ids are unique within one log only`
  return [problem(text, 'give each spout a sink of its own', at)]
}

const isStateBolt = (graph: TopologyGraph, name: string): boolean => {
  const emitter = graph.emitters.get(name)
  return emitter?.kind === 'bolt' && isStateOperator(emitter.operator)
}

const knobProblems = (node: SinkNode): readonly Problem[] => {
  const at = locationOf(node)
  const names = [...knobs.keys()]
  const found = Object.entries(node.sink.knobs).flatMap(([name, value]) => {
    const knob = knobs.get(name)
    if (knob === undefined) return [problem(`sink ${node.name}: no knob is named ${name}`, didYouMean(name, names), at)]
    if (value >= knob.min && value <= knob.max) return []
    const text = `sink ${node.name}: ${name} is ${value}, it lies between ${knob.min} and ${knob.max} ${knob.unit}`
    return [problem(text, undefined, at)]
  })
  const age = node.sink.epochAge
  if (age === undefined || knobs.has(age)) return found
  return [...found, problem(`sink ${node.name}: no knob is named ${age}`, didYouMean(age, names), at)]
}

const tableProblems = (graph: TopologyGraph): readonly Problem[] => {
  const owners = new Map<string, SinkNode>()
  const found: Problem[] = []
  for (const node of fedSinks(graph)) {
    const tables = tablesOf(graph, node)
    if (typeof tables === 'string') {
      found.push(problem(`sink ${node.name}: ${tables}`, undefined, locationOf(node)))
      continue
    }
    for (const table of tables) {
      // Spillway's own tables are made to be shared: the sink is part of their keys.
      if (isSharedTable(table)) continue
      const owner = owners.get(tableKey(table))
      owners.set(tableKey(table), owner ?? node)
      // Two sinks of one name have been reported as such.
      if (owner === undefined || owner.name === node.name) continue
      const text = `sink ${node.name} keeps table ${table}, which sink ${owner.name} keeps already`
      found.push(problem(text, 'give one of them another name', locationOf(node)))
    }
  }
  return found
}

export const isSharedTable = (table: string): boolean => table.startsWith('spillway_')

/** Stores that fold case or know no hyphen must still tell the tables apart. */
export const tableKey = (table: string): string => table.toLowerCase().replaceAll('-', '_')

const tablesOf = (graph: TopologyGraph, node: SinkNode): readonly string[] | string => {
  try {
    return node.sink.tables(node.name, operatorBoltOf(graph, node)?.operator).map((table) => table.name)
  } catch (thrown) {
    return messageOf(thrown)
  }
}
