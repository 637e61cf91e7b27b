/** The status of a topology from its ledger documents, and, where one runs here, from its lanes. */
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { LaneStatus, TopologyStatus } from '../../model/run-handle.ts'
import { entryOffset, isDeleteDone } from '../ledger/delete-transitions.ts'
import { addCounters, lanePosition, noCounters } from '../ledger/document.ts'

/** One partition as a reader of the ledger sees it. */
export interface PartitionView {
  readonly spout: string
  readonly topic: string
  readonly partition: number
  readonly doc: LedgerDocument
  /** End of the log. */
  readonly end: number
  /** Offset that a lane has read up to in this process; `undefined`: what it has taken on. */
  readonly positionOf: (lane: number) => number | undefined
}

export const statusOf = (
  topology: string,
  state: TopologyStatus['state'],
  views: readonly PartitionView[],
  isPaused: (sink: string) => boolean = () => false,
): TopologyStatus => {
  const sinks: Record<string, TopologyStatus['sinks'][string]> = {}
  const note = (name: string, counters: typeof noCounters): void => {
    sinks[name] = { ...addCounters(sinks[name] ?? noCounters, counters), paused: isPaused(name) }
  }
  for (const { doc } of views) {
    for (const [name, sink] of Object.entries(doc.sinks)) note(name, sink.counters)
    for (const lane of Object.values(doc.lanes)) note(lane.sink, lane.counters)
  }
  return { topology, state, lanes: views.flatMap(lanesIn), sinks, deletes: views.flatMap(deletesIn) }
}

const lanesIn = (view: PartitionView): readonly LaneStatus[] =>
  Object.entries(view.doc.lanes)
    .filter(([, lane]) => view.doc.sinks[lane.sink]?.retired === false)
    .map(([id, lane]) => {
      const position = view.positionOf(Number(id)) ?? lanePosition(lane)
      const { spout, topic, partition } = view
      const { sink, from, to, tenants, at, declared, slot, counters } = lane
      const end = Math.min(to ?? view.end, view.end)
      const lagEvents = Math.max(0, end - position)
      const kind = view.doc.sinks[sink]!.kind
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
      return { ...place, lagEvents, heldEvents: Math.max(0, position - at), counters }
    })

const deletesIn = (view: PartitionView): TopologyStatus['deletes'] =>
  view.doc.deletes.flatMap((entry) => {
    const isDone = isDeleteDone(view.doc, entry)
    const states = Object.values(entry.work).map((work) => work.state)
    const running = states.some((one) => one !== 'waiting') ? 'running' : 'accepted'
    const partly = states.some((one) => one === 'done') ? 'partial' : running
    const remaining = states.filter((one) => one !== 'done').length
    const { partition } = view
    const listed = entry.records.map((record) => {
      const id = String(record.request['id'] ?? entryOffset(entry))
      return { id, state: isDone ? 'done' : partly, partition, offset: record.offset, remaining }
    })
    const refused = entry.refused.map((one) => ({
      id: String(one.offset),
      state: 'refused',
      partition,
      offset: one.offset,
      remaining: 0,
    }))
    return [...listed, ...refused]
  })
