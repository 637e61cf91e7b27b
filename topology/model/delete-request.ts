/**
 * A delete request as the log carries it (DOMAIN section 6). A record is taken or refused by a pure function of the
 * record, so every reader of the log agrees (PROTOCOL section 5).
 */
import { errors } from './errors.ts'
import { parseTime } from './event-time.ts'
import { type Filter, readFilter } from './filter.ts'
import { isJsonObject, type JsonValue } from './json.ts'
import { kindHeader } from './record-kind.ts'

export interface DeleteRequest {
  readonly id: string
  readonly project: string
  readonly collection: string | undefined
  readonly filters: readonly Filter[]
  /** Event time `[startMs, endMs)`. */
  readonly timeframe: { readonly startMs: number; readonly endMs: number } | undefined
  readonly allowScan: boolean
}

/** Where the events lie that a request can match. */
export type DeleteScope = Pick<DeleteRequest, 'project' | 'collection' | 'timeframe'>

export const deleteHeader = kindHeader

/** The client's own id of an event, which is no property of its body. */
export const clientIdPath = 'keen.client_id'

const deleteOperators = new Set(['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'exists', 'in', 'contains'])

const propertyRefusal =
  'one property cannot be removed: the removal does not commute with filters, so which events live would depend on the order of work'

/** Reads the value of a delete record; a text gives the reason of a refusal. */
export const readDeleteRequest = (json: JsonValue | undefined): DeleteRequest | string => {
  if (json === undefined || !isJsonObject(json)) return 'a delete request is a JSON object'
  const members = json as Record<string, JsonValue | undefined> // members may be absent
  const { id, project, collection, filters, timeframe, allowScan, property } = members
  if (typeof id !== 'string') return 'a delete request needs an id'
  // Read as a delete of events, it would take far more than was asked for.
  if (property !== undefined) return propertyRefusal
  // Read as absent, a wrong one would widen the delete to everything.
  if (project !== undefined && typeof project !== 'string') return 'project is a text'
  if (collection !== undefined && typeof collection !== 'string') return 'collection is a text'
  const list = filters === undefined ? [] : filters
  if (!Array.isArray(list)) return 'filters is a list'
  const read: Filter[] = []
  const entries = list as readonly JsonValue[] // isArray widens to a list of anything
  for (const one of entries) {
    const filter = readFilter(one)
    if (typeof filter === 'string') return filter
    if (!deleteOperators.has(filter.operator)) return `operator ${filter.operator} cannot be used in a delete`
    read.push(asTextOfClient(filter))
  }
  const frame = readTimeframe(timeframe)
  if (typeof frame === 'string') return frame
  return {
    id,
    project: project ?? 'default',
    collection,
    filters: read,
    timeframe: frame,
    allowScan: allowScan === true,
  }
}

/** A client id is a text, of a number its digits: also in the filter that names one. */
export const asTextOfClient = (filter: Filter): Filter => {
  if (filter.path.join('.') !== clientIdPath) return filter
  const textOf = (value: JsonValue): JsonValue => (typeof value === 'number' ? String(value) : value)
  const values = filter.value as JsonValue | readonly JsonValue[] // isArray widens a readonly list
  return { ...filter, value: Array.isArray(values) ? values.map(textOf) : textOf(filter.value) }
}

const readTimeframe = (json: JsonValue | undefined): DeleteRequest['timeframe'] | string => {
  if (json === undefined || json === null) return undefined
  if (!isJsonObject(json)) return 'a timeframe is an object with start and end'
  const { start, end } = json as Record<string, JsonValue | undefined> // members may be absent
  const startMs = typeof start === 'string' ? parseTime(start) : undefined
  const endMs = typeof end === 'string' ? parseTime(end) : undefined
  if (startMs === undefined || endMs === undefined) return 'a timeframe needs start and end as ISO 8601 times'
  return { startMs, endMs }
}

/** Reads a request that a person makes. Throws `unsupportedDeleteFilter`. */
export const requireDeleteRequest = (json: JsonValue | undefined): DeleteRequest => {
  const request = readDeleteRequest(json)
  if (typeof request === 'string') throw errors.unsupportedDeleteFilter({ reason: request })
  return request
}

/** Whether the request names its events by `keen.id` alone: the class that costs one look-up each. */
export const isByIdDelete = (request: DeleteRequest): boolean =>
  request.filters.some(
    (filter) => filter.path.join('.') === 'keen.id' && (filter.operator === 'eq' || filter.operator === 'in'),
  )
