/** What `status --watch` draws on a terminal. */
import { expect, test } from 'vitest'
import { drawnLines } from '../../topology/cli/watch-status.ts'

const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`)
const foot = '12:00:00 UTC, every second'

test('what is drawn never needs more rows than there are, so that the headline stays', () => {
  const drawn = drawnLines(lines.join('\n'), foot, { columns: 80, rows: 24 })
  expect(drawn.length).toBe(23)
  expect(drawn[0]).toBe('line 0')
  expect(drawn.slice(-3)).toEqual(['... 10 more lines: `topology status`', '', foot])
})

test('a line that is wider than the terminal takes several of its rows, and colours take none', () => {
  const wide = ['x'.repeat(100), `\x1b[31m${'y'.repeat(80)}\x1b[39m`, ...lines]
  const drawn = drawnLines(wide.join('\n'), foot, { columns: 80, rows: 24 })
  expect(drawn.length).toBe(22)
})

test('what fits is drawn as it is, as is all of it where nobody knows the rows', () => {
  expect(drawnLines('a\nb\n', foot, { columns: 80, rows: 24 })).toEqual(['a', 'b', '', foot])
  expect(drawnLines(lines.join('\n'), foot, { columns: 80 })).toHaveLength(32)
})
