/**
 * Columns of a batch by path: each is made once, on first use, and kept for the batch.
 *
 * `keen.id`, `keen.created_at` and `keen.timestamp` are set by Spillway on every event (DOMAIN section 1); the last two
 * read as UTC with milliseconds, whatever the body writes.
 */
import { formatTime } from '../../model/event-time.ts'
import { formatPath, type Path } from '../../model/path.ts'
import type { Column, EventColumns } from '../../model/tuples.ts'

export class PathColumns {
  readonly #columns = new Map<string, Column>()

  /** The column of a path, from `make` when it is not there yet. */
  of(path: Path, make: () => Column): Column {
    const name = formatPath(path)
    const known = this.#columns.get(name)
    if (known !== undefined) return known
    const column = make()
    this.#columns.set(name, column)
    return column
  }
}

/** The column of a property that Spillway sets; `undefined` for any other path. */
export const keenColumn = (path: Path, events: EventColumns): Column | undefined => {
  if (path.length !== 2 || path[0] !== 'keen') return undefined
  const each = (value: (index: number) => unknown): Column => Array.from({ length: events.length }, (_, i) => value(i))
  switch (path[1]) {
    case 'id':
      return each((i) => events.id(i))
    case 'created_at':
      return each((i) => formatTime(events.appendTimesMs[i]!))
    case 'timestamp':
      return each((i) => formatTime(events.timesMs()[i]!))
    default:
      return undefined
  }
}
