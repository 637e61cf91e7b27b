/** What `topology audit` shows people: sums by sink, what differs, what was not compared, and what they should know. */
import type { AuditCell } from '../audit-cells.ts'
import type { AuditReport } from '../audit-report.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { formatNumber, plural, printable, textTable } from './text-table.ts'

export const auditText = (report: AuditReport): string =>
  [
    headOf(report),
    sinksTable(report),
    report.cells.length === 0 ? '' : `\n${cellsTable(report)}`,
    report.differences.length === 0 ? '' : `\n${differencesTable(report)}`,
    ...[...problemLines(report), ...noteLines(report)].map((line) => `${printable(line)}\n`),
    `${verdictOf(report)}\n`,
  ].join('')

const headOf = ({ topology, records, logs }: AuditReport): string => {
  const ranges = logs.filter(({ from, to }) => to > from)
  const places = ranges.map(
    ({ topic, partition, from, to }) =>
      `  ${topic}/${partition} offsets [${formatNumber(from)}, ${formatNumber(to)})\n`,
  )
  const shown = places.slice(0, 8)
  const rest = places.length > shown.length ? `  and ${plural(places.length - shown.length, 'more partition')}\n` : ''
  return `audit of ${topology}: ${plural(records, 'record')} of the log read\n${shown.join('')}${rest}\n`
}

const right = (title: string): { readonly title: string; readonly align: 'right' } => ({ title, align: 'right' })

const sinksTable = ({ sinks }: AuditReport): string => {
  const columns = [
    { title: 'SINK' },
    { title: 'COUNTED BY' },
    ...['EVENTS', 'DEAD LETTERS', 'DELETED', 'EXPECTED', 'FOUND', 'COUNTS', 'DIFFER'].map(right),
  ]
  const rows = sinks.flatMap((sink) =>
    (sink.windows.length === 0 ? [undefined] : sink.windows).map((window, index) => {
      const once = (value: number): string => (index === 0 ? formatNumber(value) : '')
      return [
        index === 0 ? sink.stored : '',
        window?.window ?? '',
        once(sink.events),
        once(sink.deadLettered),
        once(sink.deleted),
        expectedText(window?.expected ?? 0, window?.moving ?? 0),
        formatNumber(window?.found ?? 0),
        once(sink.cells),
        once(sink.differing),
      ]
    }),
  )
  return sinks.length === 0 ? '' : textTable(columns, rows)
}

const expectedText = (expected: number, moving: number): string =>
  moving === 0 ? formatNumber(expected) : `${formatNumber(expected)} to ${formatNumber(expected + moving)}`

const placeOf = ({ sink, project, collection, window, startMs }: AuditCell): readonly string[] => [
  sink,
  project,
  collection ?? '(all)',
  startMs === null ? '(all)' : formatTime(startMs),
  window,
]

const placeColumns = ['SINK', 'PROJECT', 'COLLECTION', 'FROM', 'WINDOW'].map((title) => ({ title }))

const cellsTable = ({ cells }: AuditReport): string =>
  textTable(
    [...placeColumns, right('EXPECTED'), right('FOUND'), { title: '' }],
    cells.map((cell) => [
      ...placeOf(cell),
      expectedText(cell.expected, cell.moving),
      formatNumber(cell.found),
      cell.agrees ? '' : 'differs',
    ]),
  )

// A screen or two; --json has the first thousand, --all every count.
const differencesShown = 50

const differencesTable = ({ differences, differenceCount }: AuditReport): string => {
  const shown = differences.slice(0, differencesShown)
  const rest = differenceCount - shown.length
  const table = textTable(
    [...placeColumns, right('EXPECTED'), right('FOUND'), { title: 'WHICH MEANS' }],
    shown.map((one) => [...placeOf(one), expectedText(one.expected, one.moving), formatNumber(one.found), one.meaning]),
  )
  return `${table}${rest > 0 ? `and ${plural(rest, 'more difference')}; --json and --all show more\n` : ''}`
}

const problemLines = ({ problems, problemCount, counters }: AuditReport): readonly string[] => {
  const more = problemCount - problems.length
  const shown = [
    ...problems,
    ...(more > 0 ? [`and ${plural(more, 'more problem')}`] : []),
    ...counters.flatMap((one) =>
      one.problems.map(
        (problem) => `counters of ${one.stored}, partition ${one.partition} of ${one.spout}: ${problem}`,
      ),
    ),
  ]
  return shown.length === 0 ? [] : ['', ...shown]
}

const noteLines = ({ left, open, notes, sinks }: AuditReport): readonly string[] => {
  const part = sinks.filter(({ isAtLeast }) => isAtLeast).map(({ stored }) => stored)
  const lines = [
    ...left.map(({ stored, reason }) => `not compared: ${stored}, ${reason}`),
    ...open.map(
      (one) =>
        `not yet: ${one.stored} has committed everything below offset ${formatNumber(one.committed)} of ${formatNumber(one.end)}, partition ${one.partition} of ${one.spout} (${plural(one.lanes, 'lane')}, ${plural(one.left, 'offset')} left)`,
    ),
    ...(part.length === 0
      ? []
      : [
          `at least: the log has dropped events that ${part.join(', ')} still count: more than the log says is no difference`,
        ]),
    ...notes.map((note) => `note: ${note}`),
  ]
  return lines.length === 0 ? [] : ['', ...lines]
}

const verdictOf = ({ isEqual, sinks, differenceCount, problemCount, counters }: AuditReport): string => {
  const cells = sinks.reduce((sum, one) => sum + one.cells, 0)
  if (isEqual) return `\nall ${plural(cells, 'count')} of ${plural(sinks.length, 'sink')} agree`
  const wrong = counters.filter(({ problems }) => problems.length > 0).length
  const parts = [
    ...(differenceCount > 0 ? [`${formatNumber(differenceCount)} of ${plural(cells, 'count')} differ`] : []),
    ...(problemCount > 0 ? [plural(problemCount, 'problem')] : []),
    ...(wrong > 0 ? [`counters of ${plural(wrong, 'partition')} are wrong`] : []),
  ]
  return `\n${parts.join(', ')}`
}

const cellJson = ({ sink, project, collection, window, startMs, expected, moving, found }: AuditCell): JsonObject => ({
  ...{ sink, project, collection, window },
  from: startMs === null ? null : formatTime(startMs),
  ...{ expected, moving, found },
})

export const auditJson = (report: AuditReport): JsonValue => ({
  topology: report.topology,
  equal: report.isEqual,
  records: report.records,
  logs: report.logs.map((one) => ({ ...one })),
  sinks: report.sinks.map((one) => ({
    ...{ sink: one.stored, name: one.name, kind: one.kind, events: one.events },
    dead_lettered: one.deadLettered,
    deleted: one.deleted,
    windows: one.windows.map((window) => ({ ...window })),
    counts: one.cells,
    differing: one.differing,
    at_least: one.isAtLeast,
  })),
  not_compared: report.left.map(({ name, stored, reason }) => ({ sink: stored, name, reason })),
  difference_count: report.differenceCount,
  differences: report.differences.map((one) => ({ ...cellJson(one), meaning: one.meaning })),
  problem_count: report.problemCount,
  problems: [...report.problems],
  counters: report.counters.map(({ stored, spout, partition, received, applied, deadLettered, dropped, problems }) => ({
    ...{ sink: stored, spout, partition, received, applied },
    dead_lettered: deadLettered,
    dropped,
    problems: [...problems],
  })),
  open: report.open.map(({ stored, ...one }) => ({ sink: stored, ...one })),
  notes: [...report.notes],
  ...(report.cells.length === 0
    ? {}
    : { cells: report.cells.map((cell) => ({ ...cellJson(cell), agrees: cell.agrees })) }),
})
