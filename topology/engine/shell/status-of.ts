/** The status of a topology from its ledger documents, and, where one runs, from what its lanes have read. */
import type { LaneState, LedgerDocument, SinkState } from '../../model/ledger-document.ts'
import type { LaneStatus, SinkStatus, TopologyStatus } from '../../model/run-handle.ts'
import { entryOffset, isDeleteDone, isDeletePartial } from '../ledger/delete-transitions.ts'
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
}

export const statusOf = (
  topology: string,
  state: TopologyStatus['state'],
  views: readonly PartitionView[],
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
  return { topology, state, lanes, sinks, deletes: views.flatMap(deletesIn) }
}

const sinkStatus = (
  states: readonly SinkState[],
  lanes: readonly LaneStatus[],
  retired: readonly LaneStatus[],
  paused: boolean,
): SinkStatus => ({
  kind: states[0]?.kind ?? 'custom',
  retired: states.every((one) => one.retired),
  paused,
  counters: [...states, ...lanes, ...retired].map((one) => one.counters).reduce(addCounters, noCounters),
  lagEvents: lanes.reduce((sum, lane) => sum + lane.lagEvents, 0),
  heldEvents: lanes.reduce((sum, lane) => sum + lane.heldEvents, 0),
  committedAtMs: Math.max(0, ...[...lanes, ...retired].map((lane) => lane.committedAtMs)),
})

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

const deletesIn = (view: PartitionView): TopologyStatus['deletes'] =>
  view.doc.deletes.flatMap((entry) => {
    // What the log no longer has stays partial for good; `remaining` tells it from work that goes on.
    const ended = isDeletePartial(entry) ? 'partial' : 'done'
    const isDone = isDeleteDone(view.doc, entry)
    const states = Object.values(entry.work).map((work) => work.state)
    const running = states.some((one) => one !== 'waiting') ? 'running' : 'accepted'
    const partly = states.some((one) => one === 'done') ? 'partial' : running
    const remaining = states.filter((one) => one !== 'done').length
    const { partition } = view
    const listed = entry.records.map((record) => {
      const id = String(record.request['id'] ?? entryOffset(entry))
      return { id, state: isDone ? ended : partly, partition, offset: record.offset, remaining }
    })
    const refused = entry.refused.map(({ offset }) => ({
      id: String(offset),
      state: 'refused',
      partition,
      offset,
      remaining: 0,
    }))
    return [...listed, ...refused]
  })
