/**
 * Runs bolts over events that were taken before, as somebody watches who would survive a loss: they are marked, so that no
 * record that is read beside them is charged with what they do, and are waited for as long as one call may take.
 *
 * The worker is not ended for a call that takes too long, as it is for a lane: the same call would end the next one, too.
 */
import type { EventBatch } from '../../model/decoder.ts'
import { offset } from '../../model/position.ts'
import { type BatchResult, type BoltRuns, runBolts } from '../run-bolts.ts'
import type { PartitionContext } from './partition-context.ts'

/** No answer in time; `bolt`: which one was at work. */
export interface LateBolt {
  readonly bolt: string
  readonly mostMs: number
}

export const runBoltsWatched = async (
  context: PartitionContext,
  sinks: readonly string[],
  events: EventBatch,
  runs: BoltRuns,
): Promise<BatchResult | LateBolt> => {
  const { marks, plan, parts, partition } = context
  const run = (noted: BoltRuns): Promise<BatchResult> => runBolts(plan, new Set(sinks), events, parts.tuplesOf, noted)
  const [first, last] = [events.offsets[0], events.offsets[events.length - 1]]
  if (marks === undefined || first === undefined || last === undefined) return run(runs)
  const range = { from: offset(first), to: offset(last + 1), isAgain: true } as const
  const unmark = await marks.set({ spout: plan.spout.name, partition, lanes: [], ...range }, false)
  const mostMs = parts.knob('worker.callMs')
  const over = new AbortController()
  let bolt = ''
  const noting: BoltRuns = {
    run: (name, records, work) => {
      bolt = name
      return runs.run(name, records, work)
    },
  }
  try {
    const late = parts.clock.sleep(mostMs, over.signal).then(() => ({ bolt, mostMs }))
    return await Promise.race([run(noting), late])
  } finally {
    over.abort()
    unmark()
  }
}
