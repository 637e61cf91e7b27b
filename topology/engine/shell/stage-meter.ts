/**
 * What one stage does for one class of work: calls, time on the CPU, time waited, errors. Numbers only, a few additions
 * per batch; they grow from the start of the process.
 */
import type { WorkClass } from '../../model/lane-permit.ts'
import { type ErrorClass, errorClassOf } from '../../model/spillway-error.ts'
import type { StageReport } from '../../model/work-report.ts'

/** Milliseconds with fractions from any beginning; never goes back. */
export type Stopwatch = () => number

export class StageMeter {
  readonly stage: StageReport['stage']
  readonly name: string
  readonly workClass: WorkClass
  readonly stopwatch: Stopwatch
  #calls = 0
  #records = 0
  #bytes = 0
  #cpuMs = 0
  #waitMs = 0
  readonly #errors: Record<ErrorClass, number> = { retry: 0, reject: 0, stop: 0 }
  /** Since the last report. */
  #recent = { calls: 0, sumMs: 0, maxMs: 0 }

  constructor(stage: StageReport['stage'], name: string, workClass: WorkClass, stopwatch: Stopwatch) {
    this.stage = stage
    this.name = name
    this.workClass = workClass
    this.stopwatch = stopwatch
  }

  /** A call has ended. */
  ended(records: number, bytes: number, cpuMs: number, waitMs: number): void {
    this.#calls += 1
    this.#records += records
    this.#bytes += bytes
    this.#cpuMs += cpuMs
    this.#waitMs += waitMs
    const ms = cpuMs + waitMs
    const recent = this.#recent
    recent.calls += 1
    recent.sumMs += ms
    if (ms > recent.maxMs) recent.maxMs = ms
  }

  failed(error: unknown, cpuMs: number, waitMs: number): void {
    this.#errors[errorClassOf(error, 'reject')] += 1
    this.ended(0, 0, cpuMs, waitMs)
  }

  /** Tells what has come together, and begins another stretch. `open`: its calls that have not ended. */
  report(open: { readonly count: number; readonly oldestSinceMs: number | undefined }): StageReport {
    const { calls, sumMs, maxMs } = this.#recent
    this.#recent = { calls: 0, sumMs: 0, maxMs: 0 }
    const { retry, reject, stop } = this.#errors
    return {
      stage: this.stage,
      name: this.name,
      workClass: this.workClass,
      calls: this.#calls,
      records: this.#records,
      bytes: this.#bytes,
      cpuMs: this.#cpuMs,
      waitMs: this.#waitMs,
      errors: retry + reject + stop,
      errorsByClass: { retry, reject, stop },
      recentMeanMs: calls === 0 ? 0 : sumMs / calls,
      recentMaxMs: maxMs,
      inFlight: open.count,
      ...(open.oldestSinceMs === undefined ? {} : { oldestSinceMs: open.oldestSinceMs }),
    }
  }
}
