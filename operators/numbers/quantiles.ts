/**
 * Numbers by rank: exact for up to 256 distinct numbers, else in buckets of 1 % relative error.
 *
 * Both forms subtract exactly, and which one answers is judged on the union of the shards when it is read, so the answer
 * does not depend on how the log was cut (I-1). A state gives up its numbers only in `settle`, when it is written or
 * read: an open delta keeps every number, so a delete that comes into the middle of an epoch leaves no trace in it (I-3).
 * A written state that has gone over to buckets stays with them until it is empty.
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

/** Distinct numbers that are kept as they are: about as many bytes as the buckets of a wide distribution. */
export const quantileValuesMax = 256

export interface Quantiles {
  counts: NumberCounts
  /** Whether `counts` are counts of buckets. */
  isBucketed: boolean
}

export const startQuantiles = (): Quantiles => ({ counts: startCounts(), isBucketed: false })

export const addToQuantiles = (state: Quantiles, value: number, weight: number): void =>
  addToCounts(state.counts, state.isBucketed ? bucketOf(value) : value, weight)

const toBuckets = (state: Quantiles): void => {
  const counts = startCounts()
  forEachCount(state.counts, (value, count) => addToCounts(counts, bucketOf(value), count))
  state.counts = counts
  state.isBucketed = true
}

export const mergeQuantiles = (left: Quantiles, right: Quantiles): Quantiles => {
  if (right.isBucketed && !left.isBucketed) toBuckets(left)
  if (left.isBucketed === right.isBucketed) mergeCounts(left.counts, right.counts)
  else forEachCount(right.counts, (value, count) => addToQuantiles(left, value, count))
  return left
}

const settle = (state: Quantiles): void => {
  if (state.isBucketed) {
    if (distinctOf(state.counts) === 0) Object.assign(state, startQuantiles())
  } else if (distinctOf(state.counts) > quantileValuesMax) toBuckets(state)
}

/** The number whose rank, counted from 1, is `rankOf(n)` among n numbers; `null` when there is none. */
export const readRank = (
  state: Quantiles,
  rankOf: (total: number) => number,
): { readonly value: number | null; readonly approximate: boolean } => {
  settle(state)
  const sorted = sortedCounts(state.counts)
  let total = 0
  for (let i = 1; i < sorted.length; i += 2) total += sorted[i]!
  const rank = rankOf(total)
  let passed = 0
  for (let i = 0; i < sorted.length; i += 2) {
    const value = sorted[i]!
    passed += sorted[i + 1]!
    if (passed >= rank) return { value: state.isBucketed ? valueOfBucket(value) : value, approximate: state.isBucketed }
  }
  return { value: null, approximate: false }
}

/** A list of numbers and counts, or an object with the buckets. */
export const encodeQuantiles = (state: Quantiles): JsonValue => {
  settle(state)
  return state.isBucketed ? { buckets: encodeDense(state.counts) } : sortedCounts(state.counts)
}

export const decodeQuantiles = (json: JsonValue): Quantiles =>
  isJsonObject(json)
    ? { counts: decodeDense(numbersOf(json['buckets'])), isBucketed: true }
    : { counts: decodeCounts(numbersOf(json)), isBucketed: false }

export const quantilesSizeBytes = (state: Quantiles): number => 32 + countsSizeBytes(state.counts)
