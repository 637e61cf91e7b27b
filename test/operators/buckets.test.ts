import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketOf, relativeError, valueOfBucket } from '../../operators/numbers/buckets.ts'

const doubles = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer().map((cents) => cents / 100),
  fc.constantFrom(
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
    2.2250738585072014e-308,
    1,
    0.9999999999999999,
  ),
)

test('the value of a bucket is within the stated error of every number in it', () => {
  fc.assert(
    fc.property(doubles, (value) => {
      const distance = Math.abs(valueOfBucket(bucketOf(value)) - value)
      // Below the normal numbers the steps between doubles are wider than 1 %.
      expect(distance <= relativeError * Math.abs(value) || distance <= 5e-324).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('buckets are ordered as their numbers are', () => {
  fc.assert(
    fc.property(doubles, doubles, (left, right) => {
      if (left < right) expect(bucketOf(left)).toBeLessThanOrEqual(bucketOf(right))
    }),
    { numRuns: 2_000 },
  )
})

test('0 has a bucket of its own', () => {
  expect([bucketOf(0), bucketOf(-0), valueOfBucket(0)]).toEqual([0, 0, 0])
  expect(bucketOf(5e-324)).toBeGreaterThan(0)
})
