/** What a check of the runbook is given, and what it answers. Checks only read: they can be asked at any time. */
import type { RunSnapshot, WorkerLine } from '../../model/run-snapshot.ts'
import type { StageReport } from '../../model/work-report.ts'
import { durationWords } from '../lag-words.ts'

export interface RunbookView {
  /** Of every process that runs the topology and has told something within the last seconds; at least one. */
  readonly snapshots: readonly RunSnapshot[]
  readonly knob: (name: string) => number
  readonly nowMs: number
  /** Of all logs of the topology. */
  readonly partitions: number
}

export interface Finding {
  /** `found`: that is what to look at. `unknown`: nothing was measured yet. */
  readonly state: 'found' | 'fine' | 'unknown'
  readonly text: string
  /** Names that the commands can be given. */
  readonly branch?: string
  readonly tenant?: string
  readonly process?: string
}

export type Look = (view: RunbookView) => Finding

export const found = (text: string, names: Pick<Finding, 'branch' | 'tenant' | 'process'> = {}): Finding => ({
  state: 'found',
  text,
  ...names,
})
export const fine = (text: string): Finding => ({ state: 'fine', text })
export const unknown = (text: string): Finding => ({ state: 'unknown', text })

/** Lines of one kind of all processes. */
export const linesOf = <Line>(view: RunbookView, pick: (snapshot: RunSnapshot) => readonly Line[]): readonly Line[] =>
  view.snapshots.flatMap(pick)

export const highestOf = <Line>(lines: readonly Line[], size: (line: Line) => number): Line | undefined =>
  lines.reduce<Line | undefined>(
    (most, line) => (most === undefined || size(line) > size(most) ? line : most),
    undefined,
  )

export const sumBy = <Line>(
  lines: readonly Line[],
  key: (line: Line) => string,
  size: (line: Line) => number,
): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>()
  for (const line of lines) sums.set(key(line), (sums.get(key(line)) ?? 0) + size(line))
  return sums
}

/** The largest first, at most so many. */
export const largest = (sums: ReadonlyMap<string, number>, most: number): readonly (readonly [string, number])[] =>
  [...sums].sort((left, right) => right[1] - left[1]).slice(0, most)

export const stagesOf = (view: RunbookView): readonly StageReport[] => linesOf(view, ({ stages }) => stages)

export const sinceWords = (view: RunbookView, sinceMs: number): string =>
  durationWords(Math.max(0, view.nowMs - sinceMs))

export const because = (reason: string): string => (reason === '' ? '' : `: ${reason}`)

/** As `drain` takes it. */
export const workerName = (process: string, { worker }: Pick<WorkerLine, 'worker'>): string =>
  worker === 0 ? process : `${process}/${worker}`
