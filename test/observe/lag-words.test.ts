import { describe, expect, test } from 'vitest'
import type { LagLine } from '../../topology/model/run-snapshot.ts'
import {
  delayRangeOf,
  delayWords,
  drainWords,
  durationWords,
  etaWords,
  paceWords,
} from '../../topology/observe/lag-words.ts'
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

describe('D9: how fast a branch drains', () => {
  const following = givenLag({ lagEvents: 40, drainMultiple: 1, etaMs: [0, 0] })
  const range = (more: Partial<LagLine>): LagLine =>
    givenLag({ laneClass: 'backlog', lagEvents: 1_000, drainMultiple: 3, etaMs: [6_000, 9_000], ...more })
  const pace = (...own: readonly LagLine[]): string => paceWords(own, { eventsPerSecond: 2_600, etaMs: [6_000, 9_000] })

  test('is what the ranges of a partition pass together', () => {
    const two = [range({ lane: 1 }), range({ lane: 2, drainMultiple: 2 }), range({ partition: 1, drainMultiple: null })]
    expect(pace(...two)).toBe('drains at 2.5 x real time')
  })

  test('is no matter of lanes that follow the log, for they drain nothing', () => {
    const lanes = [following, { ...following, lane: 1, tenant: 'acme' }]
    expect(pace(...lanes, range({ lane: 2, drainMultiple: 1.4 }))).toBe('drains at 1.4 x real time')
    expect(pace(...lanes, range({ lane: 2, drainMultiple: 0.04 }))).toBe('drains at 2,600 events/s')
  })

  test('counts the time once that lanes of different tenants pass over the same records', () => {
    const acme = range({ lane: 1, tenant: 'acme', ownEvents: 750 })
    const others = range({ lane: 2, tenant: 'all but acme', ownEvents: 250 })
    expect(pace(acme, others)).toBe('drains at 3.0 x real time')
    expect(pace(acme, { ...others, drainMultiple: 7 })).toBe('drains at 4.0 x real time')
    expect(pace({ ...acme, drainMultiple: 0.7 }, { ...others, drainMultiple: 0.7 })).toBe('drains at 2,600 events/s')
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
