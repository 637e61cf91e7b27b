/**
 * Buckets of equal relative width over all doubles: a DDSketch that never collapses.
 *
 * The bucket of a number comes from its bits by a table, without a logarithm, so every machine and version puts it into
 * the same one and a -1 finds what a +1 had added (I-1, I-3). 36 buckets per doubling: the value that stands for a
 * bucket is within 1 % of every number in it.
 */

/** Largest relative distance between a number and the value of its bucket. */
export const relativeError = 0.01

const perDoubling = 36
// 12 bits of the mantissa tell the bucket: a border is off by 1/4096 at most, 0.0244 %, which 36 buckets can bear.
const steps = 4096
// Subnormal numbers are lifted by 2^54 to normal ones; exponents then begin at 1 - 54.
const lift = 54

/** Lower borders of the buckets of [1, 2) in steps, and the upper end. */
const borders = Array.from({ length: perDoubling + 1 }, (_, i) => Math.round(steps * 2 ** (i / perDoubling)))
const bucketOfStep = new Uint8Array(steps)
for (let i = 0; i < perDoubling; i += 1) bucketOfStep.fill(i, borders[i]! - steps, borders[i + 1]! - steps)

const doubles = new Float64Array(1)
const words = new Uint32Array(doubles.buffer)
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0

/** Number of the bucket: 0 for 0, negative for negative numbers, ascending with the value. */
export const bucketOf = (value: number): number => {
  if (value === 0) return 0
  doubles[0] = value
  let exponent = (words[high]! >>> 20) & 0x7ff
  if (exponent === 0) {
    doubles[0] = value * 2 ** lift
    exponent = ((words[high]! >>> 20) & 0x7ff) - lift
  }
  const bucket = (exponent + lift) * perDoubling + bucketOfStep[(words[high]! >>> 8) & 0xfff]!
  return value < 0 ? -bucket : bucket
}

/** The value that stands for a bucket: equally far from both borders, measured relatively. */
export const valueOfBucket = (bucket: number): number => {
  if (bucket === 0) return 0
  const index = Math.abs(bucket)
  const place = index % perDoubling
  const lower = borders[place]! / steps
  const upper = borders[place + 1]! / steps
  const exponent = (index - place) / perDoubling - lift - 1023
  const middle = (2 * lower * upper) / (lower + upper)
  // In two steps: 2 ** exponent alone may be below or above what a double holds.
  const size = exponent < -1000 ? middle * 2 ** -1000 * 2 ** (exponent + 1000) : middle * 2 ** exponent
  return Math.sign(bucket) * Math.min(size, Number.MAX_VALUE)
}
