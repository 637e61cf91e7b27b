/**
 * Checks the names of a topology and its nodes: what they may hold, and that none is given twice.
 *
 * Names end up in tables, object names, metric labels and the group of the log, so they are kept to what all of those
 * can hold. Spouts and bolts share one set of names, as streams are named by what emits them; sinks have their own.
 */
import type { Topology, TopologyNode } from '../model/topology.ts'
import { locationOf } from './node-location.ts'
import { type Problem, problem } from './problem.ts'

const nameShape = /^[A-Za-z][A-Za-z0-9_-]*$/
// Labels and group names; longer ones are no longer read.
const nameMax = 64
// Cassandra ends a table name at 48; `_buckets` and its like go behind the sink's name.
const sinkNameMax = 40
const reservedPrefixes = ['spillway_', 'sqlite_']

export const validateNames = (topology: Topology): readonly Problem[] => [
  ...nameProblems(`topology ${JSON.stringify(topology.name)}`, topology, nameMax),
  ...topology.spouts.flatMap((node) => nameProblems(`spout ${JSON.stringify(node.name)}`, node, nameMax)),
  ...topology.bolts.flatMap((node) => nameProblems(`bolt ${JSON.stringify(node.name)}`, node, nameMax)),
  ...topology.sinks.flatMap((node) => nameProblems(`sink ${JSON.stringify(node.name)}`, node, sinkNameMax)),
  ...reservedNames(topology),
  ...duplicates([...topology.spouts, ...topology.bolts], 'spouts and bolts'),
  ...duplicates(topology.sinks, 'sinks'),
]

const nameProblems = (what: string, node: Topology | TopologyNode, max: number): readonly Problem[] => {
  const { name } = node
  const at = locationOf(node)
  if (name === '') return [problem(`a ${node.kind} has an empty name`, undefined, at)]
  const advice = `write ${JSON.stringify(usableName(name, max))}`
  if (name.length > max) {
    return [problem(`the name of ${what} has ${name.length} characters, at most ${max} are allowed`, advice, at)]
  }
  if (nameShape.test(name)) return []
  const rule = 'a name begins with a letter and holds letters, digits, _ and -'
  return [problem(`${what}: ${rule}`, advice, at)]
}

const usableName = (name: string, max: number): string => {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[^A-Za-z]+|_+$/g, '')
  return (plain === '' ? 'name' : plain).slice(0, max)
}

const reservedNames = (topology: Topology): readonly Problem[] =>
  topology.sinks.flatMap((node) => {
    const prefix = reservedPrefixes.find((one) => node.name.toLowerCase().startsWith(one))
    if (prefix === undefined) return []
    const advice = `write ${JSON.stringify(node.name.slice(prefix.length) || 'rows')}`
    return [problem(`sink ${node.name}: names that begin with ${prefix} are reserved`, advice, locationOf(node))]
  })

const duplicates = (nodes: readonly TopologyNode[], among: string): readonly Problem[] => {
  const first = new Map<string, TopologyNode>()
  return nodes.flatMap((node) => {
    const earlier = first.get(node.name)
    if (earlier === undefined) {
      first.set(node.name, node)
      return []
    }
    const line = locationOf(earlier)?.line
    const where = line === undefined ? '' : `, first in line ${line}`
    const advice = `write ${JSON.stringify(freeName(node.name, new Set(nodes.map((one) => one.name))))}`
    const text = `${node.kind} ${node.name}: the name is taken by a ${earlier.kind}${where}; names of ${among} differ`
    return [problem(text, advice, locationOf(node))]
  })
}

const freeName = (name: string, taken: ReadonlySet<string>): string => {
  let number = 2
  while (taken.has(`${name}_${number}`)) number++
  return `${name}_${number}`
}
