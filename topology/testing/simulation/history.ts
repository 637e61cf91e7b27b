/**
 * One history: a seed played to its end. First chaos: processes begin and die over stores that lose, delay and split what
 * they are told, and every compare-and-set is asked whether the ledger still moves forward and tiles (I-4, I-5). Then
 * calm: faults stop, a last process must catch up in bounded steps (I-9), every view must equal what the log says (I-1 to
 * I-3, I-7, I-8); then frozen processes wake, late effects arrive, and the views are looked at once more.
 *
 * Each step opens one gate, or moves time, or does one thing to the world. Its draws are its own, so a step, a record or
 * a kind of fault that is left out changes no draw of another.
 */
import { compressAtOnce } from '../../formats/compress-at-once.ts'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { LedgerKey } from '../../model/ports/ledger.ts'
import type { Random } from '../../model/ports/random.ts'
import type { SpoutNode, Topology } from '../../model/topology.ts'
import type { DrawContext, DrawnRecord } from './draw/draw-context.ts'
import type { Dice } from './stage/dice.ts'
import type { FaultKind } from './stage/fault-kinds.ts'
import { Schedule } from './stage/schedule.ts'
import { Streams } from './stage/streams.ts'
import { World } from './stage/world.ts'
import type { Trace } from './trace.ts'
import { Violation } from './violation.ts'
import type { BoltCounts } from './watch/watch.ts'

/** What a history is played over. Drawn from its seed. */
export interface Scenario {
  readonly topology: Topology
  /** Of each spout's log. */
  readonly partitions: number
  /** How many are drawn; a draw may give several, as a delete does that goes to every partition. */
  readonly records: number
  readonly knobs: Readonly<Record<string, number>>
  readonly draw: (spout: SpoutNode, random: Random, context: DrawContext) => DrawnRecord | readonly DrawnRecord[]
  /** That run at once. */
  readonly processesMax: number
  /** Workers at most that run the lanes of a process. Default 0: it runs them itself. */
  readonly workersMax?: number
  /** Whether processes share the partitions through a group; else each has them all. */
  readonly isShared: boolean
  /** Told of the dice before anything begins: what a bolt asks outside may be away (`boltAway`). */
  readonly outside?: (dice: Dice) => void
  /** Whether bolts, operators and own sinks are watched: those of users may break their contracts. Default false. */
  readonly isWatched?: boolean
}

export type DrawScenario = (seed: number, streams: Streams) => Scenario

/** What is asked of a history while it is played and at its end. Each throws a `Violation`. */
export interface HistoryChecks {
  /** A compare-and-set was taken. */
  changed(key: LedgerKey, before: LedgerDocument | undefined, after: LedgerDocument): void
  /** What a reader may see at any moment. */
  look(): Promise<void>
  /** Everything is caught up: all views. */
  views(when: string): Promise<void>
}

export interface HistoryOptions {
  readonly seed: number
  readonly draw: DrawScenario
  readonly trace?: Trace
  /** Kinds of faults that do not happen. */
  readonly muted?: ReadonlySet<FaultKind>
  /** Steps that do nothing to the world: they only move something on. */
  readonly withoutSteps?: ReadonlySet<number>
  /** Records, by the number of their draw, that are not appended. */
  readonly withoutRecords?: ReadonlySet<number>
  /** Where the chaos phase ends, if that is earlier than drawn. */
  readonly chaosSteps?: number
  readonly withoutSinks?: ReadonlySet<string>
  /** Default: `defaultChecks`. */
  readonly checks?: (world: World) => HistoryChecks
}

export interface HistoryOutcome {
  readonly violation: Violation | undefined
  readonly steps: number
  readonly chaosSteps: number
  /** Drawn, those left out too. */
  readonly records: number
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  /** Steps at which something was done to the world. */
  readonly actionSteps: readonly number[]
  /** Tuples that each bolt received and passed on; empty where nobody watches. */
  readonly bolts: ReadonlyMap<string, BoltCounts>
  /** Sentences about parts that could not be looked at. */
  readonly notes?: readonly string[]
}

/** Throws only for what is wrong with the simulator itself. */
export const playHistory = async (options: HistoryOptions): Promise<HistoryOutcome> => {
  const streams = new Streams(options.seed)
  const scenario = options.draw(options.seed, streams)
  const world = new World(options, streams, scenario)
  scenario.outside?.(world.dice)
  const schedule = new Schedule(world)
  // What threads have done comes back when it likes.
  const allowThreads = compressAtOnce()
  const seen = await violationOf(() => schedule.play()).finally(allowThreads)
  world.watch?.close()
  // A part that breaks its contract says more than the view that is wrong because of it.
  const violation = world.watch?.violation ?? seen
  options.trace?.note('check', 'world', () => violation?.message ?? 'everything is as the log says')
  return {
    violation,
    steps: world.step,
    chaosSteps: world.chaosSteps,
    records: world.records.drawn,
    faults: Object.fromEntries(world.dice.counts),
    actionSteps: schedule.actionSteps,
    bolts: world.watch?.bolts ?? new Map(),
    notes: [...(world.watch?.notes ?? [])],
  }
}

const violationOf = async (play: () => Promise<void>): Promise<Violation | undefined> => {
  try {
    await play()
    return undefined
  } catch (error) {
    if (error instanceof Violation) return error
    throw error
  }
}
