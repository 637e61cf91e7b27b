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
import { runBolts } from '../run-bolts.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'

/** What the events give to a sink. Throws class `stop` when a bolt fails on them now. */
export const runBoltsAgain = (
  { parts, plan, signal }: PartitionContext,
  sink: string,
  events: EventBatch,
): Promise<readonly Tuples[]> =>
  persist(parts, 'bolt', signal, async () => {
    const { failures, bySink } = await runBolts(plan, new Set([sink]), events, parts.tuplesOf)
    for (const { bolt, error } of failures) {
      if (errorClassOf(error, 'reject') === 'reject')
        throw errors.boltUnsteady({ bolt, reason: messageOf(error) }, error)
      throw error
    }
    return bySink.get(sink) ?? []
  })
