/** The status of a topology from its ledger documents, and, where one runs, from what its lanes have read. */
import type {
  ArchivedDelete,
  DeleteEntry,
  DeleteText,
  LaneState,
  LedgerDocument,
  SinkState,
} from '../../model/ledger-document.ts'
import type { LaneStatus, LostStatus, SinkStatus, TopologyStatus, WaitingFor } from '../../model/run-handle.ts'
import { deletesOf } from '../deletes-of.ts'
import { addCounters, lanePosition, noCounters } from '../ledger/document.ts'

/** One partition as a reader of the ledger sees it. */
export interface PartitionView {
  readonly spout: string
  readonly topic: string
  readonly partition: number
  readonly doc: LedgerDocument
  /** End of the log. */
  readonly end: number
  /** Offset that a lane has read up to; `undefined` where nobody tells: then what it has taken on. */
  readonly positionOf: (lane: number) => number | undefined
  /** What a listed entry says, where it is known. */
  readonly textOf: (entry: DeleteEntry) => DeleteText | undefined
  /** Deletes of the archive that are to be told of. */
  readonly archived?: readonly ArchivedDelete[]
  /** Whether the sink has stopped with an error, so that its work does not go on. */
  readonly hasFailed?: (sink: string) => boolean
}

export const statusOf = (
  topology: string,
  state: TopologyStatus['state'],
  views: readonly PartitionView[],
  waitingFor: readonly WaitingFor[] = [],
  isPaused: (sink: string) => boolean = () => false,
): TopologyStatus => {
  const lanes = views.flatMap((view) => lanesIn(view, false))
  // Nobody serves them: they have counted and committed, and are behind of nothing.
  const retired = views.flatMap((view) => lanesIn(view, true))
  const names = new Set(views.flatMap(({ doc }) => Object.keys(doc.sinks)))
  const sinks: Record<string, SinkStatus> = {}
  for (const name of names) {
    const states = views.flatMap(({ doc }) => doc.sinks[name] ?? [])
    const own = lanes.filter((lane) => lane.sink === name)
    const left = retired.filter((lane) => lane.sink === name)
    sinks[name] = sinkStatus(states, own, left, isPaused(name))
  }
  let deletes: TopologyStatus['deletes'] | undefined
  return {
    topology,
    state,
    lanes,
    sinks,
    waitingFor,
    lost: views.flatMap(lostIn),
    // Thousands may be open, and whoever asks for lanes, many times a second, does not want them.
    get deletes() {
      deletes ??= deletesOf(views)
      return deletes
    },
  }
}

const sinkStatus = (
  states: readonly SinkState[],
  lanes: readonly LaneStatus[],
  retired: readonly LaneStatus[],
  paused: boolean,
): SinkStatus => ({
  kind: states[0]?.kind ?? 'custom',
  retired: states.every((one) => one.retired),
  namespace: states[0]?.replay?.namespace ?? null,
  paused,
  counters: [...states, ...lanes, ...retired].map((one) => one.counters).reduce(addCounters, noCounters),
  lagEvents: lanes.reduce((sum, lane) => sum + lane.lagEvents, 0),
  heldEvents: lanes.reduce((sum, lane) => sum + lane.heldEvents, 0),
  committedAtMs: Math.max(0, ...[...lanes, ...retired].map((lane) => lane.committedAtMs)),
})

const lostIn = ({ spout, topic, partition, doc }: PartitionView): readonly LostStatus[] =>
  (doc.lost ?? []).map((range) => ({ spout, topic, partition, ...range }))

const lanesIn = (view: PartitionView, ofRetired: boolean): readonly LaneStatus[] =>
  Object.entries(view.doc.lanes)
    .filter(([, { sink }]) => (view.doc.sinks[sink]?.retired ?? false) === ofRetired)
    .map(([id, lane]) => laneStatus(view, id, lane))

/** Lag is counted from the position read; what is read and not yet durable is held. */
const laneStatus = (view: PartitionView, id: string, lane: LaneState): LaneStatus => {
  const { spout, topic, partition } = view
  const { sink, from, to, tenants, at, declared, slot, counters, committedAtMs } = lane
  const position = Math.max(lanePosition(lane), view.positionOf(Number(id)) ?? 0)
  const end = Math.min(to ?? view.end, view.end)
  const kind = view.doc.sinks[sink]?.kind ?? 'custom'
  const place = {
    sink,
    kind,
    spout,
    topic,
    partition,
    lane: Number(id),
    from,
    to,
    tenants,
    at,
    declared,
    position,
    slot,
  }
  return {
    ...place,
    lagEvents: Math.max(0, end - position),
    heldEvents: Math.max(0, position - at),
    counters,
    committedAtMs,
  }
}
