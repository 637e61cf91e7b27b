/**
 * A batch as a rollup folds it: the tuples that pass its filters, by column.
 *
 * Without filters, or where every tuple passes, the columns are those of the batch and nothing is copied. Otherwise
 * each column is gathered once, so that the loops over tuples know nothing of filters.
 */
import { type Filter, filterMatches } from '../../topology/model/filter.ts'
import type { Path } from '../../topology/model/path.ts'
import type { Column, Tuples } from '../../topology/model/tuples.ts'

export interface RollupBatch {
  readonly length: number
  readonly times: ArrayLike<number>
  readonly projects: ArrayLike<string>
  column(path: Path): Column
  /** Partition and offset of each tuple's event; 0 for what is no event. */
  places(): Places
}

export interface Places {
  readonly partitions: ArrayLike<number>
  readonly offsets: ArrayLike<number>
}

export const rollupBatch = (tuples: Tuples, where: readonly Filter[]): RollupBatch => {
  const passed = where.length === 0 ? undefined : passingOf(tuples, where)
  if (passed === undefined || passed.length === tuples.length) {
    return {
      length: tuples.length,
      times: tuples.timesMs(),
      projects: tuples.projects(),
      column: (path) => tuples.column(path),
      places: () => placesOf(tuples),
    }
  }
  const picked = <T>(list: ArrayLike<T>): readonly T[] => passed.map((index) => list[index]!)
  return {
    length: passed.length,
    times: picked(tuples.timesMs()),
    projects: picked(tuples.projects()),
    column: (path) => picked(tuples.column(path)),
    places() {
      const { partitions, offsets } = placesOf(tuples)
      return { partitions: picked(partitions), offsets: picked(offsets) }
    },
  }
}

const passingOf = (tuples: Tuples, where: readonly Filter[]): readonly number[] => {
  let passed = Array.from({ length: tuples.length }, (_, index) => index)
  for (const filter of where) {
    const column = tuples.column(filter.path)
    passed = passed.filter((index) => filterMatches(filter, column[index]))
  }
  return passed
}

const placesOf = (tuples: Tuples): Places => {
  const events = tuples.events()
  if (events !== undefined) {
    return { partitions: new Array<number>(tuples.length).fill(events.partition), offsets: events.offsets }
  }
  // One tuple that is no event hides the columns of its batch: the events among them are asked one by one, or their
  // order would depend on what stood beside them.
  const places = Array.from({ length: tuples.length }, (_, index) => placeOf(tuples.tuple(index)))
  return { partitions: places.map(({ partition }) => partition), offsets: places.map(({ offset }) => offset) }
}

const placeOf = (tuple: unknown): { readonly partition: number; readonly offset: number } => {
  const { partition, offset, withBody } = Object(tuple)
  return typeof withBody === 'function' && typeof partition === 'number' && typeof offset === 'number'
    ? { partition, offset }
    : { partition: 0, offset: 0 }
}
