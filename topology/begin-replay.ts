/**
 * Begins a replay: one sink for each declared one goes into the ledger document of every partition, with a lane over
 * the range of append times that was asked for (PROTOCOL section 8). Whoever runs the topology serves them from then on.
 *
 * A partition takes all of them in one compare-and-set, and the same request again finds them there: so it may be
 * broken off anywhere and asked for again, by any process, beside a run or without one. It is also how its rate is changed.
 */
import { changeDocument, withPatience } from './change-document.ts'
import { withoutNamespace, withRate, withReplay } from './engine/ledger/replay-transitions.ts'
import type { LedgerDocument, ReplayRequest } from './model/ledger-document.ts'
import type { Topology } from './model/topology.ts'
import {
  checkReplayed,
  planReplay,
  type ReplayPart,
  type ReplayPlan,
  type ReplayPorts,
  refuseDropped,
} from './plan-replay.ts'
import { readServed, type Served } from './served.ts'

export interface ReplayPace {
  /** Records a second over all partitions, `null`: as fast as its share lets it. Absent: as it was. */
  readonly rate?: number | null
}

/** Plans, and writes the sinks into the documents. Errors as `planReplay`. */
export const beginReplay = async (
  topology: Topology,
  ports: ReplayPorts,
  request: ReplayRequest,
  signal: AbortSignal,
  pace: ReplayPace = {},
): Promise<ReplayPlan> => {
  const plan = await withPatience(ports, signal, () => planReplay(topology, ports, request))
  const served = await withPatience(ports, signal, () => readServed(ports.ledger, topology.name))
  const rates = rateParts(plan.parts, pace.rate)
  for (const [index, part] of plan.parts.entries()) {
    const change = (doc: LedgerDocument): LedgerDocument => {
      const begun = begunIn(doc, part, request, served)
      return pace.rate === undefined ? begun : withRate(begun, request.namespace, rates[index])
    }
    await changeDocument(ports, part.key, signal, change)
  }
  // A drop strikes the name out first: where it has passed a partition before the sinks came, it is seen here.
  const now = await withPatience(ports, signal, () => readServed(ports.ledger, topology.name))
  if (now.dropped.includes(request.namespace))
    for (const { key } of plan.parts)
      await changeDocument(ports, key, signal, (doc) => withoutNamespace(doc, request.namespace))
  refuseDropped(now, request.namespace)
  return plan
}

const begunIn = (doc: LedgerDocument, part: ReplayPart, request: ReplayRequest, served: Served): LedgerDocument => {
  for (const node of part.sinks) checkReplayed(doc, node, request, served)
  const { from, to } = part
  return withReplay(doc, part.sinks, { from, to: request.toMs === null ? null : to }, request)
}

/** Each partition has the part of the rate with which all of them end together. */
const rateParts = (parts: readonly ReplayPart[], rate: number | null | undefined): readonly (number | undefined)[] => {
  if (rate === null || rate === undefined) return parts.map(() => undefined)
  const sizes = parts.map(({ from, to }) => Math.max(1, to - from))
  const all = sizes.reduce((sum, size) => sum + size, 0)
  return sizes.map((size) => (rate * size) / all)
}
