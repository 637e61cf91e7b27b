/**
 * The value of the earliest tuple of a multiset that can also lose tuples.
 *
 * Tuples are ordered by event time, then partition and offset (the order of `keen.id`), then value, so ties have one
 * answer whatever came first (I-1). The earliest 256 are kept with their values, what lies behind `edge` is only
 * counted: the answer is exact until deletes have taken all of the 256 away from a row that has more; then it is not
 * known, `null`, and says so. As with the extremes, a state is cut to that number only when it is written or read, or
 * where an open delta holds many times as many.
 */
import { isJsonObject, type JsonScalar, type JsonValue } from '../../topology/model/json.ts'
import { compareScalars } from '../plain-value.ts'
import { isJsonList } from './json-list.ts'

/** A tuple costs about 60 bytes of text: 256 of them stay below 16 KiB (PROTOCOL section 4). */
export const earliestMax = 256
// An open delta grows to this many, 320 KB, before it is cut.
const openMax = 4_096

interface Tuple {
  readonly timeMs: number
  readonly partition: number
  readonly offset: number
  readonly value: JsonScalar
}

/** Columns of one length: on the path of every tuple an object each would cost more than all the rest. */
export interface Earliest {
  times: number[]
  partitions: number[]
  offsets: number[]
  values: JsonScalar[]
  weights: number[]
  /** The last tuple that is kept one by one. */
  edge: Tuple | undefined
  /** Sum of the weights behind the edge. */
  behind: number
}

export const startEarliest = (): Earliest => ({
  times: [],
  partitions: [],
  offsets: [],
  values: [],
  weights: [],
  edge: undefined,
  behind: 0,
})

export const addToEarliest = (
  state: Earliest,
  value: JsonScalar,
  weight: number,
  timeMs: number,
  partition: number,
  offset: number,
): Earliest => {
  if (state.edge !== undefined && compareTo(state.edge, timeMs, partition, offset, value) < 0) {
    state.behind += weight
    return state
  }
  state.times.push(timeMs)
  state.partitions.push(partition)
  state.offsets.push(offset)
  state.values.push(value)
  state.weights.push(weight)
  if (state.times.length > openMax) cut(state)
  return state
}

/** Below 0 when the tuple of the edge is the earlier one. */
const compareTo = (edge: Tuple, timeMs: number, partition: number, offset: number, value: JsonScalar): number =>
  edge.timeMs - timeMs || edge.partition - partition || edge.offset - offset || compareScalars(edge.value, value)

/** Sorts, adds up what is the same tuple and value, and moves all but the earliest behind the edge. */
const cut = (state: Earliest): void => {
  const { times, partitions, offsets, values, weights } = state
  const order = Array.from(times.keys()).sort(
    (left, right) =>
      times[left]! - times[right]! ||
      partitions[left]! - partitions[right]! ||
      offsets[left]! - offsets[right]! ||
      compareScalars(values[left]!, values[right]!),
  )
  const next = { ...startEarliest(), edge: state.edge, behind: state.behind }
  for (let i = 0; i < order.length; ) {
    const at = order[i]!
    const first = { timeMs: times[at]!, partition: partitions[at]!, offset: offsets[at]!, value: values[at]! }
    let weight = 0
    for (; i < order.length && isSame(state, order[i]!, first); i += 1) weight += weights[order[i]!]!
    if (weight === 0) continue
    if (next.times.length < earliestMax) push(next, first, weight)
    else {
      next.edge = lastOf(next)
      next.behind += weight
    }
  }
  Object.assign(state, next)
}

const isSame = (state: Earliest, index: number, tuple: Tuple): boolean =>
  compareTo(tuple, state.times[index]!, state.partitions[index]!, state.offsets[index]!, state.values[index]!) === 0

const push = (state: Earliest, { timeMs, partition, offset, value }: Tuple, weight: number): void => {
  state.times.push(timeMs)
  state.partitions.push(partition)
  state.offsets.push(offset)
  state.values.push(value)
  state.weights.push(weight)
}

const lastOf = ({ times, partitions, offsets, values }: Earliest): Tuple => ({
  timeMs: times.at(-1)!,
  partition: partitions.at(-1)!,
  offset: offsets.at(-1)!,
  value: values.at(-1)!,
})

const settle = (state: Earliest): void => {
  cut(state)
  if (state.behind === 0) state.edge = undefined
}

const lowerEdge = (state: Earliest, edge: Tuple): void => {
  const before = { ...state }
  Object.assign(state, { ...startEarliest(), edge, behind: state.behind })
  addAll(state, before)
}

const addAll = (into: Earliest, from: Earliest): void => {
  for (let i = 0; i < from.times.length; i += 1) {
    addToEarliest(into, from.values[i]!, from.weights[i]!, from.times[i]!, from.partitions[i]!, from.offsets[i]!)
  }
}

export const mergeEarliest = (left: Earliest, right: Earliest): Earliest => {
  const { edge } = right
  if (edge !== undefined && (left.edge === undefined || isBefore(edge, left.edge))) lowerEdge(left, edge)
  addAll(left, right)
  left.behind += right.behind
  return left
}

const isBefore = (left: Tuple, right: Tuple): boolean =>
  compareTo(left, right.timeMs, right.partition, right.offset, right.value) < 0

/** `null` when there is none, and, marked approximate, when those that were kept have all left. */
export const readEarliest = (state: Earliest): { readonly value: JsonScalar; readonly approximate: boolean } => {
  settle(state)
  const [value] = state.values
  return value === undefined ? { value: null, approximate: state.behind !== 0 } : { value, approximate: false }
}

export const isEmptyEarliest = (state: Earliest): boolean => {
  if (state.behind !== 0) return false
  settle(state)
  return state.times.length === 0
}

/** `[time, partition, offset, value, weight, ...]`, or an object with what is behind the edge. */
export const encodeEarliest = (state: Earliest): JsonValue => {
  settle(state)
  const { times, partitions, offsets, values, weights, edge, behind } = state
  const flat = times.flatMap((timeMs, i): JsonValue[] => [timeMs, partitions[i]!, offsets[i]!, values[i]!, weights[i]!])
  if (edge === undefined) return flat
  return { values: flat, edge: [edge.timeMs, edge.partition, edge.offset, edge.value], behind }
}

export const decodeEarliest = (json: JsonValue): Earliest => {
  const state = startEarliest()
  const flat = isJsonObject(json) ? json['values'] : json
  const list = isJsonList(flat) ? flat : []
  for (let i = 0; i + 4 < list.length; i += 5) push(state, tupleAt(list, i), Number(list[i + 4]))
  if (!isJsonObject(json)) return state
  const { edge, behind } = json as Record<string, JsonValue | undefined> // members may be absent
  if (isJsonList(edge)) state.edge = tupleAt(edge, 0)
  state.behind = Number(behind)
  return state
}

const tupleAt = (list: readonly JsonValue[], at: number): Tuple => {
  const value = list[at + 3] ?? null
  return {
    timeMs: Number(list[at]),
    partition: Number(list[at + 1]),
    offset: Number(list[at + 2]),
    value: typeof value === 'object' ? null : value,
  }
}

export const earliestSizeBytes = ({ times }: Earliest): number => 192 + times.length * 64
