/**
 * Looks at what a replay would read and write, and changes nothing: the sinks that it recomputes, and the offsets of the
 * range in each partition.
 *
 * A topology that was changed may be replayed too, if the replay goes on without an end: it is computed beside what has
 * run until now, and may take its place.
 */
import { type DocumentPorts, readRunDocument } from './change-document.ts'
import { planSpout } from './declare/plan-spout.ts'
import { knowsTokens } from './engine/knows-tokens.ts'
import { recomputedSinks } from './engine/replay-plan.ts'
import { errors } from './model/errors.ts'
import { formatTime } from './model/event-time.ts'
import type { LedgerDocument, ReplayRequest } from './model/ledger-document.ts'
import { namespacedSink } from './model/namespace.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { LedgerKey } from './model/ports/ledger.ts'
import { partition as toPartition } from './model/position.ts'
import type { Resources } from './model/run-handle.ts'
import type { PlannedSink } from './model/spout-plan.ts'
import type { Topology } from './model/topology.ts'
import { readServed, type Served } from './served.ts'

/** A replay in one partition: the declared sinks, and the offsets `[from, to)` of the range that the log still has. */
export interface ReplayPart {
  readonly key: LedgerKey
  readonly topic: string
  readonly sinks: readonly PlannedSink[]
  readonly from: number
  /** Of a replay without an end: the end of the log now. */
  readonly to: number
  /** End of the log: deletes up to here reach the replay before it is done. */
  readonly end: number
  /** Whether the log no longer has the beginning of what was asked for. */
  readonly isCut: boolean
  /** Whether a sink means something else than what readers see now. */
  readonly isChanged: boolean
  /** Delete records of the ledger's list that may match events of the range. */
  readonly deletes: number
}

export interface ReplayPlan {
  readonly request: ReplayRequest
  readonly parts: readonly ReplayPart[]
  /** Declared sinks of the user's own, which a replay leaves out. */
  readonly leftOut: readonly string[]
}

export type ReplayPorts = Pick<Resources, 'ledger' | 'logs'> & DocumentPorts

/** Whether some sink has changed: only who has this definition can serve it. */
export const isChangedReplay = ({ parts }: ReplayPlan): boolean => parts.some(({ isChanged }) => isChanged)

/**
 * Throws `badConfiguration` when the topology has not run here, or when the namespace holds another replay, `sinkChanged`
 * when a sink means something else than what has run and the replay would end.
 */
export const planReplay = async (
  topology: Topology,
  ports: ReplayPorts,
  request: ReplayRequest,
): Promise<ReplayPlan> => {
  const { namespace } = request
  const served = await readServed(ports.ledger, topology.name)
  refuseDropped(served, namespace)
  const parts: ReplayPart[] = []
  const leftOut = new Set<string>()
  for (const spout of topology.spouts) {
    const plan = planSpout(topology, spout.name)
    const sinks = recomputedSinks(plan)
    for (const { name } of plan.sinks) if (!sinks.some((one) => one.name === name)) leftOut.add(name)
    const log = ports.logs[spout.name] ?? ports.logs['default']
    if (log === undefined) throw errors.badConfiguration({ problem: `spout ${spout.name} has no log` })
    for (let index = 0; index < log.partitions && sinks.length > 0; index++) {
      const key = { topology: topology.name, spout: spout.name, partition: index }
      const doc = await readRunDocument(ports.ledger, key)
      parts.push(await planPart(doc, log, key, sinks, request, served))
    }
  }
  if (parts.length > 0) return { request, parts, leftOut: [...leftOut] }
  throw errors.badConfiguration({ problem: `topology ${topology.name} declares nothing that a replay could recompute` })
}

/** Throws `badConfiguration`. */
export const refuseDropped = ({ dropped }: Served, namespace: string): void => {
  if (!dropped.includes(namespace)) return
  throw errors.badConfiguration({ problem: `namespace ${namespace} was dropped; give another --into` })
}

const planPart = async (
  doc: LedgerDocument,
  log: EventLog,
  key: LedgerKey,
  sinks: readonly PlannedSink[],
  request: ReplayRequest,
  served: Served,
): Promise<ReplayPart> => {
  if (doc.log !== log.id) throw errors.logChanged({ topology: key.topology, expected: doc.log, found: log.id })
  for (const node of sinks) checkReplayed(doc, node, request, served)
  const partition = toPartition(key.partition)
  const { start, end } = await log.bounds(partition)
  const isChanged = sinks.some((node) => isOther(doc, node, served))
  const place = { key, topic: log.topic, sinks, end, isChanged }
  const begun = sinks.map((node) => doc.sinks[namespacedSink(node.name, request.namespace)]).find(Boolean)
  const upTo = async (from: number): Promise<number> =>
    request.toMs === null ? end : Math.max(from, await log.offsetAt(partition, request.toMs))
  // What has begun keeps its range: a time that was to come then may have passed since.
  if (begun !== undefined) {
    refuseGap(begun, Math.max(start, doc.start), request)
    const to = request.toMs === null ? Math.max(begun.from, end) : (begun.to ?? end)
    return { ...place, from: begun.from, to, isCut: false, deletes: deletesWithin(doc, begun.from) }
  }
  const asked = await log.offsetAt(partition, request.fromMs)
  const lowest = Math.max(start, doc.start)
  const from = Math.max(asked, lowest)
  refuseBlind(doc, sinks, from, served)
  const isCut = asked <= lowest && lowest > 0 && request.fromMs > 0
  return { ...place, from, to: await upTo(from), isCut, deletes: deletesWithin(doc, from) }
}

/** What has ended goes on behind its end, and the log must still have that. */
const refuseGap = (
  { to }: LedgerDocument['sinks'][string],
  start: number,
  { namespace, toMs }: ReplayRequest,
): void => {
  if (toMs !== null || to === null || to >= start) return
  const problem = `namespace ${namespace} ends at offset ${to} and the log begins at ${start} by now: it cannot go on; give another --into`
  throw errors.badConfiguration({ problem })
}

/** Duplicates are told by what was accepted before them: a definition that has accepted nothing yet begins at the start. */
const refuseBlind = (doc: LedgerDocument, sinks: readonly PlannedSink[], from: number, served: Served): void => {
  const isBlind = (node: PlannedSink): boolean =>
    isOther(doc, node, served) ? node.dedupes.length > 0 && from > doc.start : !knowsTokens(doc, node, from)
  const blind = sinks.find(isBlind)
  if (blind === undefined) return
  const problem = isOther(doc, blind, served)
    ? `sink ${blind.name} holds back duplicates and is defined anew: it can only be replayed from the beginning (without --from)`
    : `sink ${blind.name} holds back duplicates and has not read up to the range yet; let \`topology run\` pass it first`
  throw errors.badConfiguration({ problem })
}

/** Of records that may match events from an offset on. */
const deletesWithin = ({ deletes, archive }: LedgerDocument, from: number): number =>
  deletes.reduce((sum, entry) => sum + ((entry.offsets.at(-1)?.[1] ?? 0) > from ? entry.records : 0), 0) +
  archive.reduce((sum, block) => sum + (block.reach[1] > from ? block.records : 0), 0)

/** What readers see now in the place of a sink. */
const readNow = (doc: LedgerDocument, sink: string, served: Served): LedgerDocument['sinks'][string] | undefined =>
  doc.sinks[namespacedSink(sink, served.sinks[sink])] ?? doc.sinks[sink]

const isOther = (doc: LedgerDocument, node: PlannedSink, served: Served): boolean =>
  readNow(doc, node.name, served)?.fingerprint !== node.fingerprint

/** What is recomputed must be in service and mean the same, and the namespace be free or hold this very replay. */
export const checkReplayed = (doc: LedgerDocument, node: PlannedSink, request: ReplayRequest, served: Served): void => {
  const now = readNow(doc, node.name, served)
  if (request.toMs !== null) {
    if (now === undefined || now.retired) {
      const problem = `sink ${node.name} has not run here yet; \`topology run\` comes first`
      throw errors.badConfiguration({ problem })
    }
    if (now.fingerprint !== node.fingerprint) throw errors.sinkChanged({ sink: node.name })
  }
  const found = doc.sinks[namespacedSink(node.name, request.namespace)]
  if (found === undefined) return
  if (found.fingerprint !== node.fingerprint || found.lapsed === true)
    throw errors.badConfiguration({ problem: `namespace ${request.namespace} holds a replay of another ${node.name}` })
  // Looked at once more in the document that is changed: its start may have moved since it was planned.
  if (found.replay !== undefined && isSame(found.replay, request)) {
    refuseGap(found, doc.start, request)
    return
  }
  const held = found.replay === undefined ? '' : `: ${rangeText(found.replay)}`
  const problem = `namespace ${request.namespace} holds the replay of another range${held}; give another --into`
  throw errors.badConfiguration({ problem })
}

/** A range as it is written on the command line. */
const rangeText = ({ fromMs, toMs, tenant, timeframe }: Omit<ReplayRequest, 'namespace'>): string =>
  [
    ...(fromMs === 0 ? [] : [`--from ${formatTime(fromMs)}`]),
    toMs === null ? '--follow' : `--to ${formatTime(toMs)}`,
    ...(tenant === undefined ? [] : [`--tenant ${tenant}`]),
    ...(timeframe === undefined ? [] : [`--timeframe ${formatTime(timeframe.startMs)}/${formatTime(timeframe.endMs)}`]),
  ].join(' ')

/** What ends may be asked to go on; what goes on does not end any more. */
const isSame = (found: ReplayRequest, asked: ReplayRequest): boolean =>
  found.fromMs === asked.fromMs &&
  (found.toMs === asked.toMs || asked.toMs === null) &&
  found.tenant === asked.tenant &&
  found.timeframe?.startMs === asked.timeframe?.startMs &&
  found.timeframe?.endMs === asked.timeframe?.endMs
