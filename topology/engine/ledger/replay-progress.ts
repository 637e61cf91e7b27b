/**
 * How far a replay is, from the ledger document of a partition alone: so whoever asks, beside a run or without one, gets
 * the same answer. It is done when its range is durable and every delete that stood in the log when it began is taken
 * out of it (I-3).
 */
import type { Counters, LedgerDocument, SinkState } from '../../model/ledger-document.ts'
import { addCounters, lanesOf } from './document.ts'

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
  Object.entries(doc.sinks).flatMap(([name, state]) =>
    state.replay?.namespace === namespace ? [replayedSink(doc, name, state, state.replay.of, end)] : [],
  )

const replayedSink = (doc: LedgerDocument, name: string, state: SinkState, of: string, end: number): ReplayedSink => {
  const lanes = lanesOf(doc, name).map(([, lane]) => lane)
  const counters = lanes.map((lane) => lane.counters).reduce(addCounters, state.counters)
  const offsets = (state.to ?? state.from) - state.from
  const open = lanes.reduce((sum, lane) => sum + ((lane.to ?? lane.at) - lane.at), 0)
  const isClean = doc.deletes.every((entry) => (entry.work[name]?.state ?? 'done') === 'done')
  const isDone = lanes.length === 0 && isClean && isScanned(doc, end)
  return { of, counters, offsets, committed: Math.max(0, offsets - open), isDone }
}

/**
 * Whether every delete record below `end` is listed: a lane lists what it meets before it moves on, so one declared sink
 * that has passed `end` is enough. There is always one that began no later than any replay.
 */
const isScanned = (doc: LedgerDocument, end: number): boolean =>
  doc.scannedTo >= end ||
  Object.entries(doc.sinks).some(
    ([name, { retired, replay }]) =>
      !retired && replay === undefined && lanesOf(doc, name).every(([, { at, to }]) => at >= Math.min(end, to ?? end)),
  )

/** Namespaces of the replays that a document holds. */
export const namespacesIn = (doc: LedgerDocument): readonly string[] =>
  Object.values(doc.sinks).flatMap(({ replay }) => replay?.namespace ?? [])
