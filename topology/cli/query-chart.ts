/**
 * The answer of a query as a chart: a series over time as columns, several as a line each, groups as bars.
 */
import { styleText } from 'node:util'
import type { JsonValue } from '../model/json.ts'
import { columnChart } from './column-chart.ts'
import { cellText, queryTable } from './query-table.ts'
import { type ResultRow, resultRows, resultStarts, shortTime } from './result-rows.ts'
import { sparkline } from './sparkline.ts'
import { bar, formatNumber, plural, textTable, widthOf } from './text-table.ts'

export interface ChartOptions {
  readonly groupBy: readonly string[]
  /** Which value is drawn; default the first. */
  readonly value: string | undefined
  readonly columns: number
  readonly hasColour: boolean
}

// What a screen holds beside a title and an axis.
const linesMax = 30

export const queryChart = (result: JsonValue, options: ChartOptions): string => {
  const starts = resultStarts(result)
  const rows = resultRows(result)
  const [first] = rows
  if (first === undefined) return 'no rows\n'
  const names = Object.keys(first.cells).filter((name) => !options.groupBy.includes(name))
  const { value = names[0] ?? '' } = options
  if (starts === undefined) {
    return options.groupBy.length === 0 ? queryTable(result, [], options.columns) : barChart(rows, value, options)
  }
  if (options.groupBy.length > 0) return seriesChart(groupSeries(rows, starts, value, options), starts, value, options)
  return singleSeries(rows, starts, value, options)
}

const singleSeries = (
  rows: readonly ResultRow[],
  starts: readonly string[],
  value: string,
  options: ChartOptions,
): string => {
  const shorten = commonTimes(starts)
  const points = rows.map(({ start, cells }) => ({ label: shorten(start ?? ''), value: numberOf(cells[value]) }))
  const lines = columnChart(points, options.columns)
  const title = `${value}, ${spanText(starts)}`
  return [title, ...lines.map((line) => colouredBlocks(line, options.hasColour))].map((line) => `${line}\n`).join('')
}

interface Series {
  readonly names: readonly string[]
  readonly values: readonly (number | null)[]
}

/** One series per group, the largest first. */
const groupSeries = (
  rows: readonly ResultRow[],
  starts: readonly string[],
  value: string,
  { groupBy }: ChartOptions,
): readonly Series[] => {
  const places = new Map(starts.map((start, index) => [start, index]))
  const found = new Map<string, { readonly names: readonly string[]; readonly values: (number | null)[] }>()
  for (const { start, cells } of rows) {
    const names = groupBy.map((name) => cellText(cells[name] ?? null))
    const id = JSON.stringify(groupBy.map((name) => cells[name] ?? null))
    let series = found.get(id)
    if (series === undefined) {
      series = { names, values: starts.map(() => null) }
      found.set(id, series)
    }
    series.values[places.get(start ?? '') ?? 0] = numberOf(cells[value])
  }
  return [...found.values()].toSorted((left, right) => sizeOf(right) - sizeOf(left))
}

const sizeOf = ({ values }: Series): number => values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0)

const seriesChart = (
  all: readonly Series[],
  starts: readonly string[],
  value: string,
  { groupBy, columns }: ChartOptions,
): string => {
  const shown = all.slice(0, linesMax)
  const cells = shown.map(({ names, values }) => {
    const present = values.filter((one) => one !== null)
    const numbers =
      present.length === 0
        ? ['-', '-', '-']
        : [Math.min(...present), Math.max(...present), present.at(-1)!].map((one) => formatNumber(one))
    return { names, values, numbers }
  })
  const used = [...groupBy.keys()].reduce(
    (sum, index) => sum + 2 + Math.max(...[groupBy[index]!, ...cells.map(({ names }) => names[index]!)].map(widthOf)),
    ['lowest', 'highest', 'last'].reduce(
      (sum, title, index) => sum + 2 + Math.max(title.length, ...cells.map(({ numbers }) => numbers[index]!.length)),
      0,
    ),
  )
  const width = Math.max(10, columns - used)
  const heads = [
    ...groupBy.map((title) => ({ title })),
    { title: '' },
    ...['lowest', 'highest', 'last'].map((title) => ({ title, align: 'right' as const })),
  ]
  const table = textTable(
    heads,
    cells.map(({ names, values, numbers }) => [...names, sparkline(values, width), ...numbers]),
  )
  return `${value}, ${spanText(starts)}\n${table}${leftOut(shown.length, all.length)}`
}

/** Groups without time: a bar each, the largest first. */
const barChart = (rows: readonly ResultRow[], value: string, { groupBy, columns }: ChartOptions): string => {
  const sized = rows.map(({ cells }) => ({ cells, size: numberOf(cells[value]) ?? 0 }))
  const shown = sized.toSorted((left, right) => right.size - left.size).slice(0, linesMax)
  const most = shown.reduce((high, { size }) => Math.max(high, size), 0)
  const texts = shown.map(({ cells }) => [...groupBy, value].map((name) => cellText(cells[name] ?? null)))
  const heads = [...groupBy.map((title) => ({ title })), { title: value, align: 'right' as const }]
  const used = heads.reduce(
    (sum, { title }, index) => sum + 2 + Math.max(...[title, ...texts.map((cells) => cells[index]!)].map(widthOf)),
    0,
  )
  const width = Math.max(10, columns - used)
  const table = textTable(
    [...heads, { title: '' }],
    texts.map((cells, index) => [...cells, most > 0 ? bar(shown[index]!.size / most, width) : '']),
  )
  return table + leftOut(shown.length, rows.length)
}

const leftOut = (shown: number, all: number): string =>
  shown === all ? '' : `the largest ${shown} of ${plural(all, 'group')}\n`

const numberOf = (value: JsonValue | undefined): number | null => (typeof value === 'number' ? value : null)

const spanText = (starts: readonly string[]): string =>
  `${plural(starts.length, 'interval')} from ${shortTime(starts[0]!)} to ${shortTime(starts.at(-1)!)}`

/** Labels without the year where all share it, without the day where all share that. */
const commonTimes = (starts: readonly string[]): ((start: string) => string) => {
  const [first = ''] = starts
  const isSame = (length: number): boolean => starts.every((start) => start.slice(0, length) === first.slice(0, length))
  const cut = isSame(10) ? 11 : isSame(4) ? 5 : 0
  const isMidnight = starts.every((start) => start.slice(11, 19) === '00:00:00')
  return (start) => (cut === 11 ? start.slice(11, 16) : isMidnight ? start.slice(cut, 10) : shortTime(start).slice(cut))
}

const colouredBlocks = (line: string, hasColour: boolean): string =>
  hasColour ? line.replace(/[▀-█▔]+/g, (blocks) => styleText('cyan', blocks, { validateStream: false })) : line
