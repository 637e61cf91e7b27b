/** Sums of doubles as fractions of whole numbers: slow, obvious, and exact. */
const fractionBits = 2_200n
const unit = 1n << fractionBits

/** value x 2^2200 as a whole number: no double and no square of one has a smaller unit. */
const fixed = (value: number): bigint => {
  let exponent = 0n
  let scaled = value
  // Doubling is exact, also for subnormals.
  for (; !Number.isInteger(scaled); exponent += 1n) scaled *= 2
  return (BigInt(scaled) * unit) >> exponent
}

const ofBits = (bits: bigint): number => new Float64Array(new BigInt64Array([bits]).buffer)[0]!
const largestBits = 0x7fefffffffffffffn

/** The double nearest to numerator / (denominator x 2^2200), ties to even: a search through all doubles. */
const nearest = (numerator: bigint, denominator = 1n): number => {
  if (numerator < 0n) return -nearest(-numerator, denominator)
  let low = 0n
  let high = largestBits
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (fixed(ofBits(middle)) * denominator <= numerator) low = middle
    else high = middle - 1n
  }
  if (low === largestBits) return ofBits(low)
  const below = numerator - fixed(ofBits(low)) * denominator
  const above = fixed(ofBits(low + 1n)) * denominator - numerator
  const isUp = above < below || (above === below && low % 2n === 1n)
  return ofBits(isUp ? low + 1n : low)
}

const exactSum = (values: readonly number[]): bigint => values.reduce((sum, value) => sum + fixed(value), 0n)
export const nearestSum = (values: readonly number[]): number => nearest(exactSum(values))
export const nearestMean = (values: readonly number[]): number => nearest(exactSum(values), BigInt(values.length))

/** Population standard deviation, by long division of whole numbers. */
export const nearestDeviation = (values: readonly number[]): number => {
  const count = BigInt(values.length)
  const sum = exactSum(values)
  const squares = values.reduce((total, value) => total + fixed(value) ** 2n, 0n)
  // (count x squares - sum^2) / count^2 has the unit 2^4400, its root 2^2200.
  return nearest(wholeRoot((count * squares - sum * sum) << 200n), count << 100n)
}

/** From above: the first step that leads no further down stands at the root. */
const wholeRoot = (value: bigint): bigint => {
  if (value === 0n) return 0n
  for (let root = 1n << BigInt(value.toString(16).length * 2 + 1); ; ) {
    const next = (root + value / root) / 2n
    if (next >= root) return root
    root = next
  }
}
