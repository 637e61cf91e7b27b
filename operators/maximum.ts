/** The largest number of a path: the smallest one of the negated numbers (I-1, I-3). */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import { minimum } from './minimum.ts'
import { addToExtremes, type Extremes, readSmallest } from './numbers/extremes.ts'
import { declaredPath, isNumeric } from './numbers/numeric-aggregate.ts'

/** Largest number at `path`; `null` when there is none. Throws `badConfiguration` when `path` is not a path. */
export const maximum = (path: string): Aggregate<Extremes> =>
  defineAggregate({
    ...minimum(path),
    name: 'maximum',
    doc: 'Largest number.',
    path: declaredPath('maximum', path),
    add(state, value, weight) {
      if (isNumeric(value)) addToExtremes(state, -value, weight)
      return state
    },
    read(state) {
      const { value, approximate } = readSmallest(state)
      // 0 - value: the negative of 0 is 0, not -0.
      return { value: value === null ? null : 0 - value, approximate }
    },
  })
