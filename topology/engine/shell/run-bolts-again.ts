/**
 * Runs the bolts over events that they took before, so that what came out of them leaves a sink again (I-3).
 *
 * A bolt that says `retry` is asked until it answers. Any other failure, and no answer at all, is not the record's fault,
 * for the same bolts took these events once: a retraction that left them out would keep for ever what a delete matches.
 */
import type { EventBatch } from '../../model/decoder.ts'
import { errors } from '../../model/errors.ts'
import { errorClassOf, messageOf } from '../../model/spillway-error.ts'
import type { Tuples } from '../../model/tuples.ts'
import { sinksBelow } from '../plan-questions.ts'
import type { BatchResult } from '../run-bolts.ts'
import { BatchMeter } from './batch-meter.ts'
import { duplicatesBySink } from './duplicates-by-sink.ts'
import { indicesWithout } from './left-out.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'
import { type LateBolt, runBoltsWatched } from './run-bolts-watched.ts'

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

const runUntilAnswered = async (
  context: PartitionContext,
  sinks: readonly string[],
  events: EventBatch,
): Promise<RunAgain> => {
  // One event has as many chances as one that ends its process.
  const chances = events.length > 1 ? 1 : context.parts.knob('poison.attempts')
  let result = await ask(context, sinks, events)
  for (let asked = 1; asked < chances && 'mostMs' in result; asked++) result = await ask(context, sinks, events)
  if (!('mostMs' in result)) return { bySink: result.bySink, failed: failedSinks(context, sinks, result) }
  return events.length > 1 ? runOneByOne(context, sinks, events) : runWithout(context, sinks, events, result)
}

const ask = (
  context: PartitionContext,
  sinks: readonly string[],
  events: EventBatch,
): Promise<BatchResult | LateBolt> => {
  const { parts, signal } = context
  const meter = new BatchMeter(context, () => 'delete')
  return persist(parts, 'bolt', signal, async () => {
    const answer = await runBoltsWatched(context, sinks, events, meter)
    const retry = 'mostMs' in answer ? undefined : answer.failures.find(({ error }) => isRetry(error))
    if (retry !== undefined) throw retry.error
    return answer
  })
}

const isRetry = (error: unknown): boolean => errorClassOf(error, 'reject') === 'retry'

const failedSinks = (
  { plan }: PartitionContext,
  sinks: readonly string[],
  { failures }: BatchResult,
): ReadonlyMap<string, unknown> => {
  const failed = new Map<string, unknown>()
  for (const { bolt, error } of failures) {
    const isStop = errorClassOf(error, 'reject') === 'stop'
    const stop = isStop ? error : errors.boltUnsteady({ bolt, reason: messageOf(error) }, error)
    for (const sink of sinksBelow(plan, bolt)) if (sinks.includes(sink)) failed.set(sink, stop)
  }
  return failed
}

/** What takes too long together may do well alone, as where lanes read with care. */
const runOneByOne = async (
  context: PartitionContext,
  sinks: readonly string[],
  events: EventBatch,
): Promise<RunAgain> => {
  const bySink = new Map<string, readonly Tuples[]>()
  const failed = new Map<string, unknown>()
  for (let index = 0; index < events.length; index++) {
    const left = sinks.filter((sink) => !failed.has(sink))
    if (left.length === 0) break
    const result = await runUntilAnswered(context, left, events.select([index]))
    for (const [sink, tuples] of result.bySink) bySink.set(sink, [...(bySink.get(sink) ?? []), ...tuples])
    for (const [sink, error] of result.failed) failed.set(sink, error)
  }
  return { bySink, failed }
}

/** One event is enough for the bolt never to answer: it stops the sinks below, and the others go on. */
const runWithout = async (
  context: PartitionContext,
  sinks: readonly string[],
  events: EventBatch,
  { bolt, mostMs }: LateBolt,
): Promise<RunAgain> => {
  const stop = errors.boltUnsteady({ bolt, reason: `it does not answer within ${mostMs} ms` })
  const below = new Set(sinksBelow(context.plan, bolt))
  const others = sinks.filter((sink) => !below.has(sink))
  const stopped = sinks.filter((sink) => below.has(sink))
  // No call of a bolt was open: nobody can be told apart.
  if (stopped.length === 0) throw stop
  const rest = others.length === 0 ? undefined : await runUntilAnswered(context, others, events)
  const failed = new Map(rest?.failed)
  for (const sink of stopped) failed.set(sink, stop)
  return { bySink: rest?.bySink ?? new Map(), failed }
}
