/**
 * The exact sum of doubles: a fixed-point number wide enough for every double, kept as bins of 32 bits.
 *
 * A double is a whole mantissa times a power of two, so it lands in at most three bins, and adding is whole-number
 * arithmetic: any order gives the same value and a -1 takes out what a +1 had put in, to the bit (I-1, I-3). Whole
 * numbers skip the bins while their sum is safe. Bin k stands for 2^(32k - 1074); squares may use bins below 0.
 * How the value is spread over `whole` and `bins` depends on history; `exact-value.ts` reads and writes the value itself.
 */
export interface ExactSum {
  /** Safe integer. */
  whole: number
  /** Index of the first bin. */
  base: number
  bins: number[] | undefined
  /** Upper bound of |bin| / 2^32. */
  adds: number
}

const binSize = 2 ** 32
// |bin| < adds x 2^32 must stay below 2^53 after two sums have been merged.
const addsMax = 2 ** 20
// The square of a whole number up to this is a safe integer.
const rootMax = 94_906_265
// Between these the product and its error are normal doubles.
const squareMin = 2 ** -450
const squareMax = 2 ** 490

const doubles = new Float64Array(1)
const words = new Uint32Array(doubles.buffer)
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0
const low = 1 - high

export const startSum = (): ExactSum => ({ whole: 0, base: 0, bins: undefined, adds: 0 })

/** Adds a finite double. */
export const addToSum = (sum: ExactSum, value: number): void => {
  const next = sum.whole + value
  // A rounded sum of two safe integers that is safe itself was not rounded.
  if (Math.trunc(value) === value && isSafe(value) && isSafe(next)) sum.whole = next
  else addToBins(sum, value)
}

const isSafe = (value: number): boolean => value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER

/** Adds weight x value^2, exactly. */
export const addSquareToSum = (sum: ExactSum, value: number, weight: number): void => {
  const size = Math.abs(value)
  if (size <= rootMax && Math.trunc(value) === value) addToSum(sum, weight * value * value)
  else if (size < squareMin || size > squareMax) addHugeSquare(sum, value, weight)
  else addSplitSquare(sum, value, weight)
}

/** Dekker's product: `square + error` is the exact square. */
const addSplitSquare = (sum: ExactSum, value: number, weight: number): void => {
  const square = value * value
  const scaled = value * 134_217_729
  const upper = scaled - (scaled - value)
  const lower = value - upper
  const error = upper * upper - square + 2 * upper * lower + lower * lower
  addToSum(sum, weight * square)
  addToSum(sum, weight * error)
}

const addToBins = (sum: ExactSum, value: number): void => {
  doubles[0] = value
  const upper = words[high]!
  const lower = words[low]!
  const exponent = (upper >>> 20) & 0x7ff
  const mantissa = exponent === 0 ? upper & 0xfffff : (upper & 0xfffff) | 0x100000
  // Place of the lowest bit of the mantissa above 2^-1074.
  const place = exponent === 0 ? 0 : exponent - 1
  const shift = place & 31
  const bins = binsFor(sum, place >>> 5, 3)
  const at = (place >>> 5) - sum.base
  const sign = value < 0 ? -1 : 1
  bins[at]! += sign * ((lower << shift) >>> 0)
  if (shift === 0) bins[at + 1]! += sign * mantissa
  else {
    bins[at + 1]! += sign * (((lower >>> (32 - shift)) | (mantissa << shift)) >>> 0)
    bins[at + 2]! += sign * (mantissa >>> (32 - shift))
  }
  sum.adds += 1
  if (sum.adds >= addsMax) carry(sum)
}

/** The bins, widened so that `count` bins from `index` on exist. */
const binsFor = (sum: ExactSum, index: number, count: number): number[] => {
  const { bins, base } = sum
  if (bins !== undefined && index >= base && index + count <= base + bins.length) return bins
  // One bin of room on both sides: neighbouring magnitudes then need no further widening.
  const from = Math.min(bins === undefined ? index - 1 : base, index - 1)
  const to = Math.max(bins === undefined ? 0 : base + bins.length, index + count + 1)
  const wider = new Array<number>(to - from).fill(0)
  if (bins !== undefined) for (let i = 0; i < bins.length; i += 1) wider[base - from + i] = bins[i]!
  sum.base = from
  sum.bins = wider
  return wider
}

const carry = (sum: ExactSum): void => {
  const bins = sum.bins ?? []
  for (let i = 0; i < bins.length; i += 1) {
    const over = Math.trunc(bins[i]! / binSize)
    if (over === 0) continue
    bins[i]! -= over * binSize
    if (i + 1 === bins.length) bins.push(0)
    bins[i + 1]! += over
  }
  sum.adds = 1
}

/** Adds mantissa x 2^exponent. Slow: for decoding and for squares beyond the range of doubles. */
export const addBigToSum = (sum: ExactSum, mantissa: bigint, exponent: number): void => {
  if (mantissa === 0n) return
  const place = exponent + 1074
  const index = Math.floor(place / 32)
  let rest = (mantissa < 0n ? -mantissa : mantissa) << BigInt(place - index * 32)
  const sign = mantissa < 0n ? -1 : 1
  const length = Math.ceil(rest.toString(16).length / 8)
  const bins = binsFor(sum, index, length)
  for (let i = index - sum.base; rest > 0n; i += 1, rest >>= 32n) bins[i]! += sign * Number(rest & 0xffffffffn)
  sum.adds += 1
  if (sum.adds >= addsMax) carry(sum)
}

const addHugeSquare = (sum: ExactSum, value: number, weight: number): void => {
  if (value === 0) return
  // Scaled by a power of two into a whole mantissa: subnormals have fewer digits, the scaling is exact all the same.
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -1022) - 60
  const scaled = exponent < -1000 ? value * 2 ** 1000 * 2 ** (-exponent - 1000) : value * 2 ** -exponent
  const mantissa = BigInt(scaled)
  addBigToSum(sum, BigInt(weight) * mantissa * mantissa, 2 * exponent)
}

/** left + right, into left. */
export const mergeSums = (left: ExactSum, right: ExactSum): ExactSum => {
  addToSum(left, right.whole)
  if (right.bins === undefined) return left
  const bins = binsFor(left, right.base, right.bins.length)
  const at = right.base - left.base
  for (let i = 0; i < right.bins.length; i += 1) bins[at + i]! += right.bins[i]!
  left.adds += right.adds
  if (left.adds >= addsMax) carry(left)
  return left
}

export const sumSizeBytes = (sum: ExactSum): number => 64 + (sum.bins === undefined ? 0 : 16 + sum.bins.length * 8)
