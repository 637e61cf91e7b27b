/** Plays one seed after the other until one fails, and tells what was tried. */
import { messageOf, SpillwayError } from '../../model/spillway-error.ts'
import { type DrawScenario, type HistoryOptions, type HistoryOutcome, playHistory } from './history.ts'
import { explainFailure, type SimulationFailure } from './report/explain-failure.ts'
import type { FaultKind } from './stage/fault-kinds.ts'
import type { BoltCounts } from './watch/watch.ts'

export interface PlaySeedsOptions {
  readonly draw: DrawScenario
  readonly seeds: Iterable<number>
  /** Ends it between two histories. */
  readonly signal?: AbortSignal
  /** Told after each history. */
  readonly progress?: (state: SimulationProgress) => void
  /** Default `playHistory`. */
  readonly play?: (options: HistoryOptions) => Promise<HistoryOutcome>
}

export interface SimulationProgress {
  readonly histories: number
  readonly steps: number
  /** A seed has failed: histories played to find the shortest that still does. Absent: none has. */
  readonly shrinking?: { readonly seed: number; readonly plays: number }
}

export interface SimulationReport {
  readonly histories: number
  readonly steps: number
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  /** Tuples that each bolt received and passed on, of all histories. */
  readonly bolts: ReadonlyMap<string, BoltCounts>
  /** Sentences about parts that could not be looked at. */
  readonly notes: readonly string[]
  /** Absent: no seed has failed. */
  readonly failure?: SimulationFailure
}

/** Stops at the first seed that fails, and explains it. */
export const playSeeds = async (options: PlaySeedsOptions): Promise<SimulationReport> => {
  const { draw, seeds, signal, progress, play = playHistory } = options
  const tally = new Tally()
  for (const seed of seeds) {
    if (signal?.aborted === true) break
    const outcome = await playOne({ seed, draw }, play)
    tally.add(outcome)
    const { histories, steps } = tally
    progress?.({ histories, steps })
    if (outcome.violation === undefined) continue
    const shrinking = (plays: number): void => progress?.({ histories, steps, shrinking: { seed, plays } })
    const how = { play, progress: shrinking, ...(signal === undefined ? {} : { signal }) }
    const failure = await explainFailure({ seed, draw }, outcome, how)
    return { ...tally.report(), ...(failure === undefined ? {} : { failure }) }
  }
  return tally.report()
}

/** What is no violation is a fault of the topology, which says so itself, or of the simulator: then the seed is told. */
const playOne = async (
  options: HistoryOptions,
  play: (options: HistoryOptions) => Promise<HistoryOutcome>,
): Promise<HistoryOutcome> => {
  try {
    return await play(options)
  } catch (error) {
    if (error instanceof SpillwayError) throw error
    throw new Error(`seed ${options.seed} cannot be played: ${messageOf(error)}`, { cause: error })
  }
}

/** Sums over histories. */
export class Tally {
  histories = 0
  steps = 0
  readonly #faults: Partial<Record<FaultKind, number>> = {}
  readonly #bolts = new Map<string, BoltCounts>()
  readonly #notes = new Set<string>()

  add({ steps, faults, bolts, notes = [] }: HistoryOutcome): void {
    for (const note of notes) this.#notes.add(note)
    this.histories += 1
    this.steps += steps
    for (const [kind, times] of Object.entries(faults) as [FaultKind, number][]) // the entries of a record of kinds
      this.#faults[kind] = (this.#faults[kind] ?? 0) + times
    for (const [name, { received, emitted, threw }] of bolts) {
      const sum = this.#bolts.get(name) ?? { received: 0, emitted: 0 }
      const first = sum.threw ?? threw
      const counts = { received: sum.received + received, emitted: sum.emitted + emitted }
      this.#bolts.set(name, first === undefined ? counts : { ...counts, threw: first })
    }
  }

  report(): SimulationReport {
    const { histories, steps } = this
    return { histories, steps, faults: this.#faults, bolts: this.#bolts, notes: [...this.#notes] }
  }
}
