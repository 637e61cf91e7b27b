/**
 * Reads events back as their clients know them: the body with its `keen` object, filtered, in the order of event time.
 */
import { asTextOfClient } from '../../topology/model/delete-request.ts'
import { parseEventId } from '../../topology/model/event-id.ts'
import { formatTime, parseTime } from '../../topology/model/event-time.ts'
import { type Filter, filterMatches } from '../../topology/model/filter.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../topology/model/json.ts'
import { valueAt } from '../../topology/model/path.ts'
import type { BucketQuery } from './event-buckets.ts'
import { type EventRow, keenOfRow, readEventRows } from './read-event-rows.ts'

export interface EventsQuery extends BucketQuery {
  /** All must match. */
  readonly filters?: readonly Filter[]
  /** Default: all. */
  readonly limit?: number
}

/** Living events `{ keen: { id, created_at, timestamp, ... }, ...body }` by event time. */
export async function* readEvents(query: EventsQuery): AsyncIterable<JsonObject> {
  const limit = query.limit ?? Number.POSITIVE_INFINITY
  const filters = (query.filters ?? []).map((filter) => asTextOfClient(withTime(filter)))
  let count = 0
  if (limit <= 0) return
  for await (const row of readEventRows({ ...query, timeframe: narrowed(query.timeframe, filters) })) {
    const event = eventOf(row)
    if (!filters.every((filter) => filterMatches(filter, valueAt(event, filter.path)))) continue
    yield event
    count += 1
    if (count >= limit) return
  }
}

/**
 * The body with what only the store knows of it. `keen` stands first and begins with the store's own members, whose
 * values win; other members of `keen` keep theirs.
 */
const eventOf = (row: EventRow): JsonObject => {
  const body: JsonValue = JSON.parse(row.body)
  const { keen, ...rest } = isJsonObject(body) ? body : {}
  const own = keenOfRow(row)
  return {
    keen: { ...own, ...(keen !== undefined && isJsonObject(keen) ? keen : {}), ...own },
    ...rest,
  }
}

/** An id holds its event time: a look-up by id reads one hour. */
const narrowed = (timeframe: EventsQuery['timeframe'], filters: readonly Filter[]): EventsQuery['timeframe'] => {
  for (const { path, operator, value } of filters) {
    const isId = operator === 'eq' && path.length === 2 && path[0] === 'keen' && path[1] === 'id'
    const place = isId && typeof value === 'string' ? parseEventId(value) : undefined
    if (place === undefined) continue
    const startMs = Math.max(place.timeMs, timeframe?.startMs ?? place.timeMs)
    return { startMs, endMs: Math.min(place.timeMs + 1, timeframe?.endMs ?? place.timeMs + 1) }
  }
  return timeframe
}

/** Times compare as times: a value for `keen.timestamp` or `keen.created_at` is written as events write them. */
const withTime = (filter: Filter): Filter => {
  const [first, second, ...more] = filter.path
  if (first !== 'keen' || more.length > 0 || (second !== 'timestamp' && second !== 'created_at')) return filter
  return { ...filter, value: timeOf(filter.value) }
}

const timeOf = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(timeOf)
  const timeMs = typeof value === 'string' ? parseTime(value) : undefined
  return timeMs === undefined ? value : formatTime(timeMs)
}
