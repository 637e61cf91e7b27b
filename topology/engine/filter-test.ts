/**
 * The tests of a delete request, made ready: whether an event of the right place passes project, collection, timeframe
 * and filters (DOMAIN sections 5 and 6). A function of the request and the event alone (I-1).
 */
import type { EventBatch } from '../model/decoder.ts'
import { clientIdPath, type DeleteRequest } from '../model/delete-request.ts'
import { parseTime } from '../model/event-time.ts'
import { type Filter, filterMatches } from '../model/filter.ts'
import { formatPath, type Path, valueAt } from '../model/path.ts'

/** Reads the value that filters of a path are asked about. */
export type ValueReader = (events: EventBatch, index: number) => unknown

/** The one place that knows the names of what is no property of the body. */
export const valueReader = (path: Path): ValueReader => {
  switch (path.join('.')) {
    case 'keen.id':
      return (events, index) => events.id(index)
    case 'keen.timestamp':
      return (events, index) => events.timesMs()[index]
    case 'keen.created_at':
      return (events, index) => events.appendTimesMs[index]
    case clientIdPath:
      return (events, index) => events.clientIds()[index]
    default:
      return (events, index) => {
        const column = events.lifted?.(path)
        return column === undefined ? valueAt(events.event(index).body, path) : column[index]
      }
  }
}

const isTimePath = (path: Path): boolean => ['keen.timestamp', 'keen.created_at'].includes(path.join('.'))

/** Filters of the two times compare ms: texts of the filter become ms. */
const comparable = (filter: Filter): Filter => {
  if (!isTimePath(filter.path)) return filter
  const toMs = (value: Filter['value']): Filter['value'] =>
    typeof value === 'string' ? (parseTime(value) ?? value) : value
  return { ...filter, value: Array.isArray(filter.value) ? filter.value.map(toMs) : toMs(filter.value) }
}

/** A filter of a client id or a property of the body that one value, or one of several, passes: found by a map. */
export const isByValue = ({ path, operator, value }: Filter): boolean =>
  (path[0] !== 'keen' || path.join('.') === clientIdPath) &&
  (operator === 'eq' || (operator === 'in' && Array.isArray(value)))

export class FilterTest {
  readonly project: string
  readonly collection: string | undefined
  readonly #timeframe: DeleteRequest['timeframe']
  readonly #filters: readonly (readonly [filter: Filter, read: ValueReader])[]

  /** `without`: a filter that whoever asks has looked at already. */
  constructor(request: DeleteRequest, without?: Filter) {
    this.project = request.project
    this.collection = request.collection
    this.#timeframe = request.timeframe
    this.#filters = request.filters
      .filter((one) => one !== without)
      .map((one) => [comparable(one), valueReader(one.path)] as const)
  }

  /** Equal names are equal tests: what thousands of requests by id share. */
  static nameOf(request: DeleteRequest, without: Filter): string {
    const filters = request.filters.filter((one) => one !== without)
    const { project, collection = null, timeframe = null } = request
    return JSON.stringify([project, collection, timeframe, filters.map((one) => [formatPath(one.path), one])])
  }

  passes(events: EventBatch, index: number): boolean {
    if (events.projects()[index] !== this.project) return false
    if (this.collection !== undefined && events.collections()[index] !== this.collection) return false
    if (this.#timeframe !== undefined) {
      const timeMs = events.timesMs()[index]!
      if (timeMs < this.#timeframe.startMs || timeMs >= this.#timeframe.endMs) return false
    }
    for (const [filter, read] of this.#filters) if (!filterMatches(filter, read(events, index))) return false
    return true
  }
}
