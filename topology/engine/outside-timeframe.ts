/**
 * Events that a replay leaves out because they happened outside of the event times it was asked for. A function of the
 * event and of the request, which never changes: so whoever asks, and however often, gets the same answer (I-1).
 */
import type { EventBatch } from '../model/decoder.ts'
import type { PlannedSink } from '../model/spout-plan.ts'

/** Indices, ascending. */
export const outsideTimeframe = (node: PlannedSink | undefined, events: EventBatch): readonly number[] => {
  const timeframe = node?.replay?.timeframe
  if (timeframe === undefined) return []
  const outside: number[] = []
  const timesMs = events.timesMs()
  for (let index = 0; index < events.length; index++) {
    const timeMs = timesMs[index]!
    if (timeMs < timeframe.startMs || timeMs >= timeframe.endMs) outside.push(index)
  }
  return outside
}
