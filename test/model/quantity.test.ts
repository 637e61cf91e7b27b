import { expect, test } from 'vitest'
import { parseBytes, parseDuration } from '../../topology/model/quantity.ts'

test.each([
  ['32 MiB', 33_554_432],
  ['1.5kib', 1_536],
  ['500 kB', 500_000],
  ['2GB', 2e9],
  ['17', 17],
  [4_096, 4_096],
])('the size %j is %d bytes', (written, bytes) => {
  expect(parseBytes(written)).toBe(bytes)
})

test.each([
  ['5 minutes', 300_000],
  ['250 ms', 250],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['90', 90],
  [1_000, 1_000],
])('the duration %j is %d ms', (written, ms) => {
  expect(parseDuration(written)).toBe(ms)
})

test.each(['', 'soon', '5 parsecs', '-1 s', '1 2 s', 'constructor', Number.NaN, -1, 1e300])(
  '%j is refused with a reason',
  (written) => {
    expect(parseBytes(written)).toContain('is not a size')
    expect(parseDuration(written)).toContain('is not a duration')
  },
)
