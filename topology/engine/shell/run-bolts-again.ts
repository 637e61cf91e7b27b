/**
 * Runs the bolts over events that they took before, so that what came out of them leaves a sink again (I-3).
 *
 * A bolt that says `retry` is asked until it answers. Any other failure is not the record's fault, for the same bolts
 * took these events once: a retraction that left them out would keep for ever what a delete matches.
 */
import type { EventBatch } from '../../model/decoder.ts'
import { errors } from '../../model/errors.ts'
import { errorClassOf, messageOf } from '../../model/spillway-error.ts'
import type { Tuples } from '../../model/tuples.ts'
import { sinksBelow } from '../plan-questions.ts'
import { runBolts } from '../run-bolts.ts'
import { BatchMeter } from './batch-meter.ts'
import { duplicatesBySink } from './duplicates-by-sink.ts'
import { indicesWithout } from './left-out.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'

/** What the events give, without duplicates, to sinks that took all of them; and to which a bolt gives nothing now. */
export interface RunAgain {
  readonly bySink: ReadonlyMap<string, readonly Tuples[]>
  /** Errors of class `stop`. */
  readonly failed: ReadonlyMap<string, unknown>
}

/** Runs the bolts once for all sinks that leave out the same duplicates. */
export const runBoltsForAll = async (
  context: PartitionContext,
  sinks: readonly string[],
  events: EventBatch,
): Promise<RunAgain> => {
  const duplicates = await duplicatesBySink(context, sinks, events)
  const bySink = new Map<string, readonly Tuples[]>()
  const failed = new Map<string, unknown>()
  for (const [without, alike] of Map.groupBy(sinks, (sink) => duplicates.get(sink))) {
    const taken = without === undefined ? events : events.select(indicesWithout(events.length, without))
    const result = await runUntilAnswered(context, alike, taken)
    for (const [sink, tuples] of result.bySink) bySink.set(sink, tuples)
    for (const [sink, error] of result.failed) failed.set(sink, error)
  }
  return { bySink, failed }
}

/** What the events, without duplicates, give to a sink. Throws class `stop` when a bolt fails on them now. */
export const runBoltsAgain = async (
  context: PartitionContext,
  sink: string,
  events: EventBatch,
): Promise<readonly Tuples[]> => {
  const { bySink, failed } = await runBoltsForAll(context, [sink], events)
  if (failed.has(sink)) throw failed.get(sink)
  return bySink.get(sink) ?? []
}

const runUntilAnswered = (
  context: PartitionContext,
  sinks: readonly string[],
  events: EventBatch,
): Promise<RunAgain> => {
  const { parts, plan, signal } = context
  const meter = new BatchMeter(context, () => 'delete')
  return persist(parts, 'bolt', signal, async () => {
    const { failures, bySink } = await runBolts(plan, new Set(sinks), events, parts.tuplesOf, meter)
    const failed = new Map<string, unknown>()
    for (const { bolt, error } of failures) {
      const errorClass = errorClassOf(error, 'reject')
      if (errorClass === 'retry') throw error
      const stop = errorClass === 'stop' ? error : errors.boltUnsteady({ bolt, reason: messageOf(error) }, error)
      for (const sink of sinksBelow(plan, bolt)) if (sinks.includes(sink)) failed.set(sink, stop)
    }
    return { bySink, failed }
  })
}
