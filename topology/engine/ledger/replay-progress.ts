/**
 * How far a replay is, from the ledger document of a partition alone: so whoever asks, beside a run or without one, gets
 * the same answer. It is done when its range is durable and every delete that stood in the log when it began is taken
 * out of it (I-3); one without an end is done up to where the log ended then.
 */
import type { Counters, LaneState, LedgerDocument, SinkState } from '../../model/ledger-document.ts'
import { addCounters, lanesOf } from './document.ts'
import { sinksOfNamespace } from './replay-transitions.ts'

export interface ReplayedSink {
  /** The declared sink. */
  readonly of: string
  readonly counters: Counters
  /** Offsets of its range, and how many of them are committed. */
  readonly offsets: number
  readonly committed: number
  readonly isDone: boolean
}

/** The sinks of a namespace. `end`: of the log when the replay began. */
export const replayProgress = (doc: LedgerDocument, namespace: string, end: number): readonly ReplayedSink[] =>
  sinksOfNamespace(doc, namespace).map(([name, state]) => replayedSink(doc, name, state, state.replay.of, end))

const replayedSink = (doc: LedgerDocument, name: string, state: SinkState, of: string, end: number): ReplayedSink => {
  const lanes = lanesOf(doc, name).map(([, lane]) => lane)
  const counters = lanes.map((lane) => lane.counters).reduce(addCounters, state.counters)
  const offsets = Math.max(0, (state.to ?? end) - state.from)
  const open = lanes.reduce((sum, lane) => sum + leftIn(lane, end), 0)
  const isClean = doc.deletes.every((entry) => (entry.work[name]?.state ?? 'done') === 'done')
  const isDone = open === 0 && isClean && (state.to === null || isScanned(doc, end))
  return { of, counters, offsets, committed: Math.max(0, offsets - open), isDone }
}

const leftIn = ({ at, to }: LaneState, end: number): number => Math.max(0, (to ?? end) - at)

/**
 * Whether every delete record below `end` is listed: a lane lists what it meets before it moves on, so one declared sink
 * that has passed `end` is enough. There is always one that began no later than any replay. One without an end meets the
 * deletes itself.
 */
const isScanned = (doc: LedgerDocument, end: number): boolean =>
  doc.scannedTo >= end ||
  Object.entries(doc.sinks).some(
    ([name, { retired, replay }]) =>
      !retired && replay === undefined && lanesOf(doc, name).every(([, { at, to }]) => at >= Math.min(end, to ?? end)),
  )

/** Namespaces of the replays that a document holds, without those that were dropped. */
export const namespacesIn = (doc: LedgerDocument): readonly string[] =>
  Object.values(doc.sinks).flatMap(({ replay, lapsed }) => (lapsed === true ? [] : (replay?.namespace ?? [])))
