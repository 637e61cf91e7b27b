/**
 * The handle of a run: what a program, the CLI and tests hold while the engine works.
 */

import { errors } from '../../model/errors.ts'
import type { KnobSetting } from '../../model/knobs/knob-setting.ts'
import type { ProfileName } from '../../model/knobs/profiles.ts'
import type { EventLog } from '../../model/ports/event-log.ts'
import type { Happening, RunHandle, RunOutcome, TopologyStatus } from '../../model/run-handle.ts'
import type { PinLine, RunSnapshot, TenantRuleLine } from '../../model/run-snapshot.ts'
import type { WorkReport } from '../../model/work-report.ts'
import { changeText, loweredText } from '../change-text.ts'
import { checkKnob } from '../check-knob.ts'
import { KnobDesk } from '../knob-desk.ts'
import { plannedSink, sinksBelow } from '../plan-questions.ts'
import { Engine } from './engine.ts'
import type { EngineParts } from './engine-parts.ts'
import { Happenings } from './happenings.ts'
import { leftBehind } from './held-work.ts'
import type { BuildHouse } from './lanes-house.ts'
import { PausedBranches } from './paused-branches.ts'
import { statusOf } from './status-of.ts'
import { tellKnobs } from './tell-knobs.ts'
import { Waits } from './waits.ts'

// Of deletes, tenants or sinks that are named in one line.
const idsTold = 5

const some = (ids: readonly string[]): string =>
  ids.length <= idsTold ? ids.join(', ') : `${ids.slice(0, idsTold).join(', ')} and ${ids.length - idsTold} more`

export interface EngineSettings {
  readonly untilCaughtUp: boolean
  readonly signal: AbortSignal | undefined
  /** Knobs of this run; changed by `tune`. */
  readonly knobs: Readonly<Record<string, KnobSetting>>
  /** Where lanes run. Absent: in this process. */
  readonly house?: BuildHouse | undefined
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
  readonly knobs: KnobDesk
  readonly #ends = new WeakMap<object, number>()
  readonly #waits: Waits
  readonly #happenings = new Happenings()
  readonly pauses = new PausedBranches((sink, isPaused) => this.engine.setPaused(sink, isPaused))
  /** Whoever observes the run fills it: what people and programs see of it. */
  observed: (() => RunSnapshot | undefined) | undefined
  #resolveEnded!: (outcome: RunOutcome) => void
  #resolveCaughtUp!: () => void
  #rejectCaughtUp!: (error: unknown) => void
  #stopping: Promise<RunOutcome> | undefined

  constructor(given: Omit<EngineParts, 'knob' | 'report'>, settings: EngineSettings) {
    this.#settings = settings
    this.knobs = new KnobDesk(settings.knobs, given.clock.nowMs())
    this.#waits = given.waits ?? new Waits(given.clock)
    this.#parts = {
      ...given,
      knob: (name, options, laneClass) => this.knobs.value(name, options, laneClass),
      knobs: this.knobs,
      report: (happening) => this.#report({ ...happening, atMs: given.clock.nowMs() }),
      waits: this.#waits,
    }
    tellKnobs(given.resources, this.#parts.knob)
    this.knobs.onChange((change) => {
      const { name, before, after, author, reason } = change
      const text = changeText(change)
      this.#parts.report({ kind: 'knob', level: 'info', text, fields: { knob: name, before, after, author, reason } })
    })
    for (const one of this.knobs.lowered())
      this.#parts.report({
        kind: 'knob',
        level: 'info',
        text: loweredText(one),
        fields: { knob: one.knob, after: one.to },
      })
    this.engine = new Engine(this.#parts, settings.untilCaughtUp, settings.house)
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
      end: this.endOf(one),
      positionOf: (lane: number) => one.lanes.get(lane)?.position,
      textOf: one.deleteTextOf,
      hasFailed: (sink: string) => this.engine.hasFailed(sink),
    }))
    const isPaused = (sink: string): boolean => this.engine.paused.has(sink)
    return statusOf(
      this.#parts.topology.name,
      this.engine.state,
      views,
      [...this.#waits.list(), ...this.engine.house.waits()],
      isPaused,
    )
  }

  /** Reads the ends of the logs anew, so that `status` tells the lag of this moment; `asked` hears how long each took, ms. */
  async refresh(asked: (log: EventLog, ms: number) => void = () => undefined): Promise<void> {
    for (const one of this.engine.partitions) {
      const beganMs = this.#parts.clock.nowMs()
      this.#ends.set(one, (await one.log.bounds(one.partition)).end)
      asked(one.log, Math.max(0, this.#parts.clock.nowMs() - beganMs))
    }
  }

  /** Where the log of a partition ended when it was looked at last. */
  endOf(desk: Engine['partitions'][number]): number {
    return this.#ends.get(desk) ?? this.engine.endOf(desk)
  }

  snapshot(): RunSnapshot | undefined {
    return this.observed?.()
  }

  /** What this process and its workers have measured; a report of this process covers the time since the last one. */
  workReports(): readonly WorkReport[] {
    return this.engine.workReports()
  }

  pause(branch: string): void {
    this.pauses.pause(branch, this.sinksOf(branch))
  }

  resume(branch: string): void {
    this.pauses.resume(branch, this.sinksOf(branch))
  }

  setTenantRules(rules: readonly TenantRuleLine[]): void {
    this.engine.tenantRules = rules
  }

  get tenantRules(): readonly TenantRuleLine[] {
    return this.engine.tenantRules
  }

  pin(pin: PinLine): void {
    this.knobs.pin(pin)
  }

  unpin(knob: string, author?: string, reason?: string): void {
    this.knobs.unpin(knob, author, reason)
  }

  setProfile(name: ProfileName, reason: string): void {
    this.knobs.setProfile(name, reason, this.#parts.clock.nowMs())
  }

  drain(worker?: number): void {
    this.#setDrained(worker, true)
  }

  undrain(worker?: number): void {
    this.#setDrained(worker, false)
  }

  #setDrained(worker: number | undefined, isDrained: boolean): void {
    if (worker === undefined) void this.engine.setDrained(isDrained)
    else this.engine.house.setDrained(worker, isDrained)
  }

  pauseDelete(id: string): void {
    this.engine.setDeletePaused(id, true)
  }

  resumeDelete(id: string): void {
    this.engine.setDeletePaused(id, false)
  }

  tune(knob: string, value: KnobSetting): void {
    checkKnob(knob, value)
    this.knobs.set(knob, value)
  }

  stop(): Promise<RunOutcome> {
    this.#stopping ??= this.engine.end().then((outcome) => {
      this.#rejectCaughtUp(outcome.error ?? new Error('the run was stopped'))
      this.#resolveEnded(outcome)
      return outcome
    })
    return this.#stopping
  }

  [Symbol.asyncIterator](): AsyncIterator<Happening> {
    return this.#happenings.until(this.ended)
  }

  /** Tells of each happening as it comes, beside whoever iterates. */
  onHappening(listener: (happening: Happening) => void): void {
    this.#happenings.listeners.add(listener)
  }

  async #watch(): Promise<void> {
    try {
      await this.engine.caughtUp()
      this.#resolveCaughtUp()
      this.#report({ kind: 'caughtUp', level: 'info', text: 'caught up', fields: {}, atMs: this.#parts.clock.nowMs() })
      this.#tellOfHeld()
      this.#tellOfDeletes()
      if (this.#settings.untilCaughtUp) await this.stop()
    } catch (error) {
      this.#rejectCaughtUp(error)
      // With nothing left that could go on, or a bounded run, there is nothing to wait for. Else the other branches live on.
      if (this.engine.error === undefined) return
      if (this.#settings.untilCaughtUp || !this.#canGoOn()) await this.stop()
    }
  }

  #canGoOn(): boolean {
    const { lost, partitions } = this.engine
    return !lost.aborted && partitions.some(({ lanes }) => [...lanes.values()].some(({ isActive }) => isActive))
  }

  /** What waits in the log because a person wants it to. */
  #tellOfHeld(): void {
    const { isHeld, partitions } = this.engine
    if (isHeld === undefined) return
    const views = partitions.map((one) => ({ doc: one.doc, end: this.engine.endOf(one) }))
    const { tenants, sinks } = leftBehind(views, isHeld)
    const parts = [
      ...(tenants.length === 0 ? [] : [`blocked: ${some(tenants)}`]),
      ...(sinks.length === 0 ? [] : [`paused: ${some(sinks)}`]),
    ]
    if (parts.length === 0) return
    const text = `not done, because ${parts.join('; because ')}`
    const fields = { blocked: tenants.join(), paused: sinks.join() }
    this.#report({ kind: 'lanes', level: 'warn', text, fields, atMs: this.#parts.clock.nowMs() })
  }

  /** Deletes that rest by a person's will hold those that were listed with them, which nobody has asked for. */
  #tellOfDeletes(): void {
    const left = this.status().deletes.filter(({ state }) => state === 'accepted' || state === 'running')
    if (left.length === 0) return
    const paused = left.filter(({ id }) => this.engine.isDeletePaused(id)).map(({ id }) => id)
    const held = left.filter(({ id }) => !paused.includes(id)).map(({ id }) => id)
    const others = held.length === 0 ? '' : `; with it what was listed together: ${some(held)}`
    const text = `not done, because paused: ${some(paused)}${others}`
    const fields = { paused: paused.join(), held: held.join() }
    this.#report({ kind: 'delete', level: 'warn', text, fields, atMs: this.#parts.clock.nowMs() })
  }

  /** The sinks of a branch: one by its name, or all below a bolt. Throws `badConfiguration` (stop). */
  sinksOf(branch: string): readonly string[] {
    const plans = [...this.#parts.plans, ...this.engine.partitions.map(({ plan }) => plan)]
    if (plans.some((plan) => plannedSink(plan, branch) !== undefined)) return [branch]
    const below = new Set(plans.flatMap((plan) => sinksBelow(plan, branch)))
    if (below.size === 0) throw errors.badConfiguration({ problem: `no sink is named ${branch}` })
    return [...below]
  }

  #report(happening: Happening): void {
    this.#happenings.tell(happening)
  }
}
