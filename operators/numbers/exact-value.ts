/**
 * The value of an exact sum: mantissa x 2^exponent with an odd mantissa, so that equal sums have equal values (I-1).
 *
 * Answers are the doubles nearest to the exact result (ties to even), whatever the order of the additions. Beyond the
 * largest double an answer stops there and says that it is approximate.
 */
import type { JsonValue } from '../../topology/model/json.ts'
import { addBigToSum, addToSum, type ExactSum, startSum } from './exact-sum.ts'

export interface ExactValue {
  /** Odd, or 0. */
  readonly mantissa: bigint
  readonly exponent: number
}

const bitLength = (value: bigint): number => {
  const hex = value.toString(16)
  return (hex.length - 1) * 4 + 32 - Math.clz32(Number.parseInt(hex[0]!, 16))
}

const reduced = (mantissa: bigint, exponent: number): ExactValue => {
  if (mantissa === 0n) return { mantissa, exponent: 0 }
  let odd = mantissa
  let power = exponent
  for (; (odd & 0xffffffffn) === 0n; odd >>= 32n) power += 32
  const low = Number(odd & 0xffffffffn)
  const zeros = 31 - Math.clz32(low & -low)
  return { mantissa: odd >> BigInt(zeros), exponent: power + zeros }
}

export const valueOfSum = (sum: ExactSum): ExactValue => {
  if (sum.bins === undefined) return reduced(BigInt(sum.whole), 0)
  let total = 0n
  for (let i = sum.bins.length - 1; i >= 0; i -= 1) total = (total << 32n) + BigInt(sum.bins[i]!)
  const exponent = 32 * sum.base - 1074
  if (exponent > 0) return reduced((total << BigInt(exponent)) + BigInt(sum.whole), 0)
  return reduced(total + (BigInt(sum.whole) << BigInt(-exponent)), exponent)
}

/** The double nearest to mantissa x 2^exponent; `isMore` says that the magnitude is a little larger than that. */
const nearestDouble = (mantissa: bigint, exponent: number, isMore: boolean): number => {
  if (mantissa === 0n) return 0
  const size = mantissa < 0n ? -mantissa : mantissa
  // 53 digits, fewer where the result is subnormal.
  const cut = Math.max(bitLength(size) - 53, -1074 - exponent)
  if (cut <= 0) return Number(mantissa) * 2 ** Math.max(exponent, -1074)
  const shift = BigInt(cut)
  const kept = size >> shift
  const rest = size - (kept << shift)
  const half = 1n << (shift - 1n)
  const isUp = rest > half || (rest === half && (isMore || (kept & 1n) === 1n))
  const rounded = Number(isUp ? kept + 1n : kept)
  return (mantissa < 0n ? -rounded : rounded) * 2 ** (exponent + cut)
}

/** There is one zero, also where something below it was too small for a double. */
const finite = (value: number): { readonly value: number; readonly approximate: boolean } =>
  Number.isFinite(value)
    ? { value: value + 0, approximate: false }
    : { value: value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE, approximate: true }

/** The nearest double to a sum. */
export const readSum = (sum: ExactSum): { readonly value: number; readonly approximate: boolean } => {
  if (sum.bins === undefined) return { value: sum.whole, approximate: false }
  const { mantissa, exponent } = valueOfSum(sum)
  return finite(nearestDouble(mantissa, exponent, false))
}

// Digits of a quotient before it is rounded: more than 53, with some to spare for the sticky one.
const quotientBits = 66

/** The nearest double to sum / count. */
export const readMean = (sum: ExactSum, count: number): { readonly value: number; readonly approximate: boolean } => {
  if (sum.bins === undefined) return { value: sum.whole / count, approximate: false }
  const { mantissa, exponent } = valueOfSum(sum)
  const shift = Math.max(0, quotientBits + bitLength(BigInt(count)) - bitLength(mantissa < 0n ? -mantissa : mantissa))
  const numerator = mantissa << BigInt(shift)
  const quotient = numerator / BigInt(count)
  return finite(nearestDouble(quotient, exponent - shift, quotient * BigInt(count) !== numerator))
}

/** The nearest double to the population standard deviation: sqrt(count x squares - sum^2) / count. */
export const readDeviation = (
  sum: ExactSum,
  squares: ExactSum,
  count: number,
): { readonly value: number; readonly approximate: boolean } => {
  const total = valueOfSum(sum)
  const square = valueOfSum(squares)
  const exponent = Math.min(2 * total.exponent, square.exponent)
  const difference =
    ((BigInt(count) * square.mantissa) << BigInt(square.exponent - exponent)) -
    ((total.mantissa * total.mantissa) << BigInt(2 * total.exponent - exponent))
  if (difference <= 0n) return { value: 0, approximate: false }
  const divisor = BigInt(count) * BigInt(count)
  let shift = Math.max(0, 2 * quotientBits + bitLength(divisor) - bitLength(difference))
  // The exponent under the root must be even.
  if ((exponent - shift) % 2 !== 0) shift += 1
  const numerator = difference << BigInt(shift)
  const variance = numerator / divisor
  const root = squareRoot(variance)
  const isMore = root * root !== variance || variance * divisor !== numerator
  return finite(nearestDouble(root, (exponent - shift) / 2, isMore))
}

/** The largest whole number whose square is not above `value`, by Newton's steps from above. */
const squareRoot = (value: bigint): bigint => {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** A JSON number where the sum is a double, else `<mantissa in hex>p<exponent>`. */
export const encodeSum = (sum: ExactSum): JsonValue => {
  if (sum.bins === undefined) return sum.whole
  const { mantissa, exponent } = valueOfSum(sum)
  const size = mantissa < 0n ? -mantissa : mantissa
  const bits = bitLength(size)
  if (bits <= 53 && exponent >= -1074 && bits + exponent <= 1024) return nearestDouble(mantissa, exponent, false)
  return `${mantissa.toString(16)}p${exponent}`
}

export const decodeSum = (json: JsonValue): ExactSum => {
  const sum = startSum()
  if (typeof json === 'number') addToSum(sum, json)
  else if (typeof json === 'string') {
    const [digits = '0', exponent = '0'] = json.split('p')
    const size = BigInt(`0x${digits.replace('-', '')}`)
    addBigToSum(sum, digits.startsWith('-') ? -size : size, Number(exponent))
  }
  return sum
}
