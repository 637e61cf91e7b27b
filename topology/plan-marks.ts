/**
 * What a plan has to know beside the topology: which of its sinks are served, and which namespaces readers see in the
 * place of sinks. Plain data: whoever plans again in another process marks its plans alike.
 */
import { topologyGraph } from './declare/topology-graph.ts'
import { sinksBelow } from './engine/plan-questions.ts'
import { errors } from './model/errors.ts'
import type { LedgerDocument } from './model/ledger-document.ts'
import { namespacedSink, namespaceOf } from './model/namespace.ts'
import { didYouMean } from './model/nearest-name.ts'
import type { Ledger } from './model/ports/ledger.ts'
import type { PlannedSink, SpoutPlan } from './model/spout-plan.ts'
import type { Topology } from './model/topology.ts'
import { readServed } from './served.ts'

export interface PlanMarks {
  /** Names of sinks, as in `SpoutPlan`. Absent: all. */
  readonly only?: readonly string[]
  /** What readers see was changed at some time, and partitions may have been told of it. Absent: never. */
  readonly wasPromoted?: true
  /** By the declared sink. */
  readonly promoted: Readonly<Record<string, { readonly namespace: string; readonly isSuperseded: boolean }>>
}

export const markedPlan = (plan: SpoutPlan, { only, promoted }: PlanMarks): SpoutPlan => {
  const sinks = plan.sinks.map((node): PlannedSink => {
    const found = promoted[node.name]
    if (found === undefined) return node
    return { ...node, promotedIn: found.namespace, ...(found.isSuperseded ? { isSuperseded: true } : {}) }
  })
  return { ...plan, sinks, ...(only === undefined ? {} : { only }) }
}

export const readPlanMarks = async (
  ledger: Ledger,
  topology: string,
  plans: readonly SpoutPlan[],
  only?: readonly string[],
): Promise<PlanMarks> => {
  const served = await readServed(ledger, topology)
  const names = Object.keys(served.sinks)
  const marks = {
    ...(only === undefined ? {} : { only }),
    ...(served.atMs > 0 ? ({ wasPromoted: true } as const) : {}),
  }
  if (names.length === 0) return { ...marks, promoted: {} }
  const docs: LedgerDocument[] = []
  for (const key of await ledger.keys(topology)) {
    const doc = await ledger.read(key)
    if (doc !== undefined) docs.push(doc)
  }
  const nodes = new Map(plans.flatMap(({ sinks }) => sinks.map((node) => [node.name, node] as const)))
  const marked = names.flatMap((name) => {
    const node = nodes.get(name)
    const namespace = served.sinks[name]!
    return node === undefined ? [] : [[name, { namespace, isSuperseded: isSuperseded(docs, node, namespace) }] as const]
  })
  return { ...marks, promoted: Object.fromEntries(marked) }
}

/** Its own rows are of another definition, or deletes have gone by without it: what is read in its place goes on alone. */
const isSuperseded = (docs: readonly LedgerDocument[], node: PlannedSink, namespace: string): boolean =>
  docs.some(({ sinks }) => {
    const [own, read] = [sinks[node.name], sinks[namespacedSink(node.name, namespace)]]
    if (own === undefined || read?.fingerprint !== node.fingerprint) return false
    return own.fingerprint !== node.fingerprint || own.lapsed === true
  })

/** Sinks that branches mean: a sink by its name, a bolt for all sinks below it. Throws `badConfiguration` for a name that is neither. */
export const sinksOfBranches = (
  topology: Topology,
  plans: readonly SpoutPlan[],
  branches: readonly string[],
): readonly string[] => {
  const sinks = topology.sinks.map(({ name }) => name)
  const known = [...sinks, ...topologyGraph(topology).sortedBolts.map(({ name }) => name)]
  const found = branches.map((branch) => {
    const below = sinks.includes(branch) ? [branch] : plans.flatMap((plan) => sinksBelow(plan, branch))
    if (below.length > 0) return below
    const what = known.includes(branch)
      ? `bolt ${branch} has no sink below it`
      : `no sink or bolt is named ${JSON.stringify(branch)}`
    const suggestion = known.includes(branch) ? undefined : didYouMean(branch, known)
    throw errors.badConfiguration({ problem: suggestion === undefined ? what : `${what}; ${suggestion}` })
  })
  return [...new Set(found.flat())]
}

/** The same, where sinks of namespaces may be named as well. */
export const servedBy = (
  topology: Topology,
  plans: readonly SpoutPlan[],
  names: readonly string[],
): readonly string[] => [
  ...names.filter((name) => namespaceOf(name) !== undefined),
  ...sinksOfBranches(
    topology,
    plans,
    names.filter((name) => namespaceOf(name) === undefined),
  ),
]
