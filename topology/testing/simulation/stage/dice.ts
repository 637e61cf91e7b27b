/**
 * The one decider of a history: whether a fault befalls a call or a step.
 *
 * It draws from the stream of the step, weighs by the swarm of the history, and is silent from the calm phase on. A kind
 * that is off draws nothing, so a shrinker that mutes one leaves the draws of the others as they were at other steps.
 */
import type { FaultKind } from './fault-kinds.ts'
import type { Streams } from './streams.ts'

export interface Dice {
  /** Whether it happens now. Counted and noted when it does; `detail` is asked only then. */
  happens(kind: FaultKind, detail?: () => string): boolean
  /** A whole number in `[0, bound)`. */
  below(bound: number): number
}

export interface SwarmDiceOptions {
  readonly streams: Streams
  /** Chance of each kind in [0, 1], per call or step that it may befall; 0 or absent: off. */
  readonly swarm: Readonly<Partial<Record<FaultKind, number>>>
  /** Told of each fault. */
  readonly befell?: (kind: FaultKind, detail: () => string) => void
}

const nothing = (): string => ''

export class SwarmDice implements Dice {
  readonly #options: SwarmDiceOptions
  readonly #counts = new Map<FaultKind, number>()
  #isCalm = false
  /** While somebody only looks on: nothing befalls him, nothing is drawn for faults. */
  isQuiet = false

  constructor(options: SwarmDiceOptions) {
    this.#options = options
  }

  /** How often each kind has happened. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts
  }

  /** From here on nothing happens any more. */
  calm(): void {
    this.#isCalm = true
  }

  happens(kind: FaultKind, detail: () => string = nothing): boolean {
    const { streams, swarm, befell } = this.#options
    const chance = this.#isCalm || this.isQuiet ? 0 : (swarm[kind] ?? 0)
    if (chance === 0 || streams.now.next() >= chance) return false
    this.count(kind)
    befell?.(kind, detail)
    return true
  }

  /** Counts what was decided elsewhere: an action of a step. */
  count(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
  }

  below(bound: number): number {
    return Math.floor(this.#options.streams.now.next() * bound)
  }
}
