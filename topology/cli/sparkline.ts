/** A series on one line: a block per point, eight heights between the lowest, or zero, and the highest. */
import { slices } from './column-chart.ts'

const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** `null` is a gap. More points than `width` are drawn together, each as high as the highest of them. */
export const sparkline = (values: readonly (number | null)[], width: number): string => {
  const present = values.filter((value) => value !== null)
  const most = present.reduce((high, value) => Math.max(high, value), 0)
  const least = present.reduce((low, value) => Math.min(low, value), 0)
  const parts = values.length > width ? slices(values, width) : values.map((value) => [value])
  const wide = Math.max(1, Math.min(3, Math.floor(width / Math.max(1, values.length))))
  return parts
    .map((part) => {
      const some = part.filter((value) => value !== null)
      return (some.length === 0 ? ' ' : heightOf(Math.max(...some), least, most)).repeat(wide)
    })
    .join('')
}

const heightOf = (value: number, least: number, most: number): string => {
  const share = most === least ? 0 : (value - least) / (most - least)
  return heights[Math.min(heights.length - 1, Math.floor(share * heights.length))] ?? heights[0]!
}
