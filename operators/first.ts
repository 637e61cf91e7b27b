/** The value of the earliest event; see `numbers/earliest.ts` for ties and for what a delete may take away (I-1, I-3). */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import {
  addToEarliest,
  decodeEarliest,
  type Earliest,
  earliestMax,
  earliestSizeBytes,
  encodeEarliest,
  isEmptyEarliest,
  mergeEarliest,
  readEarliest,
  startEarliest,
} from './numbers/earliest.ts'
import { declaredPath } from './numbers/numeric-aggregate.ts'
import { containerMark, plainValue, valueOfPlain } from './plain-value.ts'

// Longer texts end in a digest: 256 values of a state are at most 256 KiB.
const valueLengthMax = 1_024

/**
 * Value at `path` of the first event by event time that has one, `null` being a value; ties by `keen.id`. `null` when
 * there is none. Tuples of a bolt that are no events have no id: ties among them go to the smallest value.
 *
 * Throws `badConfiguration` when `path` is not a path.
 */
export const first = (path: string): Aggregate<Earliest> => earliestOf('first', 'Value of the first event.', path, 1)

/** `sign` is -1 for the last one: the earliest of mirrored time. */
export const earliestOf = (name: string, doc: string, path: string, sign: 1 | -1): Aggregate<Earliest> => {
  const addAt: Aggregate<Earliest>['addAt'] = (state, value, weight, timeMs, partition, offset) => {
    const plain = plainValue(value, valueLengthMax, containerMark)
    if (plain === undefined) return state
    return addToEarliest(state, plain, weight, sign * timeMs, sign * partition, sign * offset)
  }
  return defineAggregate({
    name,
    doc,
    order: 'commutative',
    retraction: 'bounded',
    path: declaredPath(name, path),
    options: { exactValues: earliestMax },
    columnType: 'text',
    start: startEarliest,
    add: (state, value, weight) => addAt(state, value, weight, 0, 0, 0),
    addAt,
    merge: mergeEarliest,
    read(state) {
      const { value, approximate } = readEarliest(state)
      return { value: valueOfPlain(value), approximate }
    },
    encode: encodeEarliest,
    decode: decodeEarliest,
    isEmpty: isEmptyEarliest,
    sizeBytes: earliestSizeBytes,
  })
}
