/** Stages of all reporters together, and what they did in the last seconds: the difference of two reports. */
import type { StageReport, WorkReport } from '../model/work-report.ts'

/** What a stage did a second, for one class of work. */
export interface StageRate extends Pick<StageReport, 'stage' | 'name' | 'workClass'> {
  readonly callsPerSecond: number
  readonly recordsPerSecond: number
  /** Of one second. */
  readonly cpuRatio: number
  /** Calls that waited at once, on average. */
  readonly waiting: number
  /** Mean of a call, ms. */
  readonly latencyMs: number
}

interface Noted {
  readonly atMs: number
  readonly stages: ReadonlyMap<string, StageReport>
}

// Longer than an epoch of rows, shorter than a person's patience.
const windowMs = 10_000

export const stageKeyOf = ({ stage, name, workClass }: StageReport): string => `${stage} ${workClass} ${name}`

/** Stages of several reporters, added up by stage, name and class. */
export const addedStages = (reports: readonly Pick<WorkReport, 'stages'>[]): readonly StageReport[] => {
  const found = new Map<string, StageReport>()
  for (const stage of reports.flatMap(({ stages }) => stages)) {
    const key = stageKeyOf(stage)
    const known = found.get(key)
    found.set(key, known === undefined ? stage : added(known, stage))
  }
  return [...found.values()]
}

const added = (left: StageReport, right: StageReport): StageReport => {
  const oldest = Math.min(
    left.oldestSinceMs ?? Number.POSITIVE_INFINITY,
    right.oldestSinceMs ?? Number.POSITIVE_INFINITY,
  )
  const calls = left.calls + right.calls
  const weight = calls === 0 ? 0.5 : left.calls / calls
  const classes = { ...left.errorsByClass, ...right.errorsByClass }
  const errorsByClass = { retry: 0, reject: 0, stop: 0 }
  for (const name of ['retry', 'reject', 'stop'] as const)
    errorsByClass[name] = (left.errorsByClass?.[name] ?? 0) + (right.errorsByClass?.[name] ?? 0)
  return {
    ...left,
    calls,
    records: left.records + right.records,
    bytes: left.bytes + right.bytes,
    cpuMs: left.cpuMs + right.cpuMs,
    waitMs: left.waitMs + right.waitMs,
    errors: left.errors + right.errors,
    ...(Object.keys(classes).length === 0 ? {} : { errorsByClass }),
    recentMeanMs: left.recentMeanMs * weight + right.recentMeanMs * (1 - weight),
    recentMaxMs: Math.max(left.recentMaxMs, right.recentMaxMs),
    inFlight: left.inFlight + right.inFlight,
    ...(Number.isFinite(oldest) ? { oldestSinceMs: oldest } : {}),
  }
}

export class StageRates {
  #noted: Noted[] = []

  /** Rates over about the last ten seconds; a stage that began anew (another worker) is left out until it has two reports. */
  note(stages: readonly StageReport[], nowMs: number): readonly StageRate[] {
    this.#noted.push({ atMs: nowMs, stages: new Map(stages.map((one) => [stageKeyOf(one), one])) })
    while (this.#noted.length > 2 && this.#noted[1]!.atMs <= nowMs - windowMs) this.#noted.shift()
    const first = this.#noted[0]!
    const seconds = (nowMs - first.atMs) / 1_000
    if (seconds <= 0) return []
    return stages.flatMap((stage) => {
      const before = first.stages.get(stageKeyOf(stage))
      const calls = stage.calls - (before?.calls ?? 0)
      if (calls < 0) return []
      const cpuMs = Math.max(0, stage.cpuMs - (before?.cpuMs ?? 0))
      const waitMs = Math.max(0, stage.waitMs - (before?.waitMs ?? 0)) + openMs(stage, nowMs, first.atMs)
      return [
        {
          ...{ stage: stage.stage, name: stage.name, workClass: stage.workClass },
          callsPerSecond: calls / seconds,
          recordsPerSecond: Math.max(0, stage.records - (before?.records ?? 0)) / seconds,
          cpuRatio: cpuMs / 1_000 / seconds,
          waiting: waitMs / 1_000 / seconds,
          latencyMs: calls === 0 ? openMs(stage, nowMs, 0) : (cpuMs + waitMs) / calls,
        },
      ]
    })
  }
}

/** What has not ended has waited as well, since `fromMs`; only the oldest is known, the others count as half of it. */
const openMs = ({ inFlight, oldestSinceMs, stage }: StageReport, nowMs: number, fromMs: number): number => {
  // A fetch that is open waits for what does not exist, as a rule.
  if (oldestSinceMs === undefined || inFlight === 0 || stage === 'fetch') return 0
  const oldestMs = nowMs - Math.max(oldestSinceMs, fromMs)
  return oldestMs * (1 + (inFlight - 1) / 2)
}
