/** A rate with room for a burst of one second. */
import { describe, expect, test } from 'vitest'
import { TokenBucket } from '../../../topology/engine/catch-up/token-bucket.ts'

/** What is taken in so many seconds by somebody who always wants more, in portions. */
const takenIn = (seconds: number, rate: number, portion: number): number => {
  const bucket = new TokenBucket()
  let taken = 0
  for (let nowMs = 0; nowMs <= seconds * 1_000; ) {
    const restMs = bucket.restMs(nowMs, rate)
    if (restMs > 0) nowMs += restMs
    else {
      bucket.take(portion, nowMs, rate)
      taken += portion
    }
  }
  return taken
}

describe('a limited rate', () => {
  test.each([1, 50, 500, 5_000])('is kept in the long run, in portions of %i', (portion) => {
    const taken = takenIn(60, 500, portion)
    expect(taken).toBeGreaterThan(500 * 59 - portion)
    expect(taken).toBeLessThanOrEqual(500 * 61 + portion)
  })

  test('gives nothing at 0, and everything without a limit', () => {
    const bucket = new TokenBucket()
    bucket.take(1_000, 0, Number.POSITIVE_INFINITY)
    expect(bucket.restMs(0, Number.POSITIVE_INFINITY)).toBe(0)
    const shut = new TokenBucket()
    shut.take(1, 0, 0)
    expect(shut.restMs(1_000, 0)).toBe(Number.POSITIVE_INFINITY)
  })

  test('gives nothing for a clock that has gone back', () => {
    const bucket = new TokenBucket()
    bucket.take(200, 10_000, 100)
    expect(bucket.restMs(0, 100)).toBeGreaterThan(0)
    expect(bucket.restMs(3_000, 100)).toBe(0)
  })
})
