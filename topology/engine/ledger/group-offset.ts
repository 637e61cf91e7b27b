/**
 * The offset of a partition that lag tools see: everything below is durable on the sinks in service (PROTOCOL section
 * 10). Replays that nobody reads yet, and sinks that fill up from behind, are left out: they would move it back. Nothing is recovered from it.
 */
import type { LaneState, LedgerDocument, SinkState } from '../../model/ledger-document.ts'
import { plantedFaults } from '../../model/planted-faults.ts'
import { lanePosition, lanesOf } from './document.ts'

const durableTo = (lane: LaneState): number =>
  plantedFaults.has('group-offset-of-declared') ? lanePosition(lane) : lane.at

/** `undefined`: no sink tells. */
export const groupOffset = (doc: LedgerDocument): number | undefined => {
  let lowest = Number.POSITIVE_INFINITY
  for (const [name, sink] of Object.entries(doc.sinks)) {
    if (sink.retired || (sink.replay !== undefined && sink.replay.isPromoted !== true)) continue
    const at = Math.min(...lanesOf(doc, name).map(([, lane]) => durableTo(lane)))
    if (at >= (sink.backfillTo ?? 0)) lowest = Math.min(lowest, at)
  }
  return Number.isFinite(lowest) ? lowest : undefined
}

/** Where the other sinks in service stand that began with the topology: one that comes later fills up to there. */
const reachedByOthers = (doc: LedgerDocument, sink: string): number => {
  const { [sink]: _own, ...others } = doc.sinks
  return groupOffset({ ...doc, sinks: others }) ?? 0
}

/** Marks a sink that begins, or begins again, at `at`, where others stand ahead of it. */
export const withBackfill = (doc: LedgerDocument, sink: string, state: SinkState, at: number): SinkState => {
  const reached = reachedByOthers(doc, sink)
  return reached > at ? { ...state, backfillTo: reached } : state
}
