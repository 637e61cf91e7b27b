import { describe, expect, test } from 'vitest'
import { delayRangeOf, delayWords, drainWords, durationWords, etaWords } from '../../topology/observe/lag-words.ts'
import { givenLag } from './given-snapshot.ts'

const hourMs = 3_600_000

describe('D10: what is told is a range, never one number', () => {
  test('of the delay, with the share of data inside it', () => {
    const lines = [
      givenLag({ lagEvents: 10, lagMs: 6 * hourMs }),
      givenLag({ lagEvents: 83, lagMs: 12 * hourMs }),
      givenLag({ lagEvents: 7, lagMs: 20 * hourMs }),
      givenLag({ lagEvents: 0, lagMs: 0 }),
    ]
    const range = delayRangeOf(lines)
    expect(range).toEqual({ lowMs: 6 * hourMs, highMs: 12 * hourMs, share: 0.93 })
    expect(delayWords(range!)).toBe('93% of the events behind are up to 6 h to 12 h late')
    expect(delayRangeOf([])).toBeUndefined()
  })
  test('of the end', () => {
    expect(etaWords([1 * hourMs, 2.5 * hourMs])).toBe('caught up in 1 h to 2 h 30 min')
    expect(etaWords([30_000, 30_500])).toBe('caught up in about 30 s')
    expect(etaWords(null)).toBe('no end in sight at this rate')
  })
  test('and the drain as a multiple of real time', () => {
    expect([5.6, 12.4, 0.4, null].map(drainWords)).toEqual([
      'drains at 5.6 x real time',
      'drains at 12 x real time',
      'slower than real time (0.4 x)',
      'nothing is read',
    ])
  })
})

test('durations have two words at most', () => {
  expect([40, 4_900, 200_000, 5_160_000, 7_200_000, 187_200_000].map(durationWords)).toEqual([
    '40 ms',
    '4 s',
    '3 min',
    '1 h 26 min',
    '2 h',
    '2 d 4 h',
  ])
})
