/**
 * What this process measures of its own work: where time goes by stage, what is open now, and who caused it. The
 * supervisor asks for a report every second; nothing that decides content reads it.
 *
 * It costs some additions per batch and call. CPU time is the time between the beginning and the end of what runs without
 * waiting; the rest of a call is waiting, whoever had the processor meanwhile.
 */
import type { WorkClass } from '../../model/lane-permit.ts'
import type { Clock } from '../../model/ports/clock.ts'
import type { LaneReport, StageReport, TenantReport, WorkReport } from '../../model/work-report.ts'
import { type CallPlace, OpenCalls, type OpenEntry } from './open-calls.ts'
import { StageMeter, type Stopwatch } from './stage-meter.ts'

/** What is asked of the process; measured outside of the engine. */
export interface ProcessMeasures {
  readonly pid: number
  readonly stopwatch: Stopwatch
  rssBytes(): number
  /** Longest delay of the event loop since it was asked last, ms. */
  loopDelayMs(): number
  /** Share of the time since it was asked last in which the event loop was busy. */
  loopUsedRatio?(): number
}

/** A call that has begun. Whoever has it ends it once, in whichever way. */
export interface MeteredCall {
  /** Runs a part of the call that does not wait: its time counts as CPU time. */
  run<T>(work: () => T): T
  /** `idleMs`: of its time, what was waited at most for something that did not exist yet. */
  end(records?: number, bytes?: number, idleMs?: number): void
  /** It ended without anything: the time was no waiting for work. */
  idle(): void
  fail(error: unknown): void
}

// Topologies have dozens of stages; who names them at random is not given memory for it.
const stagesMax = 1_000

export class Meters {
  readonly stopwatch: Stopwatch
  readonly #clock: Clock
  readonly #process: ProcessMeasures
  readonly #startedAtMs: number
  readonly #stages = new Map<string, StageMeter>()
  readonly #open = new OpenCalls()

  constructor(clock: Clock, measures: ProcessMeasures) {
    this.#clock = clock
    this.#process = measures
    this.stopwatch = measures.stopwatch
    this.#startedAtMs = clock.nowMs()
  }

  /** The meter of a stage; kept by whoever calls often. */
  stage(stage: StageReport['stage'], name: string, workClass: WorkClass): StageMeter {
    const key = `${stage} ${workClass} ${name}`
    const known = this.#stages.get(key)
    if (known !== undefined) return known
    const meter = new StageMeter(stage, name, workClass, this.stopwatch)
    if (this.#stages.size < stagesMax) this.#stages.set(key, meter)
    return meter
  }

  /** A call begins that may wait: it is shown as open until it ends. */
  begin(stage: StageReport['stage'], name: string, workClass: WorkClass, place: CallPlace): MeteredCall {
    return this.open(this.stage(stage, name, workClass), place)
  }

  /** The same with a meter at hand. `cpuMs`: what the call has already taken. */
  open(meter: StageMeter, place: CallPlace, cpuMs = 0): MeteredCall {
    const entry: OpenEntry = { meter, place, sinceMs: this.#clock.nowMs() }
    this.#open.add(entry)
    return new OpenedCall(this.#open, entry, meter, cpuMs)
  }

  /** A call that somebody else measures: it is shown while it is open, and counted by nobody. */
  async shown<T>(stage: StageReport['stage'], name: string, place: CallPlace, call: () => Promise<T>): Promise<T> {
    const entry: OpenEntry = { meter: { stage, name }, place, sinceMs: this.#clock.nowMs() }
    this.#open.add(entry)
    try {
      return await call()
    } finally {
      this.#open.delete(entry)
    }
  }

  /** What has come together; stretches that are told as recent begin anew. */
  report(more: {
    readonly worker: number
    readonly heldBytes: number
    readonly budgetBytes: number
    readonly lanes: readonly LaneReport[]
    readonly tenants: readonly TenantReport[]
  }): WorkReport {
    const open = this.#open.byMeter()
    const none = { count: 0, oldestSinceMs: undefined }
    const loopUsedRatio = this.#process.loopUsedRatio?.()
    return {
      ...more,
      pid: this.#process.pid,
      startedAtMs: this.#startedAtMs,
      atMs: this.#clock.nowMs(),
      rssBytes: this.#process.rssBytes(),
      loopDelayMs: this.#process.loopDelayMs(),
      ...(loopUsedRatio === undefined ? {} : { loopUsedRatio }),
      stages: [...this.#stages.values()].map((meter) => meter.report(open.get(meter) ?? none)),
      calls: this.#open.oldest(),
    }
  }
}

class OpenedCall implements MeteredCall {
  readonly #calls: OpenCalls
  readonly #entry: OpenEntry
  readonly #meter: StageMeter
  readonly #beganMs: number
  #cpuMs: number

  constructor(calls: OpenCalls, entry: OpenEntry, meter: StageMeter, cpuMs: number) {
    this.#calls = calls
    this.#entry = entry
    this.#meter = meter
    this.#cpuMs = cpuMs
    this.#beganMs = meter.stopwatch() - cpuMs
  }

  run<T>(work: () => T): T {
    const { stopwatch } = this.#meter
    const beganMs = stopwatch()
    try {
      return work()
    } finally {
      this.#cpuMs += stopwatch() - beganMs
    }
  }

  end(records = 0, bytes = 0, idleMs = 0): void {
    const waitMs = Math.max(0, this.#close() - idleMs)
    this.#meter.ended(records, bytes, this.#cpuMs, waitMs)
  }

  idle(): void {
    this.#close()
    this.#meter.ended(0, 0, this.#cpuMs, 0)
  }

  fail(error: unknown): void {
    this.#meter.failed(error, this.#cpuMs, this.#close())
  }

  /** Time that was waited. */
  #close(): number {
    this.#calls.delete(this.#entry)
    return Math.max(0, this.#meter.stopwatch() - this.#beganMs - this.#cpuMs)
  }
}
