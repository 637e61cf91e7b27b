/** The smallest number of a path; see `numbers/extremes.ts` for what a delete may take away (I-1, I-3). */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import {
  addToExtremes,
  decodeExtremes,
  type Extremes,
  encodeExtremes,
  extremesMax,
  extremesSizeBytes,
  mergeExtremes,
  readSmallest,
  startExtremes,
} from './numbers/extremes.ts'
import { declaredPath, isNumeric } from './numbers/numeric-aggregate.ts'

/** Smallest number at `path`; `null` when there is none. Throws `badConfiguration` when `path` is not a path. */
export const minimum = (path: string): Aggregate<Extremes> =>
  defineAggregate({
    name: 'minimum',
    doc: 'Smallest number.',
    order: 'commutative',
    retraction: 'bounded',
    path: declaredPath('minimum', path),
    options: { exactValues: extremesMax },
    columnType: 'double',
    start: startExtremes,
    add(state, value, weight) {
      if (isNumeric(value)) addToExtremes(state, value, weight)
      return state
    },
    merge: mergeExtremes,
    read: readSmallest,
    encode: encodeExtremes,
    decode: decodeExtremes,
    sizeBytes: extremesSizeBytes,
  })
