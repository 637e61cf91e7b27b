/** A night for people: half an hour a line, beside what happened in 2019 at that time. */
import { criteria, elapsed, judgedEtas, problemsOf } from './criteria.ts'
import { hourMs, type Night } from './draw-night.ts'
import type { Period } from './night-record.ts'
import type { PlayedNight } from './play-night.ts'

/** What was published then, by minutes since the first alert, and what was true. */
const in2019: readonly (readonly [minutes: number, said: string, truth: string])[] = [
  [0, 'backlog alert; one customer', ''],
  [19, 'only S3 users affected', 'wrong'],
  [48, 'some writes slow or failing for all', 'broker latency'],
  [107, 'still working', ''],
  [152, 'spike over, backlog stays', ''],
  [219, '12 to 24 h to go at this rate', '22 h 53 to go'],
  [673, 'no precise time, hoped for 12 h', '15 h 19 to go'],
  [1381, '16 to 20 h behind', 'nothing said for 11 h 48'],
  [1506, 'next few hours', '1 h 26 to go'],
  [1592, 'fully caught up', ''],
]

const columns = ['TIME', 'SPIKING', 'OTHERS', 'ROWS P95', 'DRAIN', 'DONE IN', 'TRUTH', 'PROFILE', 'APRIL 2019'] as const

/** The curve, what was done by itself, and the eight criteria. */
export const nightText = (played: PlayedNight): string => {
  const { night, record } = played
  const { limits, spike, tenants } = night
  const usual = tenants.find(({ name }) => name === spike.tenant)!.eventsPerSecond
  const head = [
    `Seed ${night.seed}: ${tenants.length} tenants, 3,600 events/s of all of them; ${spike.tenant} sends ${(usual * 1_000).toFixed(0)}/s,`,
    `and ${(usual * spike.factor * 1_000).toFixed(0)}/s for 2:30 h. The archive's store takes ${(limits.objectBytesPerSecond / 1_000).toFixed(1)} MB/s.`,
  ]
  const rows = record.periods.map((period) => lineOf(played, period))
  const done = record.periods.flatMap(({ toMs, done }) =>
    told(done).map((text) => `  ${elapsed(spike, toMs)}  ${text}`),
  )
  return [
    ...head,
    '',
    ...table([[...columns], ...rows]),
    '',
    `Drained ${record.drainedAtMs === undefined ? 'never' : `after ${elapsed(spike, record.drainedAtMs)} h`} (2019: 26:32 h), at ${record.drainMultipleMax.toFixed(1)} x real time at best (2019: 5.5 to 6.7).`,
    ...later(spike, record.endedAtMs),
    '',
    'By itself:',
    ...done,
    '',
    ...criteria.map((text, index) => criterionText(text, problemsOf(played)[index]!)),
    '',
  ].join('\n')
}

const criterionText = (text: string, problems: readonly string[]): string =>
  problems.length === 0
    ? `ok      ${text}`
    : `BROKEN  ${text}\n${problems
        .slice(0, 5)
        .map((one) => `          ${one}\n`)
        .join('')}`

const lineOf = ({ night, record }: PlayedNight, period: Period): readonly string[] => {
  const { spike } = night
  const { toMs, fromMs, spikingLeft, othersLeft, rowDelaysMs, drainMultiple, etaMs, profile } = period
  const others = [...rowDelaysMs].filter(([tenant]) => tenant !== spike.tenant).map(([, ms]) => ms)
  const truth = judgedEtas(record).find(({ atMs }) => Math.abs(atMs - toMs) < 60_000)
  const then = in2019
    .filter(([minutes]) => minutes >= (fromMs - spike.fromMs) / 60_000 && minutes < (toMs - spike.fromMs) / 60_000)
    .map(([, said, was]) => (was === '' ? said : `${said} (${was})`))
  return [
    elapsed(spike, toMs),
    thousands(spikingLeft),
    thousands(othersLeft),
    `${(Math.max(0, ...others) / 1_000).toFixed(1)} s`,
    drainMultiple === 0 ? '' : `${drainMultiple.toFixed(1)} x`,
    etaMs === null ? 'no end in sight' : etaMs[1] === 0 ? '' : `${hours(etaMs[0])} to ${hours(etaMs[1])}`,
    truth === undefined ? '' : hours(truth.leftMs),
    profile,
    then.join('; '),
  ]
}

/** What happened in 2019 after this night was over. */
const later = (spike: Night['spike'], endedAtMs: number): readonly string[] =>
  in2019
    .filter(([minutes]) => minutes * 60_000 > endedAtMs - spike.fromMs)
    .map(
      ([minutes, said, was]) =>
        `  2019, ${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}: ${said}${was === '' ? '' : ` (${was})`}`,
    )

/** Cuts of one kind are told once. */
const told = (done: readonly string[]): readonly string[] => {
  const moves = done.filter((text) => text.includes(' -> '))
  const lanes = done.filter((text) => !text.includes(' -> ')).map((text) => text.replace(/:.*/, ''))
  const counts = [...Map.groupBy(lanes, (text) => text)].map(([text, own]) => `${own.length} x ${text}`)
  return [...moves, ...counts]
}

/** One event stands for a thousand. */
const thousands = (events: number): string => (events < 1_000 ? `${events} K` : `${(events / 1_000).toFixed(1)} M`)

const hours = (ms: number): string =>
  ms < hourMs
    ? `${Math.round(ms / 60_000)} min`
    : `${Math.floor(ms / hourMs)} h ${String(Math.round((ms % hourMs) / 60_000)).padStart(2, '0')}`

const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}
