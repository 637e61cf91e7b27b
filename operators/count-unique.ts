/** How many different values a path has; see `numbers/unique-values.ts` for what is exact and what is estimated (I-1, I-3). */
import { type Aggregate, defineAggregate, type Spread } from '../topology/model/aggregate.ts'
import { orStandIn } from '../topology/model/refusal.ts'
import { declaredPath } from './numbers/numeric-aggregate.ts'
import {
  addToUnique,
  decodeUnique,
  encodeUnique,
  fragmentOf,
  isEmptyUnique,
  mergeUnique,
  readUnique,
  type UniqueBounds,
  type UniqueOptions,
  type UniqueValues,
  uniqueBoundsOf,
  uniqueSizeBytes,
} from './numbers/unique-values.ts'
import { containerMark, plainValue } from './plain-value.ts'

// Longer texts are told apart by a digest of 128 bits.
const valueLengthMax = 128

/**
 * Number of different values at `path`, `null` being one; 0 when it is always absent. Estimated, and marked
 * `approximate`, beyond `exactValues`.
 *
 * Throws `badConfiguration` when `path` is not a path or `exactValues` is out of bounds.
 */
export const countUnique = (path: string, options: UniqueOptions = {}): Aggregate<UniqueValues> => {
  const bounds = declaredBounds('countUnique', options)
  return defineAggregate({
    ...uniqueAggregate('countUnique', path, bounds, valueLengthMax),
    doc: `Number of different values, estimated beyond ${bounds.exactValues}.`,
    columnType: 'integer',
    read(state) {
      const { count, approximate } = readUnique(state, bounds)
      return { value: count, approximate }
    },
  })
}

export const declaredBounds = (verb: string, options: UniqueOptions): UniqueBounds =>
  orStandIn(
    () => uniqueBoundsOf(verb, options),
    () => uniqueBoundsOf(verb),
  )

/** What `countUnique` and `selectUnique` share: the values, with texts up to a length. */
export const uniqueAggregate = (
  name: string,
  path: string,
  bounds: UniqueBounds,
  lengthMax: number,
): Omit<Aggregate<UniqueValues>, 'kind' | 'doc' | 'columnType' | 'read'> => ({
  name,
  order: 'commutative',
  retraction: 'bounded',
  path: declaredPath(name, path),
  options: { exactValues: bounds.exactValues },
  start: () => new Map(),
  add(state, value, weight) {
    const plain = plainValue(value, lengthMax, containerMark)
    return plain === undefined ? state : addToUnique(state, plain, weight, fragmentOf(plain, bounds))
  },
  merge: mergeUnique,
  encode: (state) => encodeUnique(state, bounds),
  decode: decodeUnique,
  isEmpty: isEmptyUnique,
  sizeBytes: uniqueSizeBytes,
  ...(bounds.fragments === 1 ? {} : { spread: spreadOf(bounds, lengthMax) }),
})

const spreadOf = (bounds: UniqueBounds, lengthMax: number): Spread<UniqueValues> => ({
  fragments: bounds.fragments,
  fragmentOf(value) {
    const plain = plainValue(value, lengthMax, containerMark)
    return plain === undefined ? -1 : fragmentOf(plain, bounds)
  },
  addTo(state, value, weight, fragment) {
    const plain = plainValue(value, lengthMax, containerMark)
    return plain === undefined ? state : addToUnique(state, plain, weight, fragment)
  },
})
