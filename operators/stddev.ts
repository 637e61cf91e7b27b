/**
 * The population standard deviation of the numbers of a path, from count, sum and sum of squares.
 *
 * The textbook formula loses all digits in floating point; here sums and squares are exact, the difference is taken in
 * whole numbers and the root is rounded once, so the answer has every digit and subtracts exactly (I-1, I-3).
 */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import { addSquareToSum, addToSum, type ExactSum, mergeSums, startSum, sumSizeBytes } from './numbers/exact-sum.ts'
import { decodeSum, encodeSum, readDeviation } from './numbers/exact-value.ts'
import { isJsonList } from './numbers/json-list.ts'
import { declaredPath, isNumeric } from './numbers/numeric-aggregate.ts'

export interface DeviationState {
  count: number
  readonly sum: ExactSum
  readonly squares: ExactSum
}

/** Standard deviation (divided by n) at `path`; `null` without numbers. Throws `badConfiguration` when `path` is not a path. */
export const stddev = (path: string): Aggregate<DeviationState> =>
  defineAggregate({
    name: 'stddev',
    doc: 'Population standard deviation of the numbers, rounded once.',
    order: 'commutative',
    retraction: 'exact',
    path: declaredPath('stddev', path),
    options: {},
    columnType: 'double',
    start: () => ({ count: 0, sum: startSum(), squares: startSum() }),
    add(state, value, weight) {
      if (!isNumeric(value)) return state
      state.count += weight
      addToSum(state.sum, weight * value)
      addSquareToSum(state.squares, value, weight)
      return state
    },
    merge(left, right) {
      left.count += right.count
      mergeSums(left.sum, right.sum)
      mergeSums(left.squares, right.squares)
      return left
    },
    read: (state) =>
      state.count === 0 ? { value: null, approximate: false } : readDeviation(state.sum, state.squares, state.count),
    encode: (state) => [state.count, encodeSum(state.sum), encodeSum(state.squares)],
    decode(json) {
      const [count = 0, sum = 0, squares = 0] = isJsonList(json) ? json : []
      return { count: Number(count), sum: decodeSum(sum), squares: decodeSum(squares) }
    },
    sizeBytes: (state) => 32 + sumSizeBytes(state.sum) + sumSizeBytes(state.squares),
  })
