/**
 * An operator of one's own: how many tuples fell into each hour of the day, per value of one property.
 *
 * Its state is a plain number under addition, which is a group: any order and any cut add up to the same, and weight -1
 * takes away what weight +1 has added. That is all that the engine needs for exact rows after crashes and deletes; the
 * suite `operatorClauses` of `spillway/testing` checks it.
 */
import { defineOperator, type Path, type StateOperator } from 'spillway'

const hourMs = 3_600_000

/** Rows `hour, value -> visits` for the property at `path`; hours are those of UTC. */
export const hoursOfDay = (path: Path): StateOperator<unknown, number> =>
  defineOperator<unknown, number>({
    name: 'hoursOfDay',
    doc: `Visits per hour of the day and ${path.join('.')}.`,
    order: 'commutative',
    retraction: 'exact',
    options: { path: [...path] },
    // Named here, the value is lifted while the bytes are validated, and no event object is built.
    reads: [path],
    readsShapes: false,
    readsTimes: true,
    epochAge: 'epoch.ageMs',
    table: {
      partition: [{ name: 'project', type: 'text' }],
      cluster: [
        { name: 'hour', type: 'integer' },
        { name: 'value', type: 'text' },
      ],
      columns: [{ name: 'visits', type: 'integer' }],
    },
    fold(tuples, weight, into) {
      const [projects, timesMs, values] = [tuples.projects(), tuples.timesMs(), tuples.column(path)]
      for (let index = 0; index < tuples.length; index++) {
        // Times before 1970 are negative; the hour is not.
        const hour = ((Math.floor(timesMs[index]! / hourMs) % 24) + 24) % 24
        const value = values[index]
        const key = [projects[index]!, hour, typeof value === 'string' ? value : JSON.stringify(value ?? null)]
        const id = JSON.stringify(key)
        const delta = into.get(id)
        if (delta === undefined) into.set(id, { key, state: weight })
        else delta.state += weight
      }
    },
    merge: (left, right) => left + right,
    isEmpty: (visits) => visits === 0,
    encode: String,
    decode: Number,
    columns: (_key, visits) => [visits],
    sizeBytes: () => 8,
  })
