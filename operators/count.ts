/**
 * Counts live events.
 *
 * Keeps I-1 and I-3: weight -1 takes away exactly what weight +1 had added, in the slot that added it, so a shard never
 * falls below zero; only the sum over the slots is a count that readers may see.
 */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'

export const count = (): Aggregate<number> =>
  defineAggregate({
    name: 'count',
    doc: 'Number of events.',
    order: 'commutative',
    retraction: 'exact',
    path: undefined,
    options: {},
    columnType: 'integer',
    start: () => 0,
    add: (state, _value, weight) => state + weight,
    merge: (left, right) => left + right,
    read: (state) => ({ value: state, approximate: false }),
    encode: (state) => state,
    decode: Number,
    sizeBytes: () => 8,
  })
