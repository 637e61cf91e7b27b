import { describe, expect, test } from 'vitest'
import {
  beatEveryMs,
  judgeWorker,
  recentDeaths,
  restartPauseMs,
  type WorkerSigns,
} from '../../../topology/engine/workers/worker-health.ts'

const knobs = { heartbeatMs: 5_000, callMs: 10_000 }
const signs = (more: Partial<WorkerSigns> = {}): WorkerSigns => ({
  ...{ startedAtMs: 0, isReady: true, heardAtMs: 100_000, markedAtMs: undefined, callSinceMs: undefined },
  ...more,
})

describe('a worker', () => {
  test.each([
    ['well', signs(), 104_000],
    ['silent', signs(), 105_001],
    // It loads the topology and opens stores.
    ['well', signs({ isReady: false, heardAtMs: undefined }), 50_000],
    ['silent', signs({ isReady: false, heardAtMs: undefined }), 60_001],
    // It says itself that a call does not end.
    ['overrun', signs({ callSinceMs: 90_000 }), 100_001],
    ['well', signs({ callSinceMs: 91_000 }), 100_001],
    // It has marked records long ago and says that it waits, for a store perhaps.
    ['well', signs({ markedAtMs: 60_000 }), 104_000],
  ] as const)('is %s', (health, seen, nowMs) => {
    expect(judgeWorker(seen, knobs, nowMs)).toBe(health)
  })

  test('that was not heard since it has marked records is ended by the shorter of the two limits', () => {
    const seen = signs({ markedAtMs: 100_000 })
    expect(judgeWorker(seen, { heartbeatMs: 60_000, callMs: 1_000 }, 101_001)).toBe('overrun')
    expect(judgeWorker(seen, { heartbeatMs: 500, callMs: 1_000 }, 100_600)).toBe('silent')
  })

  test('says that it lives several times within each limit', () => {
    expect(beatEveryMs(knobs)).toBe(1_000)
    expect(beatEveryMs({ heartbeatMs: 500, callMs: 10_000 })).toBe(125)
    expect(beatEveryMs({ heartbeatMs: 5_000, callMs: 100 })).toBe(25)
  })
})

describe('the next life', () => {
  test('begins at once after one death, then later and later, and at most 30 s later', () => {
    const deaths = (count: number): readonly number[] => Array.from({ length: count }, () => 1_000)
    expect([1, 2, 3, 4, 5, 20].map((count) => restartPauseMs(deaths(count), 1_000))).toEqual([
      0, 250, 500, 1_000, 2_000, 30_000,
    ])
  })

  test('forgets deaths of more than a minute ago', () => {
    expect(recentDeaths([1_000, 50_000, 61_000], 61_500)).toEqual([50_000, 61_000])
    expect(restartPauseMs([1_000, 2_000, 200_000], 200_000)).toBe(0)
  })
})
