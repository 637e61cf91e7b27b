/** Plays a range of seeds of drawn scenarios; each that fails is told as the story of its shortest history. */

import { type HistoryOptions, playHistory } from '../../topology/testing/simulation/history.ts'
import { Tally } from '../../topology/testing/simulation/play-seeds.ts'
import { explainFailure, type SimulationFailure } from '../../topology/testing/simulation/report/explain-failure.ts'
import { invariantText } from '../../topology/testing/simulation/report/invariant-text.ts'
import { traceText } from '../../topology/testing/simulation/report/trace-text.ts'
import { Trace } from '../../topology/testing/simulation/trace.ts'
import { checksWithNotes } from './check-notes.ts'
import { drawScenario } from './draw-scenario.ts'

/** Plain data: it goes from process to process. */
export interface RangeOutcome {
  readonly histories: number
  readonly steps: number
  readonly faults: Readonly<Record<string, number>>
  /** Histories that a kind has befallen. */
  readonly within: Readonly<Record<string, number>>
  /** Histories in which a supervisor of lanes has cut, diverted or joined some by itself. */
  readonly supervised: number
  readonly failures: readonly { readonly seed: number; readonly story: string }[]
}

const ownDecisions = ['ownCut', 'ownDivert', 'ownRejoin'] as const

export const historyOf = (seed: number): HistoryOptions => ({ seed, draw: drawScenario, checks: checksWithNotes })

/** Ends early when `failuresMax` of them have failed. */
export const playRange = async (
  seeds: Iterable<number>,
  failuresMax = Number.POSITIVE_INFINITY,
): Promise<RangeOutcome> => {
  const tally = new Tally()
  const failures: { seed: number; story: string }[] = []
  const within: Record<string, number> = {}
  let supervised = 0
  for (const seed of seeds) {
    if (failures.length >= failuresMax) break
    const outcome = await playHistory(historyOf(seed)).catch((error: unknown) => {
      throw new Error(`seed ${seed} cannot be played`, { cause: error })
    })
    tally.add(outcome)
    for (const kind of Object.keys(outcome.faults)) within[kind] = (within[kind] ?? 0) + 1
    if (ownDecisions.some((kind) => outcome.faults[kind] !== undefined)) supervised += 1
    const failure = await explainFailure(historyOf(seed), outcome, { play: playHistory })
    if (failure !== undefined) failures.push({ seed, story: storyText(failure) })
  }
  const { histories, steps, faults } = tally.report()
  return { histories, steps, faults, within, supervised, failures }
}

/** Everything that happens in the history of a seed; its last line says how it ended. */
export const traceOf = async (seed: number): Promise<string> => {
  const trace = new Trace()
  await playHistory({ ...historyOf(seed), trace })
  return traceText(trace.entries)
}

const faultsText = (faults: Readonly<Record<string, number>>): string =>
  Object.entries(faults)
    .map(([kind, times]) => `, ${kind} ${times}`)
    .join('')

export const storyText = ({ seed, violation, smallest, records, story, startMs, plays }: SimulationFailure): string => {
  const { invariant, what } = violation
  const size = `records: ${records}, ${smallest.chaosSteps} steps with faults${faultsText(smallest.faults)}; found in ${plays} plays`
  const lines = traceText(story, { startMs, indent: '  ' })
  return `seed ${seed} breaks ${invariant} (${invariantText(invariant)})\n  ${what}\n  ${size}\n${lines}`
}
