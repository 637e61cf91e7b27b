/**
 * Columns of a batch by path: each is made once, on first use, and kept for the batch.
 *
 * `keen.id`, `keen.created_at` and `keen.timestamp` are set by Spillway on every event (DOMAIN section 1); the last two
 * read as UTC with milliseconds, whatever the body writes. `keen.client_id` is there where a client has given one.
 */
import type { Event } from '../../model/event.ts'
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
  switch (keenProperty(path)) {
    case 'id':
      return Array.from({ length: events.length }, (_, index) => events.id(index))
    case 'created_at':
      return Array.from(events.appendTimesMs, formatTime)
    case 'timestamp':
      return Array.from(events.timesMs(), formatTime)
    case 'client_id':
      return events.clientIds()
    default:
      return undefined
  }
}

/** The property of one event that Spillway sets; `undefined` for any other path. */
export const keenValue = (path: Path, event: Event<unknown>): string | undefined => {
  switch (keenProperty(path)) {
    case 'id':
      return event.id
    case 'created_at':
      return formatTime(event.createdAt)
    case 'timestamp':
      return formatTime(event.timestamp)
    default:
      return undefined
  }
}

const keenProperty = (path: Path): string | undefined => (path.length === 2 && path[0] === 'keen' ? path[1] : undefined)
