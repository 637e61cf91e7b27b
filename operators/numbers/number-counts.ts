/**
 * How often each of some numbers occurs: a multiset with weights, as an open-addressed table in one array of doubles.
 *
 * A JavaScript Map boxes every fractional key and costs several times as much on the path of every tuple. Counts may be
 * negative in a delta of a delete; a number whose count is 0 is not there (I-3: undoing leaves nothing behind).
 */
export interface NumberCounts {
  /** Pairs of number and count; NaN marks a free place. The number of pairs is a power of two. */
  pairs: number[]
  /** Places that are taken, those with count 0 included. */
  taken: number
  /** What `sortedCounts` gave, until the next change. */
  sorted: readonly number[] | undefined
}

// A delta of a small group holds few numbers; larger ones double.
const firstPlaces = 4

const doubles = new Float64Array(1)
const words = new Uint32Array(doubles.buffer)

const freePairs = (places: number): number[] => new Array<number>(places * 2).fill(Number.NaN)

export const startCounts = (): NumberCounts => ({
  pairs: freePairs(firstPlaces),
  taken: 0,
  sorted: undefined,
})

/** Adds `weight` to the count of a number that is not NaN; -0 counts as 0. */
export const addToCounts = (counts: NumberCounts, value: number, weight: number): void => {
  const { pairs } = counts
  counts.sorted = undefined
  const mask = pairs.length - 1
  let at = placeOf(value, mask)
  for (;;) {
    const found = pairs[at]!
    if (found === value) {
      pairs[at + 1]! += weight
      return
    }
    if (Number.isNaN(found)) break
    at = (at + 2) & mask
  }
  pairs[at] = value + 0
  pairs[at + 1] = weight
  counts.taken += 1
  if (counts.taken * 8 > pairs.length * 3) rehash(counts)
}

const placeOf = (value: number, mask: number): number => {
  doubles[0] = value + 0
  const mixed = Math.imul(words[0]! ^ Math.imul(words[1]!, 0x9e3779b1), 0x85ebca6b)
  return ((mixed ^ (mixed >>> 15)) << 1) & mask
}

const rehash = (counts: NumberCounts): void => {
  const { pairs } = counts
  let live = 0
  for (let i = 0; i < pairs.length; i += 2) if (!Number.isNaN(pairs[i]!) && pairs[i + 1] !== 0) live += 1
  let places = firstPlaces
  while (places < live * 2) places *= 2
  counts.pairs = freePairs(places)
  counts.taken = 0
  for (let i = 0; i < pairs.length; i += 2) {
    if (!Number.isNaN(pairs[i]!) && pairs[i + 1] !== 0) addToCounts(counts, pairs[i]!, pairs[i + 1]!)
  }
}

export const forEachCount = (counts: NumberCounts, visit: (value: number, count: number) => void): void => {
  const { pairs } = counts
  for (let i = 0; i < pairs.length; i += 2) {
    if (!Number.isNaN(pairs[i]!) && pairs[i + 1] !== 0) visit(pairs[i]!, pairs[i + 1]!)
  }
}

/** left + right, into left. */
export const mergeCounts = (left: NumberCounts, right: NumberCounts): NumberCounts => {
  forEachCount(right, (value, count) => addToCounts(left, value, count))
  return left
}

/** How many numbers have a count. */
export const distinctOf = (counts: NumberCounts): number => {
  let live = 0
  forEachCount(counts, () => {
    live += 1
  })
  return live
}

/** `[number, count, number, count, ...]` by ascending number. */
export const sortedCounts = (counts: NumberCounts): readonly number[] => {
  counts.sorted ??= sortPairs(counts)
  return counts.sorted
}

const sortPairs = (counts: NumberCounts): readonly number[] => {
  const { pairs } = counts
  const values = new Float64Array(counts.taken)
  let live = 0
  for (let i = 0; i < pairs.length; i += 2) {
    if (!Number.isNaN(pairs[i]!) && pairs[i + 1] !== 0) values[live++] = pairs[i]!
  }
  // A list of doubles sorts natively, several times faster than pairs by a comparison; the counts are looked up behind it.
  const sorted = values.subarray(0, live).sort()
  const flat = new Array<number>(live * 2)
  for (let i = 0; i < live; i += 1) {
    flat[i * 2] = sorted[i]!
    flat[i * 2 + 1] = countOf(counts, sorted[i]!)
  }
  return flat
}

/** Count of a number that has one. */
const countOf = ({ pairs }: NumberCounts, value: number): number => {
  const mask = pairs.length - 1
  let at = placeOf(value, mask)
  while (pairs[at] !== value) at = (at + 2) & mask
  return pairs[at + 1]!
}

export const decodeCounts = (flat: readonly number[]): NumberCounts => {
  const counts = startCounts()
  for (let i = 0; i + 1 < flat.length; i += 2) addToCounts(counts, flat[i]!, flat[i + 1]!)
  return counts
}

/** The same for whole numbers that lie close together: each is written as its distance from the one before. */
export const encodeDense = (counts: NumberCounts): readonly number[] => {
  let before = 0
  return sortedCounts(counts).map((value, index) => {
    if (index % 2 === 1) return value
    const step = value - before
    before = value
    return step
  })
}

export const decodeDense = (flat: readonly number[]): NumberCounts => {
  const counts = startCounts()
  let value = 0
  for (let i = 0; i + 1 < flat.length; i += 2) {
    value += flat[i]!
    addToCounts(counts, value, flat[i + 1]!)
  }
  return counts
}

export const countsSizeBytes = (counts: NumberCounts): number => 64 + counts.pairs.length * 8
