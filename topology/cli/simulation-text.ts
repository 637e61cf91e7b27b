/** What a simulation shows to people and to programs: what was tried, what reached the bolts, and the story of a failure. */
import { styleText } from 'node:util'
import type { JsonObject } from '../model/json.ts'
import type { SimulationReport } from '../testing/simulation/play-seeds.ts'
import type { SimulationFailure } from '../testing/simulation/report/explain-failure.ts'
import { faultWords } from '../testing/simulation/report/fault-words.ts'
import { invariantText } from '../testing/simulation/report/invariant-text.ts'
import { traceText } from '../testing/simulation/report/trace-text.ts'
import { type FaultKind, faultKinds } from '../testing/simulation/stage/fault-kinds.ts'
import type { CommandIo } from './command.ts'
import { formatDuration, formatNumber, plural, printable, type TextColumn, textTable } from './text-table.ts'

/** In the order of the catalogue, whatever befell first. */
const timesOf = (faults: SimulationReport['faults']): readonly (readonly [kind: FaultKind, times: number])[] =>
  faultKinds.flatMap((kind) => {
    const times = faults[kind] ?? 0
    return times > 0 ? [[kind, times] as const] : []
  })

export const countsText = ({ histories, steps }: SimulationReport, elapsedMs: number): string => {
  const rate = formatNumber(Math.round((histories * 1_000) / Math.max(1, elapsedMs)))
  const counts = `${histories === 1 ? '1 history' : `${formatNumber(histories)} histories`}, ${plural(steps, 'step')}`
  return `${counts} in ${formatDuration(elapsedMs)}, ${rate} histories a second\n`
}

const faultColumns = 3

/** Several pairs side by side: there are many kinds. */
export const faultsText = ({ faults }: SimulationReport): string => {
  const all = timesOf(faults)
  if (all.length === 0) return ''
  const height = Math.ceil(all.length / faultColumns)
  const titles: TextColumn[] = []
  const rows: string[][] = Array.from({ length: height }, () => [])
  for (let column = 0; column * height < all.length; column++) {
    titles.push({ title: 'TRIED' }, { title: 'TIMES', align: 'right' })
    for (const [index, row] of rows.entries()) {
      const [kind, times] = all[column * height + index] ?? []
      row.push(kind === undefined ? '' : faultWords(kind), times === undefined ? '' : formatNumber(times))
    }
  }
  return textTable(titles, rows)
}

export const boltsText = ({ bolts }: SimulationReport): string =>
  bolts.size === 0
    ? ''
    : textTable(
        [{ title: 'BOLT' }, { title: 'RECEIVED', align: 'right' }, { title: 'PASSED ON', align: 'right' }],
        Array.from(bolts, ([name, { received, emitted }]) => [name, formatNumber(received), formatNumber(emitted)]),
      )

export interface SilentBolt {
  readonly name: string
  /** What it threw first. */
  readonly threw: string | undefined
}

/** Bolts below which nothing was tested. */
export const silentBolts = ({ bolts }: SimulationReport): readonly SilentBolt[] =>
  [...bolts].flatMap(([name, { received, emitted, threw }]) => (received > 0 && emitted === 0 ? [{ name, threw }] : []))

// A whole view may be in it; `--json` has it whole.
const whatLengthMax = 1_000

/** Everything but the commands that play it again. */
export const failureText = (io: Pick<CommandIo, 'colour'>, failure: SimulationFailure): string => {
  const { seed, violation, smallest, records, story, startMs, doesRepeat } = failure
  const { invariant, what, part } = violation
  const head = `seed ${seed} breaks ${invariant}: ${invariantText(invariant)}`
  const blamed = part === undefined ? '' : `to blame: the ${part.kind} ${JSON.stringify(part.name)}\n`
  const faults = timesOf(smallest.faults).map(([kind, times]) => `${faultWords(kind)} ${formatNumber(times)}`)
  const size = `${plural(records, 'record')}, ${plural(smallest.chaosSteps, 'step')} with faults`
  const befell = faults.length === 0 ? 'no fault was needed' : `faults: ${faults.join(', ')}`
  const again = doesRepeat
    ? ''
    : 'Played again, it did not fail: something in the topology reads a clock, a random number, or what an earlier history has left.\n'
  const lines = traceText(story, { startMs, indent: '  ' }).split('\n').map(printable).join('\n')
  return [
    `${io.colour.stdout ? styleText('bold', head, { validateStream: false }) : head}\n`,
    `${blamed}${printable(what.length > whatLengthMax ? `${what.slice(0, whatLengthMax)} ...` : what)}\n${again}`,
    `\nThe shortest history found that still fails (${size}; ${befell}):\n${lines}`,
  ].join('')
}

export const reportJson = (report: SimulationReport, elapsedMs: number): JsonObject => ({
  histories: report.histories,
  steps: report.steps,
  elapsed_ms: elapsedMs,
  faults: Object.fromEntries(timesOf(report.faults)),
  bolts: Array.from(report.bolts, ([bolt, { received, emitted, threw }]) => ({
    bolt,
    received,
    passed_on: emitted,
    ...(threw === undefined ? {} : { threw }),
  })),
  notes: [...report.notes],
  failure: report.failure === undefined ? null : failureJson(report.failure),
})

const failureJson = (failure: SimulationFailure): JsonObject => {
  const { seed, violation, smallest, records, story, startMs, doesRepeat, plays } = failure
  const { invariant, what, part } = violation
  return {
    seed,
    invariant,
    promise: invariantText(invariant),
    what,
    part: part === undefined ? null : { kind: part.kind, name: part.name },
    does_repeat: doesRepeat,
    plays,
    records,
    steps_with_faults: smallest.chaosSteps,
    faults: Object.fromEntries(timesOf(smallest.faults)),
    story: story.map(({ step, timeMs, who, kind, what: told }) => ({
      step,
      ms: timeMs - startMs,
      who,
      kind,
      what: told,
    })),
  }
}
