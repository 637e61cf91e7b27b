/**
 * Begins a replay: one sink for each declared one goes into the ledger document of every partition, with a lane over
 * the range of append times that was asked for (PROTOCOL section 8). Whoever runs the topology serves them from then on.
 *
 * A partition takes all of them in one compare-and-set, and the same request again finds them there: so it may be
 * broken off anywhere and asked for again, by any process, beside a run or without one.
 */
import { planSpout } from './declare/plan-spout.ts'
import { knowsTokens } from './engine/knows-tokens.ts'
import { addSink } from './engine/ledger/lane-transitions.ts'
import { recomputedSinks } from './engine/replay-plan.ts'
import { persist } from './engine/shell/persist.ts'
import { errors } from './model/errors.ts'
import { formatTime } from './model/event-time.ts'
import { knobValue } from './model/knobs.ts'
import type { LedgerDocument, ReplayRequest } from './model/ledger-document.ts'
import { namespacedSink } from './model/namespace.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Ledger, LedgerKey } from './model/ports/ledger.ts'
import type { Random } from './model/ports/random.ts'
import { partition as toPartition } from './model/position.ts'
import type { Resources } from './model/run-handle.ts'
import type { PlannedSink } from './model/spout-plan.ts'
import type { Topology } from './model/topology.ts'

/** A replay in one partition: the declared sinks, and the offsets `[from, to)` of the range that the log still has. */
export interface ReplayPart {
  readonly key: LedgerKey
  readonly topic: string
  readonly sinks: readonly PlannedSink[]
  readonly from: number
  readonly to: number
  /** End of the log: deletes up to here reach the replay before it is done. */
  readonly end: number
  /** Whether the log no longer has the beginning of what was asked for. */
  readonly isCut: boolean
}

export interface ReplayPlan {
  readonly request: ReplayRequest
  readonly parts: readonly ReplayPart[]
}

export type ReplayPorts = Pick<Resources, 'ledger' | 'logs'> & { readonly clock: Clock; readonly random: Random }

/**
 * Looks at everything and changes nothing. Throws `badConfiguration` when the topology has not run here, or when the
 * namespace holds another replay, `sinkChanged` when a sink means something else than what has run.
 */
export const planReplay = async (
  topology: Topology,
  ports: ReplayPorts,
  request: ReplayRequest,
): Promise<ReplayPlan> => {
  const parts: ReplayPart[] = []
  for (const spout of topology.spouts) {
    const sinks = recomputedSinks(planSpout(topology, spout.name))
    const log = ports.logs[spout.name] ?? ports.logs['default']
    if (log === undefined) throw errors.badConfiguration({ problem: `spout ${spout.name} has no log` })
    for (let index = 0; index < log.partitions && sinks.length > 0; index++) {
      const key = { topology: topology.name, spout: spout.name, partition: index }
      parts.push(await planPart(await readDocument(ports.ledger, key), log, key, sinks, request))
    }
  }
  if (parts.length > 0) return { request, parts }
  throw errors.badConfiguration({ problem: `topology ${topology.name} declares nothing that a replay could recompute` })
}

/** Plans, and writes the sinks into the documents. Errors as `planReplay`. */
export const beginReplay = async (
  topology: Topology,
  ports: ReplayPorts,
  request: ReplayRequest,
  signal: AbortSignal,
): Promise<ReplayPlan> => {
  const plan = await planReplay(topology, ports, request)
  const patience = { ...ports, knob: (name: string) => knobValue(name, undefined), report: () => undefined }
  for (const part of plan.parts)
    await persist(patience, 'ledger', signal, () => writePart(ports.ledger, part, plan.request))
  return plan
}

const readDocument = async (ledger: Ledger, key: LedgerKey): Promise<LedgerDocument> => {
  const doc = await ledger.read(key)
  if (doc !== undefined) return doc
  const problem = `topology ${key.topology} has not run on partition ${key.partition} of spout ${key.spout} yet; \`topology run\` comes first`
  throw errors.badConfiguration({ problem })
}

const planPart = async (
  doc: LedgerDocument,
  log: EventLog,
  key: LedgerKey,
  sinks: readonly PlannedSink[],
  request: ReplayRequest,
): Promise<ReplayPart> => {
  if (doc.log !== log.id) throw errors.logChanged({ topology: key.topology, expected: doc.log, found: log.id })
  for (const node of sinks) checkSink(doc, node, request)
  const partition = toPartition(key.partition)
  const { start, end } = await log.bounds(partition)
  const place = { key, topic: log.topic, sinks, end }
  const begun = sinks.map((node) => doc.sinks[namespacedSink(node.name, request.namespace)]).find(Boolean)
  // What has begun keeps its range: a time that was to come then may have passed since.
  if (begun !== undefined) return { ...place, from: begun.from, to: begun.to ?? begun.from, isCut: false }
  const asked = await log.offsetAt(partition, request.fromMs)
  const lowest = Math.max(start, doc.start)
  const from = Math.max(asked, lowest)
  const to = Math.max(from, await log.offsetAt(partition, request.toMs))
  const blind = sinks.find((node) => !knowsTokens(doc, node, from))
  if (blind !== undefined) {
    const problem = `sink ${blind.name} holds back duplicates and has not read up to the range yet; let \`topology run\` pass it first`
    throw errors.badConfiguration({ problem })
  }
  return { ...place, from, to, isCut: asked <= lowest && lowest > 0 }
}

/** The base must be in service and mean the same, and the namespace be free or hold this very replay. */
const checkSink = (doc: LedgerDocument, node: PlannedSink, request: ReplayRequest): void => {
  const base = doc.sinks[node.name]
  if (base === undefined || base.retired) {
    const problem = `sink ${node.name} has not run here yet; \`topology run\` comes first`
    throw errors.badConfiguration({ problem })
  }
  if (base.fingerprint !== node.fingerprint) throw errors.sinkChanged({ sink: node.name })
  const found = doc.sinks[namespacedSink(node.name, request.namespace)]
  if (found === undefined) return
  if (found.fingerprint !== node.fingerprint || found.retired)
    throw errors.badConfiguration({ problem: `namespace ${request.namespace} holds a replay of another ${node.name}` })
  if (found.replay !== undefined && isSame(found.replay, request)) return
  const held = found.replay === undefined ? '' : `: ${rangeText(found.replay)}`
  const problem = `namespace ${request.namespace} holds the replay of another range${held}; give another --into`
  throw errors.badConfiguration({ problem })
}

const rangeText = ({ fromMs, toMs, tenant, timeframe }: Omit<ReplayRequest, 'namespace'>): string =>
  [
    `--from ${formatTime(fromMs)} --to ${formatTime(toMs)}`,
    ...(tenant === undefined ? [] : [`--tenant ${tenant}`]),
    ...(timeframe === undefined ? [] : [`--timeframe ${formatTime(timeframe.startMs)}/${formatTime(timeframe.endMs)}`]),
  ].join(' ')

const isSame = (left: ReplayRequest, right: ReplayRequest): boolean =>
  left.fromMs === right.fromMs &&
  left.toMs === right.toMs &&
  left.tenant === right.tenant &&
  left.timeframe?.startMs === right.timeframe?.startMs &&
  left.timeframe?.endMs === right.timeframe?.endMs

/** Lost and refused mean the same: read again, and look what is there. */
const writePart = async (ledger: Ledger, part: ReplayPart, request: ReplayRequest): Promise<void> => {
  const { key, from, to } = part
  for (;;) {
    const doc = await readDocument(ledger, key)
    let next = doc
    for (const node of part.sinks) {
      checkSink(doc, node, request)
      const { kind: sinkKind, fingerprint, order } = node
      const sink = namespacedSink(node.name, request.namespace)
      const replay = { ...request, of: node.name }
      const added = addSink(next, { kind: 'addSink', sink, sinkKind, order, from, to, fingerprint, replay })
      if (typeof added !== 'string') next = added
    }
    if (next === doc) return
    if ((await ledger.compareAndSet(key, doc.ver, { ...next, ver: doc.ver + 1 })) === 'applied') return
  }
}
