/**
 * Stages of all reporters, those of workers that have ended among them: a worker that is replaced begins at 0, and
 * what is counted of a stage must not fall by what the one before it has done. Bounded: the ended ones are one sum.
 */
import type { StageReport, WorkReport } from '../model/work-report.ts'
import { addedStages, stageKeyOf } from './stage-rates.ts'

type Reporter = Pick<WorkReport, 'worker' | 'pid' | 'startedAtMs' | 'stages'>

export class EndedStages {
  #last: ReadonlyMap<string, Reporter> = new Map()
  readonly #ended = new Map<string, StageReport>()

  /** By stage, name and class. */
  see(reports: readonly Reporter[]): readonly StageReport[] {
    const now = new Map(reports.map((one) => [`${one.worker} ${one.pid} ${one.startedAtMs}`, one]))
    const ended = [...this.#last].filter(([key]) => !now.has(key)).map(([, reporter]) => reporter)
    for (const stage of addedStages(ended)) {
      const before = this.#ended.get(stageKeyOf(stage))
      this.#ended.set(stageKeyOf(stage), before === undefined ? resting(stage) : withCounts(resting(stage), before))
    }
    this.#last = now
    const open = addedStages(reports)
    const known = new Set(open.map(stageKeyOf))
    const whole = open.map((stage) => {
      const before = this.#ended.get(stageKeyOf(stage))
      return before === undefined ? stage : withCounts(stage, before)
    })
    return [...whole, ...[...this.#ended].filter(([key]) => !known.has(key)).map(([, stage]) => stage)]
  }
}

/** Nothing of it is open any more. */
const resting = ({ oldestSinceMs: _, ...stage }: StageReport): StageReport => ({
  ...stage,
  ...{ recentMeanMs: 0, recentMaxMs: 0, inFlight: 0 },
})

/** How long calls take now is told by those who make them. */
const withCounts = (stage: StageReport, ended: StageReport): StageReport => {
  const { recentMeanMs, recentMaxMs } = stage
  const [whole = stage] = addedStages([{ stages: [stage] }, { stages: [ended] }])
  return { ...whole, recentMeanMs, recentMaxMs }
}
