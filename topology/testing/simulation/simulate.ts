/**
 * Plays a topology in the simulated world: drawn events and deletes of its own vocabulary, every fault, and at the end
 * every view against what the log says (I-1 to I-9). Its bolts are watched, so that one that follows no seed is named.
 */
import type { JsonObject } from '../../model/json.ts'
import type { Topology } from '../../model/topology.ts'
import { scenarioOf } from './draw/scenario-of.ts'
import { type DrawScenario, type HistoryOutcome, playHistory } from './history.ts'
import { playSeeds, type SimulationProgress, type SimulationReport } from './play-seeds.ts'
import { explainFailure } from './report/explain-failure.ts'
import { Trace, type TraceEntry } from './trace.ts'
import { holdModules } from './watch/watch-effects.ts'

export interface SimulationOptions {
  /** How many histories. Default 200. */
  readonly seeds?: number
  /** The first seed. Default 1. */
  readonly seedStart?: number
  /** Bodies of events as the topology gets them: drawn ones are made like them. */
  readonly events?: readonly JsonObject[]
  /** Words that matter to the topology: values, names of properties, of collections. */
  readonly words?: readonly string[]
  /** Texts of the files that declare the topology; words of them are drawn. */
  readonly sources?: readonly string[]
  /** Seeds that failed before: played first. */
  readonly kept?: readonly number[]
  /** Ends it after the history that is being played. */
  readonly signal?: AbortSignal
  /** Told after each history. */
  readonly progress?: (state: SimulationProgress) => void
}

const seedsInitial = 200

/** Plays until a seed fails. Throws only what is no violation: a topology that cannot be planned. */
export const simulate = (topology: Topology, options: SimulationOptions = {}): Promise<SimulationReport> => {
  const { seeds = seedsInitial, seedStart = 1, kept = [], signal, progress } = options
  const range = Array.from({ length: seeds }, (_, index) => seedStart + index)
  // Each history holds them too; to let go of them in between costs more than a small history.
  const release = holdModules()
  return playSeeds({
    draw: watchedScenarioOf(topology, options),
    seeds: new Set([...kept, ...range]),
    ...(signal === undefined ? {} : { signal }),
    ...(progress === undefined ? {} : { progress }),
  }).finally(release)
}

const watchedScenarioOf = (topology: Topology, options: SimulationOptions): DrawScenario => {
  const draw = scenarioOf(topology, options)
  return (seed, streams) => ({ ...draw(seed, streams), isWatched: true })
}

export interface TraceSeedOptions extends Pick<SimulationOptions, 'events' | 'words' | 'sources' | 'signal'> {
  /** Of the shortest history that still fails, where the seed fails. Default false: of the seed as it is drawn. */
  readonly isSmallest?: boolean
}

/** Everything that happens in the history of one seed. */
export const traceSeed = async (
  topology: Topology,
  seed: number,
  options: TraceSeedOptions = {},
): Promise<{ readonly entries: readonly TraceEntry[]; readonly outcome: HistoryOutcome }> => {
  const drawn = { seed, draw: watchedScenarioOf(topology, options) }
  const { signal } = options
  const how = { play: playHistory, ...(signal === undefined ? {} : { signal }) }
  const failure = options.isSmallest === true ? await explainFailure(drawn, await playHistory(drawn), how) : undefined
  const trace = new Trace()
  const outcome = await playHistory({ ...(failure?.smaller ?? drawn), trace })
  return { entries: trace.entries, outcome }
}
