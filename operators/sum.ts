/**
 * The sum of the numbers of a path: the double nearest to the exact sum, in any order (I-1, I-3).
 *
 * Plain `+` fails on real data: the ratings of the movies add up to another value backwards than forwards.
 */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import { addToSum, type ExactSum, mergeSums, startSum, sumSizeBytes } from './numbers/exact-sum.ts'
import { decodeSum, encodeSum, readSum } from './numbers/exact-value.ts'
import { declaredPath, isNumeric } from './numbers/numeric-aggregate.ts'

/** Sum of the numbers at `path`; 0 when there are none. Throws `badConfiguration` when `path` is not a path. */
export const sum = (path: string): Aggregate<ExactSum> =>
  defineAggregate({
    name: 'sum',
    doc: 'Exact sum of the numbers, rounded once.',
    order: 'commutative',
    retraction: 'exact',
    path: declaredPath('sum', path),
    options: {},
    columnType: 'double',
    start: startSum,
    add(state, value, weight) {
      if (isNumeric(value)) addToSum(state, weight * value)
      return state
    },
    merge: mergeSums,
    read: readSum,
    encode: encodeSum,
    decode: decodeSum,
    sizeBytes: sumSizeBytes,
  })
