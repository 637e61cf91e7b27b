import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addBigToSum,
  addSquareToSum,
  addToSum,
  type ExactSum,
  mergeSums,
  startSum,
} from '../../operators/numbers/exact-sum.ts'
import {
  decodeSum,
  encodeSum,
  readDeviation,
  readMean,
  readSum,
  valueOfSum,
} from '../../operators/numbers/exact-value.ts'
import { nearestDeviation, nearestMean, nearestSum } from '../oracle/exact-rational.ts'

const finiteDouble = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer().map((cents) => cents / 100),
  fc.maxSafeInteger(),
  fc.constantFrom(5e-324, -5e-324, 2.2250738585072014e-308, 1e308, -1e308, 1e16, 1, -0, 0.1),
)
// Sums of these stay within the range of doubles.
const tameDouble = finiteDouble.map((value) => value / 1024)

const sumOf = (values: readonly number[]): ExactSum => {
  const sum = startSum()
  for (const value of values) addToSum(sum, value)
  return sum
}

const squaresOf = (values: readonly number[]): ExactSum => {
  const sum = startSum()
  for (const value of values) addSquareToSum(sum, value, 1)
  return sum
}

describe('an exact sum', () => {
  test('is the double nearest to the sum of any doubles', () => {
    fc.assert(
      fc.property(fc.array(tameDouble, { maxLength: 12 }), (values) => {
        expect(readSum(sumOf(values)).value).toBe(nearestSum(values) + 0)
      }),
      { numRuns: 150 },
    )
  })

  test('has one encoded text whatever the order', () => {
    fc.assert(
      fc.property(fc.array(finiteDouble, { maxLength: 30 }), (values) => {
        const sorted = [...values].sort((left, right) => left - right)
        expect(encodeSum(sumOf(sorted))).toEqual(encodeSum(sumOf(values)))
      }),
      { numRuns: 300 },
    )
  })

  test('is to the bit what it was when everything added is taken out again', () => {
    fc.assert(
      fc.property(fc.array(finiteDouble), fc.array(finiteDouble), (kept, gone) => {
        const sum = sumOf([...kept, ...gone])
        for (const value of gone) addToSum(sum, -value)
        expect(encodeSum(sum)).toEqual(encodeSum(sumOf(kept)))
      }),
      { numRuns: 300 },
    )
  })

  test('adds up from parts, decoded ones too', () => {
    fc.assert(
      fc.property(fc.array(finiteDouble), fc.array(finiteDouble), (left, right) => {
        const stored = decodeSum(JSON.parse(JSON.stringify(encodeSum(sumOf(left)))))
        expect(encodeSum(mergeSums(stored, sumOf(right)))).toEqual(encodeSum(sumOf([...left, ...right])))
      }),
      { numRuns: 300 },
    )
  })

  test('keeps the small beside the large', () => {
    expect(readSum(sumOf([1e16, 1, -1e16])).value).toBe(1)
    expect(readSum(sumOf([1e308, 5e-324, -1e308])).value).toBe(5e-324)
    expect(readSum(sumOf([0.1, 0.2])).value).toBe(0.30000000000000004)
  })

  test('leaves the range of doubles and comes back', () => {
    const sum = sumOf([1e308, 1e308, 1e308])
    expect(readSum(sum)).toEqual({ value: Number.MAX_VALUE, approximate: true })
    addToSum(sum, -1e308)
    addToSum(sum, -1e308)
    expect(readSum(sum)).toEqual({ value: 1e308, approximate: false })
  })

  test('bears millions of additions to one bin', () => {
    const sum = startSum()
    for (let i = 0; i < 2_200_000; i += 1) addToSum(sum, 4_503_599_627_370_495.5)
    expect(valueOfSum(sum)).toEqual(valueOfSum(decodeSum(`${(9_007_199_254_740_991n * 2_200_000n).toString(16)}p-1`)))
  })

  test('takes whole numbers of any size when it is decoded', () => {
    const sum = startSum()
    addBigToSum(sum, -(3n ** 500n), -900)
    expect(decodeSum(encodeSum(sum))).toEqual(expect.objectContaining({ whole: 0 }))
    expect(encodeSum(decodeSum(encodeSum(sum)))).toBe(`-${(3n ** 500n).toString(16)}p-900`)
  })
})

describe('answers from exact sums', () => {
  test('the average is the double nearest to sum / count', () => {
    fc.assert(
      fc.property(fc.array(tameDouble, { minLength: 1, maxLength: 9 }), (values) => {
        expect(readMean(sumOf(values), values.length).value).toBe(nearestMean(values) + 0)
      }),
      { numRuns: 150 },
    )
  })

  test('the standard deviation is the nearest double, also where the textbook formula has no digit left', () => {
    const values = [1e9 + 0.25, 1e9 + 0.5, 1e9 + 0.75]
    expect(readDeviation(sumOf(values), squaresOf(values), 3).value).toBe(nearestDeviation([0.25, 0.5, 0.75]))
    fc.assert(
      fc.property(fc.array(tameDouble, { minLength: 1, maxLength: 6 }), (list) => {
        expect(readDeviation(sumOf(list), squaresOf(list), list.length).value).toBe(nearestDeviation(list))
      }),
      { numRuns: 100 },
    )
  })

  test('squares of every double leave nothing behind when they are taken out', () => {
    fc.assert(
      fc.property(fc.array(finiteDouble), (values) => {
        const sum = squaresOf(values)
        for (const value of values) addSquareToSum(sum, value, -1)
        expect(encodeSum(sum)).toBe(0)
      }),
      { numRuns: 200 },
    )
  })
})
