/** From a failing history to a story that a person can read: shrunk, and played once more with a trace. */
import type { HistoryOptions, HistoryOutcome } from '../history.ts'
import { Streams } from '../stage/streams.ts'
import { Trace, type TraceEntry } from '../trace.ts'
import type { Violation } from '../violation.ts'
import { type ShrinkOptions, shrink } from './shrink.ts'
import { storyOf } from './story.ts'

export interface SimulationFailure {
  readonly seed: number
  /** What the smallest history shows. */
  readonly violation: Violation
  /** Readable, short, and in the order of the steps. */
  readonly story: readonly TraceEntry[]
  /** Plays the smallest history that still fails. */
  readonly smaller: HistoryOptions
  readonly smallest: HistoryOutcome
  /** How many records that history still has. */
  readonly records: number
  /** How many histories were played to find it. */
  readonly plays: number
  /** Virtual time at which the history began, ms since 1970. */
  readonly startMs: number
  /** False: played again, the history did not fail. Something in the topology follows no seed. */
  readonly doesRepeat: boolean
}

// Something that no seed decides may have a hand in it; then one more play may show what another did not.
const retellings = 4

/** `outcome`: of the failing history; `undefined` when it has no violation. */
export const explainFailure = async (
  failing: HistoryOptions,
  outcome: HistoryOutcome,
  options: ShrinkOptions,
): Promise<SimulationFailure | undefined> => {
  if (outcome.violation === undefined) return undefined
  const { options: smaller, plays } = await shrink(failing, outcome, options)
  let [trace, smallest] = await playTraced(smaller, options)
  for (let again = 1; smallest.violation === undefined && again < retellings; again++)
    [trace, smallest] = await playTraced(again === retellings - 1 ? failing : smaller, options)
  const violation = smallest.violation ?? outcome.violation
  const { topology } = smaller.draw(smaller.seed, new Streams(smaller.seed))
  const story = storyOf(trace.entries, { violation, topology })
  const startMs = trace.entries[0]?.timeMs ?? 0
  const doesRepeat = smallest.violation !== undefined
  const left = smaller.withoutRecords ?? new Set()
  const records = smallest.records - [...left].filter((number) => number < smallest.records).length
  return { records, seed: failing.seed, violation, story, smaller, smallest, plays, startMs, doesRepeat }
}

const playTraced = async (options: HistoryOptions, { play }: ShrinkOptions): Promise<[Trace, HistoryOutcome]> => {
  const trace = new Trace()
  return [trace, await play({ ...options, trace })]
}
