/**
 * The builder: runs the user's function once and turns its calls into a frozen topology.
 *
 * Nothing connects and nothing is called later. Every call notes where it stands in the user's file. Problems of the
 * calls themselves (a foreign stream, options that `rollup()` refuses) are collected here, those of the graph by
 * `validateTopology`; all are thrown together.
 */
import { takingRefusals } from '../model/refusal.ts'
import type { SpoutNode, Topology } from '../model/topology.ts'
import { callerLocation } from './caller-location.ts'
import { DeclaredStream } from './declared-stream.ts'
import { addNode, type Draft } from './draft.ts'
import { frozenCopy } from './frozen-copy.ts'
import { rememberLocation } from './node-location.ts'
import { inOrderOfText, type Problem, problem } from './problem.ts'
import type { TopologyBuilder } from './stream.ts'
import { thrownProblem } from './thrown-problem.ts'
import { TopologyProblems } from './topology-problems.ts'
import { validateTopology } from './validate-topology.ts'

/**
 * Declares a topology. Gives frozen plain data (functions, operators and sinks apart); `run` makes it work.
 *
 * `name` becomes part of tables, object names and the ledger's key: another name is another topology.
 *
 * Throws one `TopologyProblems` (class `stop`) with every problem found, each with its place and a suggestion.
 *
 *     export default defineTopology('shop', (t) => {
 *       const events = t.spout('events', log())
 *       events.sink('events', eventRows())
 *     })
 */
export const defineTopology = (name: string, declare: (t: TopologyBuilder) => void): Topology => {
  const at = callerLocation()
  const draft: Draft = { spouts: [], bolts: [], sinks: [], problems: [], isOpen: true }
  const thrown = runDeclaration(draft, declare)
  draft.isOpen = false
  const topology = frozenTopology(String(name), draft)
  rememberLocation(topology, at)
  const found = [...draft.problems, ...(thrown === undefined ? validateTopology(topology) : withoutNone(topology))]
  const all = thrown === undefined ? found : [...found, thrown.problem]
  if (all.length > 0) throw new TopologyProblems(topology.name, inOrderOfText(all), thrown?.cause)
  return topology
}

/** A declaration broken off by a refused option is not also blamed for the sinks that it did not reach. */
const withoutNone = (topology: Topology): readonly Problem[] =>
  topology.sinks.length === 0 ? [] : validateTopology(topology)

const runDeclaration = (
  draft: Draft,
  declare: (t: TopologyBuilder) => void,
): { readonly problem: Problem; readonly cause: unknown } | undefined => {
  try {
    const result: unknown = takingRefusals(
      () => declare(builderOf(draft)),
      (refusal) => draft.problems.push(thrownProblem(refusal)),
    )
    if (result instanceof Promise) {
      result.catch(() => undefined)
      draft.problems.push(problem('the declaring function is async', 'load what it needs before, and declare at once'))
    }
    return undefined
  } catch (cause) {
    return { problem: thrownProblem(cause), cause }
  }
}

const builderOf = (draft: Draft): TopologyBuilder => ({
  spout: (name, source) => {
    const at = callerLocation()
    const given: unknown = source
    const isLog = typeof given === 'object' && given !== null && 'kind' in given && given.kind === 'log'
    if (!isLog) draft.problems.push(problem(`spout ${name} has no source`, 'write t.spout(name, log({ ... }))', at))
    const options = isLog ? frozenCopy(source.options ?? {}) : {}
    const node: SpoutNode = { kind: 'spout', name: String(name), options }
    addNode(draft, draft.spouts, node, at)
    return new DeclaredStream(draft, [node.name], false)
  },
  merge: (streams) => {
    const at = callerLocation()
    const inputs: string[] = []
    const list: readonly unknown[] = Array.isArray(streams) ? streams : []
    if (list.length === 0) draft.problems.push(problem('t.merge joins nothing', 'write t.merge([a, b])', at))
    for (const stream of list) inputs.push(...mergedInputs(draft, stream, at))
    for (const name of new Set(inputs.filter((one, index) => inputs.indexOf(one) !== index))) {
      draft.problems.push(problem(`t.merge joins ${name} twice: each of its tuples would count twice`, undefined, at))
    }
    return new DeclaredStream(draft, [...new Set(inputs)], false)
  },
})

const mergedInputs = (draft: Draft, stream: unknown, at: ReturnType<typeof callerLocation>): readonly string[] => {
  if (!(stream instanceof DeclaredStream)) {
    draft.problems.push(problem('t.merge was given something that is no stream', 'write t.merge([a, b])', at))
    return []
  }
  if (!stream.isOf(draft)) {
    draft.problems.push(problem(`t.merge was given a stream of another topology: ${stream.name}`, undefined, at))
    return []
  }
  if (stream.isState) {
    const advice = 'merge the streams above the operator'
    draft.problems.push(problem(`t.merge was given ${stream.name}, which keeps rows and emits nothing`, advice, at))
    return []
  }
  return stream.inputs
}

const frozenTopology = (name: string, draft: Draft): Topology =>
  Object.freeze({
    kind: 'topology',
    name,
    spouts: Object.freeze([...draft.spouts]),
    bolts: Object.freeze([...draft.bolts]),
    sinks: Object.freeze([...draft.sinks]),
  })

/** Whether a value (a module's default export) is a topology. */
export const isTopology = (value: unknown): value is Topology =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'topology'
