/**
 * How often each of some numbers occurs: a multiset with weights.
 *
 * New numbers are only appended; now and then they are sorted, natively, and merged into the sorted rest. On the path of
 * every tuple this costs a push, where a Map would box every fractional key. Counts may be negative in a delta of a
 * delete; a number whose count is 0 is not there (I-3: undoing leaves nothing behind).
 */
export interface NumberCounts {
  /** `[number, count, number, count, ...]` by ascending number, no count 0. */
  sorted: number[]
  /** `[number, weight, ...]` in the order they came. */
  fresh: number[]
}

// Below this many appended numbers, 4 KB, merging early saves less than it costs.
const freshPairsMin = 256

export const startCounts = (): NumberCounts => ({ sorted: [], fresh: [] })

/** Adds `weight` to the count of a number that is not NaN; -0 counts as 0. */
export const addToCounts = (counts: NumberCounts, value: number, weight: number): void => {
  const { fresh } = counts
  fresh.push(value + 0, weight)
  // As many again as are sorted: each number is merged a few times at most, and the list is at most twice its need.
  if (fresh.length >= freshPairsMin * 2 && fresh.length >= counts.sorted.length) settle(counts)
}

/** Merges what was appended. */
const settle = (counts: NumberCounts): void => {
  if (counts.fresh.length === 0) return
  counts.sorted = mergeSorted(counts.sorted, sortFresh(counts.fresh))
  counts.fresh = []
}

/** Pairs in ascending order; a number may come several times. */
const sortFresh = (fresh: readonly number[]): readonly number[] => {
  const values = new Float64Array(fresh.length / 2)
  let isPlain = true
  for (let i = 0; i < values.length; i += 1) {
    values[i] = fresh[i * 2]!
    isPlain &&= fresh[i * 2 + 1] === 1
  }
  // Tuples that are added weigh 1 each: then a native sort of the numbers alone is enough, many times faster.
  if (!isPlain) return sortPairs(fresh)
  values.sort()
  const sorted = new Array<number>(fresh.length)
  for (let i = 0; i < values.length; i += 1) {
    sorted[i * 2] = values[i]!
    sorted[i * 2 + 1] = 1
  }
  return sorted
}

const sortPairs = (fresh: readonly number[]): readonly number[] =>
  Array.from({ length: fresh.length / 2 }, (_, i) => [fresh[i * 2]!, fresh[i * 2 + 1]!] as const)
    .sort((left, right) => left[0] - right[0])
    .flat()

/** Both by ascending number; equal numbers become one pair, counts of 0 none. */
const mergeSorted = (left: readonly number[], right: readonly number[]): number[] => {
  const merged: number[] = []
  let l = 0
  let r = 0
  while (l < left.length || r < right.length) {
    const isLeft = r >= right.length || (l < left.length && left[l]! <= right[r]!)
    const value = isLeft ? left[l]! : right[r]!
    let count = 0
    for (; l < left.length && left[l] === value; l += 2) count += left[l + 1]!
    for (; r < right.length && right[r] === value; r += 2) count += right[r + 1]!
    if (count !== 0) merged.push(value, count)
  }
  return merged
}

/** By ascending number. */
export const forEachCount = (counts: NumberCounts, visit: (value: number, count: number) => void): void => {
  const sorted = sortedCounts(counts)
  for (let i = 0; i < sorted.length; i += 2) visit(sorted[i]!, sorted[i + 1]!)
}

/** left + right, into left. */
export const mergeCounts = (left: NumberCounts, right: NumberCounts): NumberCounts => {
  left.sorted = mergeSorted(sortedCounts(left), sortedCounts(right))
  return left
}

/** How many numbers have a count. */
export const distinctOf = (counts: NumberCounts): number => sortedCounts(counts).length / 2

/** `[number, count, number, count, ...]` by ascending number. */
export const sortedCounts = (counts: NumberCounts): readonly number[] => {
  settle(counts)
  return counts.sorted
}

export const decodeCounts = (flat: readonly number[]): NumberCounts => {
  const counts = startCounts()
  for (let i = 0; i + 1 < flat.length; i += 2) counts.fresh.push(flat[i]! + 0, flat[i + 1]!)
  settle(counts)
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
  let value = 0
  return decodeCounts(
    flat.map((part, index) => {
      if (index % 2 === 1) return part
      value += part
      return value
    }),
  )
}

export const countsSizeBytes = (counts: NumberCounts): number => 64 + (counts.sorted.length + counts.fresh.length) * 8
