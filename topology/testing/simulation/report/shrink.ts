/**
 * Makes a failing history as small as it can and still fail: fewer faults, a shorter chaos phase, fewer sinks, partitions,
 * processes, records and actions. Whoever reads what is left reads little besides the cause.
 *
 * Every step and purpose draws from a stream of its own, so what is left out changes nothing else by itself; and what was
 * left out is believed only when the smaller history was played and broke the same invariant, by the same part. Same history, same answer:
 * the bound is a number of plays and steps, never a time.
 */

import type { HistoryOptions, HistoryOutcome, Scenario } from '../history.ts'
import { type FaultKind, faultKinds } from '../stage/fault-kinds.ts'
import { Streams } from '../stage/streams.ts'
import type { Violation } from '../violation.ts'
import { leaveOut, lowestFailing } from './leave-out.ts'

export interface ShrinkOptions {
  readonly play: (options: HistoryOptions) => Promise<HistoryOutcome>
  /** Histories played at most. Default 800, and 4 where each waits in real time. */
  readonly playsMax?: number
  /** Steps of all of them at most. Default 2,000,000. */
  readonly stepsMax?: number
  /** Ends it with the smallest history found so far. */
  readonly signal?: AbortSignal
  readonly progress?: (plays: number, outcome: HistoryOutcome) => void
}

export interface ShrunkHistory {
  /** Plays the smallest history that was found. */
  readonly options: HistoryOptions
  readonly outcome: HistoryOutcome
  /** How many histories were played to find it. */
  readonly plays: number
}

/** `outcome`: of the failing history; it has a violation. */
export const shrink = async (
  failing: HistoryOptions,
  outcome: HistoryOutcome,
  options: ShrinkOptions,
): Promise<ShrunkHistory> => {
  const { trace: _, ...untraced } = failing
  const shrinker = new Shrinker(untraced, outcome, options)
  await shrinker.run()
  return { options: shrinker.options, outcome: shrinker.outcome, plays: shrinker.plays }
}

const playsMaxInitial = 800
// The first plays leave out most.
const slowPlaysMax = 4
const stepsMaxInitial = 2_000_000
// A later round finds what an earlier one could not leave out yet; the third found nothing in any history tried.
const roundsMax = 4

/** What is taken away from the failing history. Absent: as it was drawn. */
interface Cuts {
  readonly muted: ReadonlySet<FaultKind>
  readonly withoutSteps: ReadonlySet<number>
  readonly withoutRecords: ReadonlySet<number>
  readonly withoutSinks: ReadonlySet<string>
  readonly chaosSteps: number
  readonly partitions: number
  readonly processesMax: number
}

class Shrinker {
  outcome: HistoryOutcome
  plays = 0
  readonly #failing: HistoryOptions
  readonly #settings: ShrinkOptions
  readonly #scenario: Scenario
  readonly #tried = new Map<string, boolean>()
  #steps = 0
  #cuts: Cuts

  constructor(failing: HistoryOptions, outcome: HistoryOutcome, settings: ShrinkOptions) {
    this.#failing = failing
    this.#settings = settings
    this.outcome = outcome
    this.#scenario = failing.draw(failing.seed, new Streams(failing.seed))
    const { partitions, processesMax } = this.#scenario
    this.#cuts = {
      muted: failing.muted ?? new Set(),
      withoutSteps: failing.withoutSteps ?? new Set(),
      withoutRecords: failing.withoutRecords ?? new Set(),
      withoutSinks: failing.withoutSinks ?? new Set(),
      chaosSteps: failing.chaosSteps ?? outcome.chaosSteps,
      partitions,
      processesMax,
    }
  }

  get options(): HistoryOptions {
    return this.#optionsOf(this.#cuts)
  }

  async run(): Promise<void> {
    for (let round = 0; round < roundsMax && !this.#isOver(); round++) {
      const before = this.#cuts
      await this.#endChaosEarlier()
      await this.#muteFaults()
      await this.#leaveOutSinks()
      await this.#narrow()
      await this.#leaveOutRecords()
      await this.#leaveOutActions()
      if (this.#cuts === before) return
    }
  }

  #isOver(): boolean {
    const { isSlow } = this.outcome.violation ?? {}
    const { playsMax = isSlow === true ? slowPlaysMax : playsMaxInitial } = this.#settings
    const { stepsMax = stepsMaxInitial, signal } = this.#settings
    return this.plays >= playsMax || this.#steps >= stepsMax || signal?.aborted === true
  }

  #optionsOf(cuts: Cuts): HistoryOptions {
    const { partitions, processesMax, ...cut } = cuts
    const isNarrower = partitions < this.#scenario.partitions || processesMax < this.#scenario.processesMax
    const drawn = this.#failing.draw
    const draw: HistoryOptions['draw'] = (seed, streams) => ({ ...drawn(seed, streams), partitions, processesMax })
    return { ...this.#failing, ...cut, draw: isNarrower ? draw : drawn }
  }

  /** Plays with this taken away too, and keeps to it when it still fails. */
  async #fails(more: Partial<Cuts>): Promise<boolean> {
    const cuts = { ...this.#cuts, ...more }
    const key = textOf(cuts)
    const known = this.#tried.get(key)
    if (known !== undefined) return known && this.#keep(cuts)
    if (this.#isOver()) return false
    this.plays += 1
    const outcome = await this.#play(cuts)
    this.#steps += outcome?.steps ?? 0
    const isFailing = outcome?.violation !== undefined && isAlike(outcome.violation, this.outcome.violation)
    this.#tried.set(key, isFailing)
    if (isFailing) this.outcome = outcome
    this.#settings.progress?.(this.plays, this.outcome)
    return isFailing && this.#keep(cuts)
  }

  /** A history that cannot be played when so much is taken away is none: what was found goes first. */
  async #play(cuts: Cuts): Promise<HistoryOutcome | undefined> {
    try {
      return await this.#settings.play(this.#optionsOf(cuts))
    } catch {
      return undefined
    }
  }

  #keep(cuts: Cuts): true {
    if (textOf(cuts) !== textOf(this.#cuts)) this.#cuts = cuts
    return true
  }

  async #endChaosEarlier(): Promise<void> {
    await lowestFailing(0, this.#cuts.chaosSteps, (chaosSteps) => this.#fails({ chaosSteps }))
  }

  async #muteFaults(): Promise<void> {
    const { muted } = this.#cuts
    // Those that never befell go first and together.
    const befell = (kind: FaultKind): number => this.outcome.faults[kind] ?? 0
    const loud = faultKinds.filter((kind) => !muted.has(kind)).sort((left, right) => befell(left) - befell(right))
    await leaveOut(loud, (kept) => this.#fails({ muted: without(faultKinds, kept) }))
  }

  async #leaveOutSinks(): Promise<void> {
    const names = this.#scenario.topology.sinks.map(({ name }) => name)
    const rest = names.filter((name) => !this.#cuts.withoutSinks.has(name))
    await leaveOut(rest, async (kept) => kept.length > 0 && (await this.#fails({ withoutSinks: without(names, kept) })))
  }

  async #narrow(): Promise<void> {
    await lowestFailing(1, this.#cuts.partitions, (partitions) => this.#fails({ partitions }))
    await lowestFailing(1, this.#cuts.processesMax, (processesMax) => this.#fails({ processesMax }))
  }

  async #leaveOutRecords(): Promise<void> {
    const numbers = Array.from({ length: this.#scenario.records }, (_, number) => number)
    const rest = numbers.filter((number) => !this.#cuts.withoutRecords.has(number))
    await leaveOut(rest, (kept) => this.#fails({ withoutRecords: without(numbers, kept) }))
  }

  async #leaveOutActions(): Promise<void> {
    const before = this.#cuts.withoutSteps
    const steps = this.outcome.actionSteps.filter((step) => !before.has(step))
    await leaveOut(steps, (kept) => this.#fails({ withoutSteps: before.union(without(steps, kept)) }))
  }
}

const without = <Item>(all: readonly Item[], kept: readonly Item[]): Set<Item> => new Set(all).difference(new Set(kept))

const textOf = (cuts: Cuts): string =>
  JSON.stringify(Object.values(cuts).map((value) => (value instanceof Set ? [...value].sort() : value)))

/** The same invariant, and the same part to blame once one is known: a view that is wrong because of it says less. */
const isAlike = (one: Violation, wanted: Violation | undefined): boolean =>
  one.invariant === wanted?.invariant && (wanted.part === undefined || one.part?.name === wanted.part.name)
