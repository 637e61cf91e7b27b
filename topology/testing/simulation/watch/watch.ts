/**
 * What the watchers of one history share: the first mistake they have found, what they could not look at, and whether a
 * part of the user is busy outside of the world (with a file, a service, a timer), where no gate holds it.
 *
 * A world that moves on while a part is busy outside would go another way each time: it awaits `settled` before a step.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../../../model/ports/clock.ts'
import type { Random } from '../../../model/ports/random.ts'
import { messageOf, SpillwayError } from '../../../model/spillway-error.ts'
import { type BlamedPart, Violation } from '../violation.ts'
import { holdModules } from './watch-effects.ts'

export interface WatchOptions {
  /** A stream of the history that nobody else draws from. */
  readonly random: Random
  readonly clock: Clock
  /** Real time that a part may be busy outside before it is blamed for it. Default 10 seconds. */
  readonly patienceMs?: number
}

/** A call of a user's part. It is outside of the world unless it waits for a port of it. */
export class OutsideCall {
  readonly part: BlamedPart
  readonly #watch: Watch
  #waiting = 0
  #isOver = false

  constructor(watch: Watch, part: BlamedPart) {
    this.#watch = watch
    this.part = part
    watch.went(this)
  }

  get isWaiting(): boolean {
    return this.#waiting > 0
  }

  /** Waits for a port of the world. */
  async inside<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1
    if (this.#waiting === 1 && !this.#isOver) this.#watch.came(this)
    try {
      return await work()
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0 && !this.#isOver) this.#watch.went(this)
    }
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#waiting === 0) this.#watch.came(this)
  }
}

/** What a bolt was given and what it gave. */
export interface BoltCounts {
  readonly received: number
  readonly emitted: number
  /** What it threw first. */
  readonly threw?: string
}

export class Watch {
  readonly random: Random
  readonly clock: Clock
  /** Sentences about what could not be looked at. */
  readonly notes: Set<string> = new Set()
  readonly bolts: Map<string, BoltCounts> = new Map()
  #violation: Violation | undefined
  readonly #patienceMs: number
  readonly #outside = new Set<OutsideCall>()
  #waiters: (() => void)[] = []
  #release: (() => void) | undefined

  constructor(options: WatchOptions) {
    this.random = options.random
    this.clock = options.clock
    this.#patienceMs = options.patienceMs ?? 10_000
  }

  /** The first mistake that was found. The parts are let be from then on. */
  get violation(): Violation | undefined {
    return this.#violation
  }

  /** Whether a part of the user is busy outside of the world. */
  get isOutside(): boolean {
    return this.#outside.size > 0
  }

  blame(invariant: string, what: string, part: BlamedPart): void {
    this.#violation ??= new Violation(invariant, what, part)
  }

  /** A sink or an operator has thrown: what is no error of ours stops the run, now and in production. */
  blameThrown(part: BlamedPart, error: unknown): void {
    if (error instanceof SpillwayError || error instanceof Violation) return
    const what = `${part.kind} ${part.name} throws, which stops the run: ${messageOf(error)}`
    this.blame('I-9', what, part)
  }

  /** Notices from here on what is imported from Node's modules. */
  hold(): void {
    this.#release ??= holdModules()
  }

  /** The last call. */
  close(): void {
    this.#release?.()
    this.#release = undefined
  }

  /** Resolves when no part is busy outside. One that is so for too long is blamed, and waited for no more. */
  async settled(): Promise<void> {
    if (!this.isOutside) return
    const patience = new AbortController()
    const ended = new Promise<'ended'>((resolve) => this.#waiters.push(() => resolve('ended')))
    const given = pause(this.#patienceMs, 'given up' as const, { signal: patience.signal, ref: true })
    given.catch(() => undefined)
    const outcome = await Promise.race([ended, given])
    patience.abort()
    if (outcome === 'ended') return
    for (const { part } of this.#outside) {
      const what = part.kind === 'bolt' ? 'has not completed its batch' : 'has not ended its write'
      const after = `${this.#patienceMs / 1_000} seconds`
      const text = `${part.kind} ${part.name} ${what} after ${after}: the lane would wait for ever`
      this.#violation ??= new Violation('I-9', text, part, true)
    }
    this.#outside.clear()
  }

  /** Of `OutsideCall` alone. */
  went(call: OutsideCall): void {
    this.#outside.add(call)
  }

  came(call: OutsideCall): void {
    this.#outside.delete(call)
    if (this.#outside.size > 0) return
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}
