/**
 * How many different values a path has: reference counts per value, and beyond 10,000 values a sample of them.
 *
 * The sample keeps the values whose hash ends in `level` zero bits, 4,096 at most, each with its exact count: so it
 * subtracts exactly, and which values it holds is a function of the set, whatever the order or the cut (I-1, I-3). The
 * estimate is the size of the sample times 2^level, with a standard error of 1 to 2 %, marked `approximate`. Level and
 * bounds are judged on the union of the shards when it is read. A written state that has begun to sample goes back to
 * counting all when it is empty.
 */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import type { JsonScalar, JsonValue } from '../topology/model/json.ts'
import { hashText } from './numbers/hash-text.ts'
import { isJsonList, numbersOf } from './numbers/json-list.ts'
import { declaredPath } from './numbers/numeric-aggregate.ts'
import { compareScalars, plainValue } from './plain-value.ts'

/** `unique.exactValues`: sets pay below about this many values. */
const uniqueExactMax = 10_000
const sampleMax = 4_096
// Longer texts are told apart by a digest of 128 bits.
const valueLengthMax = 128
// Lists and objects stand as text behind a character that no ordinary text begins with.
const containerMark = '\u0000'

export interface UniqueState {
  level: number
  /** Values with a weight, sampled or not: 0 means that nothing is left. */
  total: number
  counts: Map<JsonScalar, number>
}

/** Number of different values at `path`, `null` being one; 0 when it is always absent. Throws `badConfiguration` when `path` is not a path. */
export const countUnique = (path: string): Aggregate<UniqueState> =>
  defineAggregate({
    name: 'countUnique',
    doc: `Number of different values, estimated beyond ${uniqueExactMax}.`,
    order: 'commutative',
    retraction: 'bounded',
    path: declaredPath('countUnique', path),
    options: { exactValues: uniqueExactMax, sampleValues: sampleMax },
    columnType: 'integer',
    start,
    add(state, value, weight) {
      const plain = plainValue(value, valueLengthMax, containerMark)
      if (plain === undefined) return state
      state.total += weight
      if (isSampled(plain, state.level)) addCount(state.counts, plain, weight)
      return state
    },
    merge,
    read(state) {
      settle(state)
      return { value: state.counts.size * 2 ** state.level, approximate: state.level > 0 }
    },
    encode,
    decode,
    sizeBytes: (state) => 64 + state.counts.size * 64,
  })

const start = (): UniqueState => ({ level: 0, total: 0, counts: new Map() })

const addCount = (counts: Map<JsonScalar, number>, value: JsonScalar, weight: number): void => {
  const next = (counts.get(value) ?? 0) + weight
  if (next === 0) counts.delete(value)
  else counts.set(value, next)
}

const isSampled = (value: JsonScalar, level: number): boolean =>
  level === 0 || (hashText(JSON.stringify(value)) & (2 ** level - 1)) === 0

const raiseLevel = (state: UniqueState, level: number): void => {
  state.level = level
  for (const value of state.counts.keys()) if (!isSampled(value, level)) state.counts.delete(value)
}

const merge = (left: UniqueState, right: UniqueState): UniqueState => {
  if (right.level > left.level) raiseLevel(left, right.level)
  left.total += right.total
  for (const [value, count] of right.counts) if (isSampled(value, left.level)) addCount(left.counts, value, count)
  return left
}

/** Bounds the state when it is written or read; an open delta keeps every value. Repeating it changes nothing. */
const settle = (state: UniqueState): void => {
  if (state.total === 0 && state.counts.size === 0) state.level = 0
  if (state.level === 0 && state.counts.size <= uniqueExactMax) return
  // 32 bits of hash allow 32 levels: 4,096 x 2^32 values.
  while (state.counts.size > sampleMax && state.level < 31) raiseLevel(state, state.level + 1)
}

/** `[value, count, ...]` in the order of answers; a sample begins with its level and total. */
const encode = (state: UniqueState): JsonValue => {
  settle(state)
  const flat = [...state.counts.entries()].sort((left, right) => compareScalars(left[0], right[0])).flat()
  return state.level === 0 ? flat : { sample: [state.level, state.total], values: flat }
}

const decode = (json: JsonValue): UniqueState => {
  const state = start()
  const flat = isJsonList(json) ? json : sampleOf(json, state)
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const value = flat[i]
    if (value === undefined || (typeof value === 'object' && value !== null)) continue
    state.counts.set(value, Number(flat[i + 1]))
    if (state.level === 0) state.total += Number(flat[i + 1])
  }
  return state
}

const sampleOf = (json: JsonValue, state: UniqueState): readonly JsonValue[] => {
  if (typeof json !== 'object' || json === null || isJsonList(json)) return []
  const [level = 0, total = 0] = numbersOf(json['sample'])
  state.level = level
  state.total = total
  return isJsonList(json['values']) ? json['values'] : []
}
