/** The average of the numbers of a path: exact sum over exact count, rounded once (I-1, I-3). */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import { addToSum, type ExactSum, mergeSums, startSum, sumSizeBytes } from './numbers/exact-sum.ts'
import { decodeSum, encodeSum, readMean } from './numbers/exact-value.ts'
import { isJsonList } from './numbers/json-list.ts'
import { declaredPath, isNumeric } from './numbers/numeric-aggregate.ts'

export interface AverageState {
  count: number
  readonly sum: ExactSum
}

/** Average of the numbers at `path`; `null` when there are none. Throws `badConfiguration` when `path` is not a path. */
export const average = (path: string): Aggregate<AverageState> =>
  defineAggregate({
    name: 'average',
    doc: 'Average of the numbers, rounded once.',
    order: 'commutative',
    retraction: 'exact',
    path: declaredPath('average', path),
    options: {},
    columnType: 'double',
    start: () => ({ count: 0, sum: startSum() }),
    add(state, value, weight) {
      if (!isNumeric(value)) return state
      state.count += weight
      addToSum(state.sum, weight * value)
      return state
    },
    merge(left, right) {
      left.count += right.count
      mergeSums(left.sum, right.sum)
      return left
    },
    read: (state) => (state.count === 0 ? { value: null, approximate: false } : readMean(state.sum, state.count)),
    encode: (state) => [state.count, encodeSum(state.sum)],
    decode(json) {
      const [count = 0, sum = 0] = isJsonList(json) ? json : []
      return { count: Number(count), sum: decodeSum(sum) }
    },
    sizeBytes: (state) => 32 + sumSizeBytes(state.sum),
  })
