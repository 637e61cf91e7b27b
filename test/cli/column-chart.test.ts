/** Series drawn as text. */
import { expect, test } from 'vitest'
import { columnChart } from '../../topology/cli/column-chart.ts'
import { sparkline } from '../../topology/cli/sparkline.ts'

const chart = (values: readonly (number | null)[], columns = 40): readonly string[] =>
  columnChart(
    values.map((value, index) => ({ label: `p${index}`, value })),
    columns,
  )

test('columns stand on zero, and what is below hangs from it', () => {
  expect(chart([1.5, -1, null, 0.1])).toEqual([
    ' 2 ┤',
    '   │ ▄▄▄▄▄▄▄',
    '   │ ███████',
    ' 1 ┤ ███████',
    '   │ ███████',
    '   │ ███████                 ▂▂▂▂▂▂▂',
    ' 0 ┼─────────────────────────────────',
    '   │         ███████',
    '   │         ███████',
    '-1 ┤         ███████',
    '     p0      p1      p2      p3',
  ])
})

test('whole numbers get whole marks, and very small ones their own', () => {
  expect(chart([1, 2])[0]).toBe('2 ┤         ███████')
  expect(chart([0.001, 0.0024])[0]).toBe('0.003 ┤')
})

test('what is more than nothing is seen, nothing is not', () => {
  expect(chart([1_000, 1, 0]).at(-3)).toBe('      │ ███████ ▁▁▁▁▁▁▁')
})

test('more points than columns are drawn together, as high as the highest, and that is said', () => {
  const lines = chart(Array.from({ length: 300 }, (_, i) => (i === 150 ? 9 : 1)))
  expect(lines.at(-1)).toBe('each column is the highest of up to 9 intervals')
  expect(lines.filter((line) => /^ *\d* [│┤] +█$/.test(line))).toHaveLength(8)
  expect(lines.slice(0, -1).every((line) => line.length <= 40)).toBe(true)
})

test('nothing at all is an empty chart', () => {
  expect(chart([null, null]).at(-2)).toMatch(/^ *0 ┼─+$/)
})

test('a line of blocks: gaps, neighbours together, a line below zero', () => {
  expect(sparkline([0, 1, null, 8], 4)).toBe('▁▂ █')
  expect(sparkline([0, 8], 40)).toBe('▁▁▁███')
  expect(sparkline([1, 8, 1, 1], 2)).toBe('█▂')
  expect(sparkline([-8, 0], 2)).toBe('▁█')
  expect(sparkline([], 10)).toBe('')
})
