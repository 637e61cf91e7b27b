/**
 * The smallest number of a multiset that can also lose numbers.
 *
 * The lowest 1,000 distinct numbers are kept with their counts; what lies above `edge` is counted in buckets. So the
 * answer is exact until deletes have taken all of the 1,000 away from a row that has more; then it is the bucket's
 * value, within 1 %, and says so. What is kept is a function of the numbers alone as long as none leaves (I-1).
 *
 * Numbers move into the buckets only in `settle`, when the state is written or read: an open delta keeps every number,
 * so a delete that comes into the middle of an epoch leaves no trace in what the epoch writes.
 */
import { isJsonObject, type JsonValue } from '../../topology/model/json.ts'
import { bucketOf, valueOfBucket } from './buckets.ts'
import { numbersOf } from './json-list.ts'
import {
  addToCounts,
  countsSizeBytes,
  decodeCounts,
  decodeDense,
  distinctOf,
  encodeDense,
  forEachCount,
  mergeCounts,
  type NumberCounts,
  sortedCounts,
  startCounts,
} from './number-counts.ts'

/** Distinct numbers that are kept exactly: a state of about 10 KiB. */
export const extremesMax = 1_000

export interface Extremes {
  counts: NumberCounts
  /** The largest number that may stand in `counts`. */
  edge: number
  above: NumberCounts | undefined
}

export const startExtremes = (): Extremes => ({
  counts: startCounts(),
  edge: Number.POSITIVE_INFINITY,
  above: undefined,
})

export const addToExtremes = (state: Extremes, value: number, weight: number): void => {
  if (value <= state.edge) addToCounts(state.counts, value, weight)
  else addAbove(state, bucketOf(value), weight)
}

const addAbove = (state: Extremes, bucket: number, weight: number): void => {
  state.above ??= startCounts()
  addToCounts(state.above, bucket, weight)
}

/** Keeps only numbers up to `edge` one by one. */
const lowerEdge = (state: Extremes, edge: number): void => {
  const kept = startCounts()
  forEachCount(state.counts, (value, count) => {
    if (value <= edge) addToCounts(kept, value, count)
    else addAbove(state, bucketOf(value), count)
  })
  state.counts = kept
  state.edge = edge
}

export const mergeExtremes = (left: Extremes, right: Extremes): Extremes => {
  if (right.edge < left.edge) lowerEdge(left, right.edge)
  forEachCount(right.counts, (value, count) => addToExtremes(left, value, count))
  if (right.above !== undefined) left.above = mergeCounts(left.above ?? startCounts(), right.above)
  return left
}

/** Bounds the state and forgets an edge that has nothing above it. Repeating it changes nothing. */
const settle = (state: Extremes): void => {
  if (distinctOf(state.counts) > extremesMax) {
    const sorted = sortedCounts(state.counts)
    if (sorted.length > extremesMax * 2) lowerEdge(state, sorted[(extremesMax - 1) * 2]!)
  }
  if (state.above !== undefined && distinctOf(state.above) === 0) {
    state.above = undefined
    state.edge = Number.POSITIVE_INFINITY
  }
}

/** The smallest number; `null` when there is none. */
export const readSmallest = (state: Extremes): { readonly value: number | null; readonly approximate: boolean } => {
  settle(state)
  const exact = smallestOf(state.counts)
  if (exact !== null) return { value: exact, approximate: false }
  const bucket = state.above === undefined ? null : smallestOf(state.above)
  return bucket === null ? { value: null, approximate: false } : { value: valueOfBucket(bucket), approximate: true }
}

const smallestOf = (counts: NumberCounts): number | null => {
  let smallest: number | null = null
  forEachCount(counts, (value) => {
    if (smallest === null || value < smallest) smallest = value
  })
  return smallest
}

/** A list of numbers and counts, or an object with the buckets above an edge. */
export const encodeExtremes = (state: Extremes): JsonValue => {
  settle(state)
  const values = sortedCounts(state.counts)
  if (state.above === undefined) return values
  return { values, edge: state.edge, above: encodeDense(state.above) }
}

export const decodeExtremes = (json: JsonValue): Extremes => {
  if (!isJsonObject(json)) return { ...startExtremes(), counts: decodeCounts(numbersOf(json)) }
  return {
    counts: decodeCounts(numbersOf(json['values'])),
    edge: Number(json['edge']),
    above: decodeDense(numbersOf(json['above'])),
  }
}

export const extremesSizeBytes = (state: Extremes): number =>
  48 + countsSizeBytes(state.counts) + (state.above === undefined ? 0 : countsSizeBytes(state.above))
