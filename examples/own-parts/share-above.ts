/**
 * An aggregate of one's own: the share of numbers above a limit, as one column of a rollup.
 *
 * It keeps two counts and divides only when it is read, so that shards add up and deletes take out.
 */
import { type Aggregate, defineAggregate, type JsonValue } from 'spillway'

interface Counts {
  above: number
  all: number
}

/** Share of the numbers of a property that are greater than `limit`: 0 to 1, `null` when there are none. */
export const shareAbove = (property: string, limit: number): Aggregate<Counts> =>
  defineAggregate<Counts>({
    name: 'shareAbove',
    doc: `Share of the numbers above ${limit}.`,
    order: 'commutative',
    retraction: 'exact',
    path: [property],
    options: { limit },
    columnType: 'double',
    start: () => ({ above: 0, all: 0 }),
    add(counts, value, weight) {
      if (typeof value !== 'number') return counts
      counts.all += weight
      if (value > limit) counts.above += weight
      return counts
    },
    merge(left, right) {
      left.above += right.above
      left.all += right.all
      return left
    },
    read: ({ above, all }) => ({ value: all === 0 ? null : above / all, approximate: false }),
    encode: ({ above, all }) => [above, all],
    decode: (json) => {
      const [above = 0, all = 0] = json as readonly JsonValue[] as readonly number[] // what `encode` has given
      return { above, all }
    },
    sizeBytes: () => 16,
  })
