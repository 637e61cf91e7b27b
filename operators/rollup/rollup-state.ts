/** The state of a rollup row: how many tuples it holds and the state of each value, as one commutative group (I-1, I-3). */
import { isJsonObject, type JsonValue } from '../../topology/model/json.ts'
import { isJsonList } from '../numbers/json-list.ts'
import { decodeEdge, encodeEdge, type GroupEdge, isNoEdge, mergeEdges } from './group-edge.ts'
import type { RollupDefinition } from './rollup-options.ts'

export interface RollupState {
  /** Tuples with their weights; 0 means that the row is gone. Counted in the main row, 0 in fragments. */
  count: number
  /** In the order of the declared values; `undefined` where this row holds nothing of a value, as `start()` does. */
  readonly values: unknown[]
  /** In the row of the edge alone. */
  edge?: GroupEdge
}

type Values = RollupDefinition['values']

export const startRollup = (values: Values): RollupState => ({
  count: 0,
  values: values.map(({ aggregate }) => aggregate.start()),
})

/** A row that holds nothing of the values that are spread: they stand in fragments. */
export const startMainRow = (values: Values): RollupState => ({
  count: 0,
  values: values.map(({ aggregate }) => (aggregate.spread === undefined ? aggregate.start() : undefined)),
})

/** A fragment, or the row of an edge. */
export const startSparseRow = (values: Values): RollupState => ({
  count: 0,
  values: new Array(values.length).fill(undefined),
})

export const mergeRollup = (values: Values, left: RollupState, right: RollupState): RollupState => {
  left.count += right.count
  for (let i = 0; i < values.length; i += 1) {
    if (right.values[i] === undefined) continue
    const { aggregate } = values[i]!
    // The right state stays as it is, so it never becomes part of the left one.
    left.values[i] = aggregate.merge(left.values[i] ?? aggregate.start(), right.values[i])
  }
  if (right.edge !== undefined) left.edge = mergeEdges(left.edge, right.edge)
  return left
}

/** A delta may add one tuple and take out another: then its count is 0 and it is not empty. */
export const isEmptyRollup = (values: Values, state: RollupState): boolean => {
  if (state.count !== 0 || (state.edge !== undefined && !isNoEdge(state.edge))) return false
  return values.every(({ aggregate }, i) => {
    const value = state.values[i]
    if (value === undefined) return true
    if (aggregate.isEmpty !== undefined) return aggregate.isEmpty(value)
    return JSON.stringify(aggregate.encode(value)) === JSON.stringify(aggregate.encode(aggregate.start()))
  })
}

/** `[count, value, ...]`; an object in the row of an edge. */
export const encodeRollup = (values: Values, state: RollupState): string => {
  if (state.edge !== undefined) return JSON.stringify(encodeEdge(state.edge))
  const encoded: JsonValue[] = [state.count]
  for (let i = 0; i < values.length; i += 1) {
    const { aggregate } = values[i]!
    encoded.push(aggregate.encode(state.values[i] ?? aggregate.start()))
  }
  return JSON.stringify(encoded)
}

export const decodeRollup = (values: Values, text: string): RollupState => {
  const json: JsonValue = JSON.parse(text)
  if (isJsonObject(json)) return { ...startRollup(values), edge: decodeEdge(json) }
  const [count = 0, ...encoded] = isJsonList(json) ? json : []
  return {
    count: Number(count),
    values: values.map(({ aggregate }, i) => {
      const part = encoded[i]
      return part === undefined ? aggregate.start() : aggregate.decode(part)
    }),
  }
}

export const rollupSizeBytes = (values: Values, state: RollupState): number => {
  let bytes = 200
  for (let i = 0; i < values.length; i += 1) {
    const value = state.values[i]
    if (value !== undefined) bytes += values[i]!.aggregate.sizeBytes(value)
  }
  return state.edge === undefined ? bytes : bytes + 64 + state.edge.sample.size * 64
}
