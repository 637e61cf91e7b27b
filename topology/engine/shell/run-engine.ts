/**
 * The handle of a run: what a program, the CLI and tests hold while the engine works.
 */

import { errors } from '../../model/errors.ts'
import { knobValue } from '../../model/knobs.ts'
import type { Happening, RunHandle, RunOutcome, TopologyStatus } from '../../model/run-handle.ts'
import { checkKnob } from '../check-knob.ts'
import { plannedSink } from '../plan-questions.ts'
import { Engine } from './engine.ts'
import type { EngineParts } from './engine-parts.ts'
import { statusOf } from './status-of.ts'
import { Waits } from './waits.ts'

// A reader of happenings that never reads may not hold the run's memory: the oldest go first.
const keptHappenings = 1_000
// Of deletes that are named in one line.
const idsTold = 5

const some = (ids: readonly string[]): string =>
  ids.length <= idsTold ? ids.join(', ') : `${ids.slice(0, idsTold).join(', ')} and ${ids.length - idsTold} more`

export interface EngineSettings {
  readonly untilCaughtUp: boolean
  readonly signal: AbortSignal | undefined
  /** Knobs of this run; changed by `tune`. */
  readonly knobs: Readonly<Record<string, number>>
}

/** Starts the engine; resolves when every lane has been started, rejects when the run is impossible. */
export const runEngine = async (
  given: Omit<EngineParts, 'knob' | 'report'>,
  settings: EngineSettings,
): Promise<EngineRun> => {
  const run = new EngineRun(given, settings)
  await run.start()
  return run
}

export class EngineRun implements RunHandle {
  readonly caughtUp: Promise<void>
  readonly ended: Promise<RunOutcome>
  /** For tests: cuts and other supervisor's work go through the partitions. */
  readonly engine: Engine
  readonly #parts: EngineParts
  readonly #settings: EngineSettings
  readonly #tuned: Record<string, number>
  readonly #ends = new WeakMap<object, number>()
  readonly #waits: Waits
  #happenings: Happening[] = []
  #wake: (() => void) | undefined
  #resolveEnded!: (outcome: RunOutcome) => void
  #resolveCaughtUp!: () => void
  #rejectCaughtUp!: (error: unknown) => void
  #stopping: Promise<RunOutcome> | undefined

  constructor(given: Omit<EngineParts, 'knob' | 'report'>, settings: EngineSettings) {
    this.#settings = settings
    this.#tuned = { ...settings.knobs }
    this.#waits = new Waits(given.clock)
    this.#parts = {
      ...given,
      knob: (name, options) => knobValue(name, this.#tuned, options),
      report: (happening) => this.#report({ ...happening, atMs: given.clock.nowMs() }),
      waits: this.#waits,
    }
    this.engine = new Engine(this.#parts, settings.untilCaughtUp)
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.caughtUp = new Promise((resolve, reject) => {
      this.#resolveCaughtUp = resolve
      this.#rejectCaughtUp = reject
    })
    // Nobody has to watch it: the outcome tells the same.
    this.caughtUp.catch(() => undefined)
  }

  async start(): Promise<void> {
    try {
      await this.engine.start()
    } catch (error) {
      await this.engine.end()
      throw error
    }
    this.#settings.signal?.addEventListener('abort', () => void this.stop(), { once: true })
    if (this.#settings.signal?.aborted === true) void this.stop()
    this.engine.lost.addEventListener('abort', () => void this.stop(), { once: true })
    if (this.engine.lost.aborted) void this.stop()
    void this.engine.tend()
    void this.#watch()
  }

  status(): TopologyStatus {
    const views = this.engine.partitions.map((one) => ({
      spout: one.plan.spout.name,
      topic: one.log.topic,
      partition: one.partition,
      doc: one.doc,
      end: this.#ends.get(one) ?? this.engine.endOf(one),
      positionOf: (lane: number) => one.lanes.get(lane)?.position,
      textOf: one.deleteTextOf,
      hasFailed: (sink: string) => this.engine.hasFailed(sink),
    }))
    const isPaused = (sink: string): boolean => this.engine.paused.has(sink)
    return statusOf(this.#parts.topology.name, this.engine.state, views, this.#waits.list(), isPaused)
  }

  /** Reads the ends of the log anew, so that `status` tells the lag of this moment. */
  async refresh(): Promise<void> {
    for (const one of this.engine.partitions) this.#ends.set(one, (await one.log.bounds(one.partition)).end)
  }

  pause(sink: string): void {
    this.#checkSink(sink)
    this.engine.setPaused(sink, true)
  }

  resume(sink: string): void {
    this.#checkSink(sink)
    this.engine.setPaused(sink, false)
  }

  pauseDelete(id: string): void {
    this.engine.setDeletePaused(id, true)
  }

  resumeDelete(id: string): void {
    this.engine.setDeletePaused(id, false)
  }

  tune(knob: string, value: number): void {
    checkKnob(knob, value)
    this.#tuned[knob] = value
  }

  stop(): Promise<RunOutcome> {
    this.#stopping ??= this.engine.end().then((outcome) => {
      this.#rejectCaughtUp(outcome.error ?? new Error('the run was stopped'))
      this.#resolveEnded(outcome)
      this.#wake?.()
      return outcome
    })
    return this.#stopping
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Happening> {
    let isOver = false
    void this.ended.then(() => {
      isOver = true
      this.#wake?.()
    })
    for (;;) {
      const kept = this.#happenings
      this.#happenings = []
      yield* kept
      if (this.#happenings.length > 0) continue
      if (isOver) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async #watch(): Promise<void> {
    try {
      await this.engine.caughtUp()
      this.#resolveCaughtUp()
      this.#report({ kind: 'caughtUp', level: 'info', text: 'caught up', fields: {}, atMs: this.#parts.clock.nowMs() })
      this.#tellOfRest()
      if (this.#settings.untilCaughtUp) await this.stop()
    } catch (error) {
      this.#rejectCaughtUp(error)
      // With nothing left that could go on, or a bounded run, there is nothing to wait for.
      if (this.engine.error !== undefined) await this.stop()
    }
  }

  /** Deletes that rest by a person's will hold those that were listed with them, which nobody has asked for. */
  #tellOfRest(): void {
    const left = this.status().deletes.filter(({ state }) => state === 'accepted' || state === 'running')
    if (left.length === 0) return
    const paused = left.filter(({ id }) => this.engine.isDeletePaused(id)).map(({ id }) => id)
    const held = left.filter(({ id }) => !paused.includes(id)).map(({ id }) => id)
    const others = held.length === 0 ? '' : `; with it what was listed together: ${some(held)}`
    const text = `not done, because paused: ${some(paused)}${others}`
    const fields = { paused: paused.join(), held: held.join() }
    this.#report({ kind: 'delete', level: 'warn', text, fields, atMs: this.#parts.clock.nowMs() })
  }

  #checkSink(sink: string): void {
    const plans = [...this.#parts.plans, ...this.engine.partitions.map(({ plan }) => plan)]
    const isKnown = plans.some((plan) => plannedSink(plan, sink) !== undefined)
    if (!isKnown) throw errors.badConfiguration({ problem: `no sink is named ${sink}` })
  }

  #report(happening: Happening): void {
    this.#happenings.push(happening)
    if (this.#happenings.length > keptHappenings) this.#happenings.shift()
    this.#wake?.()
  }
}
