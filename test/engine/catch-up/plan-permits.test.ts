/** Which backlog ranges read now. */
import { describe, expect, test } from 'vitest'
import {
  type BacklogRange,
  inOrder,
  type PermitKnobs,
  planPermits,
  rampedLimit,
} from '../../../topology/engine/catch-up/plan-permits.ts'

const range = (key: string, more: Partial<BacklogRange> = {}): BacklogRange => ({
  key,
  lanes: [1],
  laneClass: 'backlog',
  oldestMs: 1,
  leftEvents: 1,
  isNearlyDone: false,
  isRetentionNear: false,
  ...more,
})
const knobs: PermitKnobs = { order: 'oldestFirst', limit: 2, recordsPerSecond: 0, replayShare: 0.1 }

const readingOf = (ranges: readonly BacklogRange[], more: Partial<PermitKnobs> = {}): string =>
  [...planPermits(ranges, { ...knobs, ...more })].flatMap(([key, { mayRead }]) => (mayRead ? [key] : [])).join(' ')

describe('backlog ranges', () => {
  const three = [
    range('b', { oldestMs: 20, leftEvents: 5 }),
    range('a', { oldestMs: 10, leftEvents: 9 }),
    range('c', { oldestMs: 30, leftEvents: 1 }),
  ]

  test('D18: are taken oldest first, and the others wait', () => {
    expect(readingOf(three)).toBe('b a')
    expect(readingOf(three, { order: 'newestFirst' })).toBe('b c')
    expect(readingOf(three, { order: 'smallestFirst' })).toBe('b c')
  })

  test('D18: that the log may drop before long go first, whatever order was asked for', () => {
    const near = three.map((one) => (one.key === 'a' ? { ...one, isRetentionNear: true } : one))
    expect(readingOf(near, { order: 'newestFirst', limit: 1 })).toBe('a')
    const all = three.map((one) => ({ ...one, isRetentionNear: true }))
    expect(inOrder(all, 'newestFirst').map(({ key }) => key)).toEqual(['a', 'b', 'c'])
  })

  test('are taken from each place in turn: or all that read would be those of one worker', () => {
    const placed = ['a', 'b', 'c', 'd'].map((key, index) =>
      range(key, { oldestMs: index + 1, place: index < 3 ? 'p 0' : 'p 1' }),
    )
    expect(readingOf(placed)).toBe('a d')
    expect(readingOf(placed, { limit: 3 })).toBe('a b d')
    expect(readingOf(placed.map((one) => ({ ...one, isRetentionNear: true })))).toBe('a b')
  })

  test('share one rate, each an equal part', () => {
    const rates = [...planPermits(three, { ...knobs, recordsPerSecond: 1_000 }).values()]
    expect(rates.map(({ recordsPerSecond }) => recordsPerSecond)).toEqual([500, 500, 0])
  })

  test('that are nearly done let the next begin beside them', () => {
    expect(readingOf([range('a', { isNearlyDone: true }), range('b'), range('c'), range('d')])).toBe('a b c')
  })

  test('that follow the log take no place of those that lie behind: else all would wait for ever', () => {
    const open = (key: string): BacklogRange => range(key, { laneClass: 'replay', oldestMs: 0, leftEvents: 0 })
    const behind = range('r', { laneClass: 'replay', oldestMs: 9 })
    expect(readingOf([open('p0'), open('p1'), open('p2'), behind])).toBe('p0 p1 p2 r')
    const [first] = planPermits([open('p0'), range('a')], { ...knobs, recordsPerSecond: 1_000 }).values()
    expect(first?.recordsPerSecond).toBe(1_000)
  })

  test('leave one place to a replay; without a share it waits until they are gone', () => {
    const replay = range('r', { laneClass: 'replay' })
    expect(readingOf([...three, replay])).toBe('b a r')
    expect(readingOf([...three, replay], { replayShare: 0 })).toBe('b a')
    expect(readingOf([replay], { replayShare: 0, limit: 1 })).toBe('r')
  })
})

describe('A2: a process that has just begun', () => {
  test('A2: lets its ranges read one after the other, along a straight line', () => {
    const curve = [0, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000].map((ms) => rampedLimit(8, ms, 30_000))
    expect(curve).toEqual([1, 2, 3, 4, 6, 8, 8])
    expect(rampedLimit(8, 0, 0)).toBe(8)
    expect([rampedLimit(8, 0, 30_000, 2), rampedLimit(1, 0, 30_000, 2)]).toEqual([2, 1])
  })
})
