/**
 * One series as columns of blocks over a time axis: plain text that any terminal, file or chat shows alike.
 *
 * Columns begin at zero, so their heights compare; what is below zero hangs down. More points than the screen has
 * columns are drawn together, each column as high as the highest of them, and that is said.
 */
import { formatNumber } from './text-table.ts'

export interface ChartPoint {
  readonly label: string
  readonly value: number | null
}

const rowCount = 12
const rowsPerTick = 3
const eighths = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** Lines without an ending line break. */
export const columnChart = (points: readonly ChartPoint[], columns: number): readonly string[] => {
  const values = points.flatMap(({ value }) => value ?? [])
  const scale = scaleOf(values)
  const labels = scale.ticks.map((tick) => formatNumber(tick))
  const gutter = Math.max(...labels.map((label) => label.length))
  const room = Math.max(10, columns - gutter - 3)
  const { drawn, each } = together(points, room)
  const width = Math.min(8, Math.floor(room / drawn.length))
  const rows = scale.edges.map((edge, index) => {
    const blockOf = index < scale.above ? standing : hanging
    const cells = drawn.map(({ value }) => columnCell(blockOf((value ?? 0) / scale.step, edge), width)).join('')
    const tick = scale.ticks[scale.tickRows.indexOf(index)]
    const label = tick === undefined ? '' : formatNumber(tick)
    return `${label.padStart(gutter)} ${tick === undefined ? '│' : '┤'} ${cells}`.trimEnd()
  })
  const zero = `${'0'.padStart(gutter)} ┼─${'─'.repeat(width * drawn.length)}`
  const axis = timeAxis(
    drawn.map(({ label }) => label),
    width,
    room,
  )
  return [
    ...rows.slice(0, scale.above),
    zero,
    ...rows.slice(scale.above),
    `${' '.repeat(gutter + 3)}${axis}`.trimEnd(),
    ...(each === 1 ? [] : [`each column is the highest of up to ${each} intervals`]),
  ]
}

interface Scale {
  /** How many rows lie between each row and zero, from the top. */
  readonly edges: readonly number[]
  /** Rows above zero. */
  readonly above: number
  /** Height of a row. */
  readonly step: number
  readonly ticks: readonly number[]
  /** The rows whose far edges the ticks are. */
  readonly tickRows: readonly number[]
}

const scaleOf = (values: readonly number[]): Scale => {
  const most = values.reduce((high, value) => Math.max(high, value), 0)
  const least = values.reduce((low, value) => Math.min(low, value), 0)
  const fits = roundUp((most - least || 1) / (rowCount / rowsPerTick))
  // Half an order is no number to write beside counts.
  const tickStep = values.every(Number.isInteger) ? Math.max(1, Math.ceil(fits)) : fits
  const ticksAbove = Math.ceil(most / tickStep - 1e-9)
  const ticksBelow = Math.ceil(-least / tickStep - 1e-9)
  const above = Math.max(ticksAbove, ticksBelow === 0 ? 1 : 0) * rowsPerTick
  const below = ticksBelow * rowsPerTick
  const edges = [...Array.from({ length: above }, (_, i) => above - 1 - i), ...Array(below).keys()]
  const tops = Array.from({ length: above / rowsPerTick }, (_, i) => i * rowsPerTick)
  const bottoms = Array.from({ length: ticksBelow }, (_, i) => above + (i + 1) * rowsPerTick - 1)
  return {
    edges,
    above,
    step: tickStep / rowsPerTick,
    tickRows: [...tops, ...bottoms],
    ticks: [
      ...tops.map((row) => round(((above - row) / rowsPerTick) * tickStep)),
      ...bottoms.map((_, i) => round(-(i + 1) * tickStep)),
    ],
  }
}

/** 1, 2, 2.5 or 5 times a power of ten. */
const roundUp = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(value))
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10
  return factor * power
}

/** A sum of decimal steps without the noise of doubles. */
const round = (value: number): number => Number(value.toPrecision(12))

/** A narrow gap keeps wide columns apart. */
const columnCell = (block: string, width: number): string =>
  width < 3 ? block.repeat(width) : block.repeat(width - 1).padEnd(width)

/** What a column of a height, in rows, fills of the row that begins so many rows above zero. */
const standing = (height: number, edge: number): string => {
  if (height <= 0) return ' '
  const units = Math.round((height - edge) * 8)
  // What is more than nothing is seen.
  return eighths[Math.min(8, Math.max(edge === 0 ? 1 : 0, units))] ?? ' '
}

/** The same below zero, in halves: fonts have no others that hang. */
const hanging = (height: number, edge: number): string => {
  const share = -height - edge
  if (share <= 0) return ' '
  return share >= 0.75 ? '█' : share >= 0.25 ? '▀' : '▔'
}

/** Neighbours as one point, so that all fit. */
const together = (
  points: readonly ChartPoint[],
  room: number,
): { readonly drawn: readonly ChartPoint[]; readonly each: number } => {
  if (points.length <= room) return { drawn: points, each: 1 }
  const drawn = slices(points, room).map((some) => {
    const values = some.flatMap(({ value }) => value ?? [])
    return { label: some[0]!.label, value: values.length === 0 ? null : highest(values) }
  })
  return { drawn, each: Math.ceil(points.length / room) }
}

/** A list in `count` parts of about one length; every item is in one. */
export const slices = <Item>(items: readonly Item[], count: number): readonly (readonly Item[])[] =>
  Array.from({ length: count }, (_, index) =>
    items.slice(Math.floor((index * items.length) / count), Math.floor(((index + 1) * items.length) / count)),
  )

/** The one furthest from zero. */
const highest = (values: readonly number[]): number =>
  values.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most))

/** Labels below the columns that they belong to, as many as stand apart and within the chart. */
const timeAxis = (labels: readonly string[], width: number, room: number): string => {
  const longest = Math.max(...labels.map((label) => label.length))
  const every = Math.max(1, Math.ceil((longest + 3) / width))
  let line = ''
  for (let index = 0; index < labels.length; index += every) {
    if (index === 0 || index * width + labels[index]!.length <= room) line = line.padEnd(index * width) + labels[index]!
  }
  return line
}
