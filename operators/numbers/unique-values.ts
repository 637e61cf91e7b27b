/**
 * The different values of a path with reference counts, spread over fragments by hash.
 *
 * Exact as long as the sum of all shards holds at most `exactValues` values and no fragment of that sum is above its
 * hard bound, twice its even share. Only beyond the hard bound a fragment gives up values: it keeps those whose hash
 * ends in `level` zero bits, and the level is the smallest that brings it below the bound. What a fragment holds is
 * then a function of its set, and a shard never samples what the sum would not: so every cut and order gives one
 * answer (I-1). Counts of what is kept are exact, so it subtracts exactly (I-3); a fragment that has begun to sample
 * goes back to keeping all when it is empty. Values go only in `settle`, when a state is written or read: an open delta
 * keeps every value, so a delete that comes into the middle of an epoch leaves no trace.
 */
import { errors } from '../../topology/model/errors.ts'
import { isJsonObject, type JsonScalar, type JsonValue } from '../../topology/model/json.ts'
import { knobs } from '../../topology/model/knobs.ts'
import { compareScalars } from '../plain-value.ts'
import { hashText } from './hash-text.ts'
import { isJsonList } from './json-list.ts'

export interface UniqueOptions {
  /** Different values up to which the answer is exact. Default 10,000. */
  readonly exactValues?: number
}

export interface UniqueBounds {
  readonly exactValues: number
  /** A power of two. */
  readonly fragments: number
  /** Values of one fragment above which it samples. */
  readonly fragmentMax: number
}

/** What stands in one fragment. */
interface Fragment {
  level: number
  /** Values with their weights, sampled or not: 0 means that nothing is left. */
  total: number
  readonly counts: Map<JsonScalar, number>
}

/** Fragments by their numbers; those that hold nothing are not there. */
export type UniqueValues = Map<number, Fragment>

// A value with its count is about 25 bytes of text; a row of state stays near 16 KiB (PROTOCOL section 4).
const valueBytes = 25
const rowBytes = 16_384
// 32 bits of hash, of which the fragment takes up to 11.
const levelMax = 20

/** 10,000 values x 25 bytes / 16 KiB make 16 fragments; up to 655 values fit one row. */
export const uniqueBoundsOf = (verb: string, options: UniqueOptions = {}): UniqueBounds => {
  const { initial, min, max } = knobs.get('unique.exactValues')!
  const exactValues = options.exactValues ?? initial
  if (!Number.isInteger(exactValues) || exactValues < min || exactValues > max) {
    throw errors.badConfiguration({
      problem: `${verb}: exactValues ${exactValues} is no whole number from ${min} to ${max}`,
    })
  }
  let fragments = 1
  while ((exactValues * valueBytes) / fragments > rowBytes) fragments *= 2
  return { exactValues, fragments, fragmentMax: Math.ceil((2 * exactValues) / fragments) }
}

/** Low bits sample, high bits choose the fragment: the sample of a fragment is as even as that of the whole. */
const hashOf = (value: JsonScalar): number => (typeof value === 'string' ? hashText(value) : hashText(String(value), 1))

export const fragmentOf = (value: JsonScalar, { fragments }: UniqueBounds): number =>
  fragments === 1 ? 0 : Math.floor((hashOf(value) / 2 ** 32) * fragments)

const isSampled = (value: JsonScalar, level: number): boolean => level === 0 || (hashOf(value) & (2 ** level - 1)) === 0

const fragmentIn = (values: UniqueValues, index: number): Fragment => {
  let fragment = values.get(index)
  if (fragment === undefined) {
    fragment = { level: 0, total: 0, counts: new Map() }
    values.set(index, fragment)
  }
  return fragment
}

const addCount = (fragment: Fragment, value: JsonScalar, weight: number): void => {
  if (!isSampled(value, fragment.level)) return
  const next = (fragment.counts.get(value) ?? 0) + weight
  if (next === 0) fragment.counts.delete(value)
  else fragment.counts.set(value, next)
}

export const addToUnique = (
  values: UniqueValues,
  value: JsonScalar,
  weight: number,
  fragmentIndex: number,
): UniqueValues => {
  const fragment = fragmentIn(values, fragmentIndex)
  fragment.total += weight
  addCount(fragment, value, weight)
  return values
}

const raiseLevel = (fragment: Fragment, level: number): void => {
  fragment.level = level
  for (const value of fragment.counts.keys()) if (!isSampled(value, level)) fragment.counts.delete(value)
}

export const mergeUnique = (left: UniqueValues, right: UniqueValues): UniqueValues => {
  for (const [index, from] of right) {
    const into = fragmentIn(left, index)
    if (from.level > into.level) raiseLevel(into, from.level)
    into.total += from.total
    for (const [value, count] of from.counts) addCount(into, value, count)
  }
  return left
}

/** Repeating it changes nothing. */
const settle = (values: UniqueValues, { fragmentMax }: UniqueBounds): void => {
  for (const [index, fragment] of values) {
    while (fragment.counts.size > fragmentMax && fragment.level < levelMax) raiseLevel(fragment, fragment.level + 1)
    if (fragment.total === 0 && fragment.counts.size === 0) values.delete(index)
  }
}

export const isEmptyUnique = (values: UniqueValues): boolean => {
  for (const { total, counts } of values.values()) if (total !== 0 || counts.size > 0) return false
  return true
}

interface UniqueAnswer {
  /** How many different values there are: counted, or estimated with a standard error of about 1 %. */
  readonly count: number
  /** Those that are known, in the order of answers: all, or an even sample of at most `exactValues`. */
  values(): readonly JsonScalar[]
  readonly approximate: boolean
}

/** `values` are the sum of all shards and fragments. */
export const readUnique = (values: UniqueValues, bounds: UniqueBounds): UniqueAnswer => {
  settle(values, bounds)
  let count = 0
  let level = 0
  for (const fragment of values.values()) {
    count += fragment.counts.size * 2 ** fragment.level
    level = Math.max(level, fragment.level)
  }
  return {
    count,
    approximate: level > 0 || count > bounds.exactValues,
    values: () => {
      let known = [...values.values()].flatMap(({ counts }) => [...counts.keys()])
      // Fragments may stand at different levels: all are brought to one, else some values would be likelier than others.
      for (let at = level; ; at += 1) {
        known = known.filter((value) => isSampled(value, at))
        if (known.length <= bounds.exactValues) return known.sort(compareScalars)
      }
    },
  }
}

/** Fragments in order, `[number, value, count, ...]` each; one that samples begins with its level and total. */
export const encodeUnique = (values: UniqueValues, bounds: UniqueBounds): JsonValue => {
  settle(values, bounds)
  return [...values]
    .sort((left, right) => left[0] - right[0])
    .map(([index, { level, total, counts }]): JsonValue => {
      const flat = [...counts].sort((left, right) => compareScalars(left[0], right[0])).flat()
      return level === 0 ? [index, ...flat] : { sample: [index, level, total], values: flat }
    })
}

export const decodeUnique = (json: JsonValue): UniqueValues => {
  const values: UniqueValues = new Map()
  for (const one of isJsonList(json) ? json : []) {
    const isSample = isJsonObject(one)
    const [index = 0, ...rest] = isSample ? listOf(one['sample']) : listOf(one)
    const fragment = fragmentIn(values, Number(index))
    const flat = isSample ? listOf(one['values']) : rest
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const value = flat[i]
      if (value === undefined || (typeof value === 'object' && value !== null)) continue
      fragment.counts.set(value, Number(flat[i + 1]))
      fragment.total += Number(flat[i + 1])
    }
    if (isSample) Object.assign(fragment, { level: Number(rest[0]), total: Number(rest[1]) })
  }
  return values
}

const listOf = (json: JsonValue | undefined): readonly JsonValue[] => (isJsonList(json) ? json : [])

export const uniqueSizeBytes = (values: UniqueValues): number => {
  let bytes = 64
  for (const { counts } of values.values()) bytes += 96 + counts.size * 64
  return bytes
}
