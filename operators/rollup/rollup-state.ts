/** The state of a rollup row: how many tuples it holds and the state of each value, as one commutative group (I-1, I-3). */
import type { JsonValue } from '../../topology/model/json.ts'
import { isJsonList } from '../numbers/json-list.ts'
import type { RollupDefinition } from './rollup-options.ts'

export interface RollupState {
  /** Tuples with their weights; 0 means that the row is gone. */
  count: number
  /** In the order of the declared values. */
  readonly values: unknown[]
}

type Values = RollupDefinition['values']

export const startRollup = (values: Values): RollupState => ({
  count: 0,
  values: values.map(({ aggregate }) => aggregate.start()),
})

export const mergeRollup = (values: Values, left: RollupState, right: RollupState): RollupState => {
  left.count += right.count
  for (let i = 0; i < values.length; i += 1) {
    left.values[i] = values[i]!.aggregate.merge(left.values[i], right.values[i])
  }
  return left
}

/** A delta may add one tuple and take out another: then its count is 0 and it is not empty. */
export const isEmptyRollup = (values: Values, state: RollupState): boolean =>
  state.count === 0 && encodeRollup(values, state) === encodeRollup(values, startRollup(values))

export const encodeRollup = (values: Values, state: RollupState): string => {
  const encoded: JsonValue[] = [state.count]
  for (let i = 0; i < values.length; i += 1) encoded.push(values[i]!.aggregate.encode(state.values[i]))
  return JSON.stringify(encoded)
}

export const decodeRollup = (values: Values, text: string): RollupState => {
  const json: JsonValue = JSON.parse(text)
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
  for (let i = 0; i < values.length; i += 1) bytes += values[i]!.aggregate.sizeBytes(state.values[i])
  return bytes
}
