/** The different values of a path; see `numbers/unique-values.ts` for what is exact and what is a sample (I-1, I-3). */
import { type Aggregate, defineAggregate } from '../topology/model/aggregate.ts'
import { declaredBounds, uniqueAggregate } from './count-unique.ts'
import { readUnique, type UniqueOptions, type UniqueValues } from './numbers/unique-values.ts'
import { valueOfPlain } from './plain-value.ts'

// Longer texts end in a digest. URLs and names fit; the row of a fragment stays far below what stores take.
const valueLengthMax = 1_024

/**
 * List of the different values at `path`, `null` being one, in the order of answers; `[]` when it is always absent.
 * Beyond `exactValues` an even sample of them, marked `approximate`.
 *
 * Throws `badConfiguration` when `path` is not a path or `exactValues` is out of bounds.
 */
export const selectUnique = (path: string, options: UniqueOptions = {}): Aggregate<UniqueValues> => {
  const bounds = declaredBounds('selectUnique', options)
  return defineAggregate({
    ...uniqueAggregate('selectUnique', path, bounds, valueLengthMax),
    doc: `Different values, a sample of them beyond ${bounds.exactValues}.`,
    columnType: 'text',
    read(state) {
      const answer = readUnique(state, bounds)
      return { value: answer.values().map(valueOfPlain), approximate: answer.approximate }
    },
  })
}
