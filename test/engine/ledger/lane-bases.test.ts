/** Which lane numbers the spouts of a topology get. */
import { expect, test } from 'vitest'
import { laneBases } from '../../../topology/engine/ledger/lane-bases.ts'

const million = 2 ** 20
const basesOf = (...given: Parameters<typeof laneBases>): Record<string, number> =>
  Object.fromEntries(laneBases(...given))

test('the spouts of a new topology are numbered in their order', () => {
  expect(basesOf([], ['a', 'b', 'c'])).toEqual({ a: 0, b: million, c: 2 * million })
})

test('a spout keeps what its documents use, in whatever order it is declared and however many lanes it has had', () => {
  const used = [
    { spout: 'b', nextLane: 7 },
    { spout: 'a', nextLane: million + 64 },
    { spout: 'a', nextLane: million },
  ]
  expect(basesOf(used, ['a', 'b'])).toEqual({ b: 0, a: million })
})

test('a new spout takes the next numbers that nobody has used, a spout that has gone included', () => {
  const used = [
    { spout: 'gone', nextLane: 3 * million + 1 },
    { spout: 'old', nextLane: 1 },
  ]
  expect(basesOf(used, ['new', 'old', 'newer'])).toEqual({
    gone: 3 * million,
    old: 0,
    new: 4 * million,
    newer: 5 * million,
  })
})
