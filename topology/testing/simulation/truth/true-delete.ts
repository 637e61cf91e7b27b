/**
 * Which events a delete request matches, asked in the slowest and most obvious way: every filter of the request about
 * every event before it (DOMAIN sections 5 and 6).
 *
 * Nothing here is shared with the engine's matcher, which is compiled for look-up: where the two differ, views do.
 */
import type { EventBatch, FoundDelete } from '../../../model/decoder.ts'
import { readDeleteRequest } from '../../../model/delete-request.ts'
import { parseTime } from '../../../model/event-time.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/json.ts'
import { type Path, parsePath } from '../../../model/path.ts'

export interface TrueDelete {
  readonly offset: number
  /** As the log has it. */
  readonly request: JsonObject
  /** Why lanes refuse it: it matches nothing. */
  readonly refusal: string | undefined
  readonly project: string
  readonly collection: string | undefined
  /** Event time `[startMs, endMs)`. */
  readonly timeframe: { readonly startMs: number; readonly endMs: number } | undefined
  readonly filters: readonly TrueFilter[]
}

interface TrueFilter {
  readonly path: Path
  readonly operator: JsonValue | undefined
  readonly wanted: JsonValue
}

type Loose = Readonly<Record<string, JsonValue | undefined>>

export const trueDelete = ({ offset, request }: FoundDelete): TrueDelete => {
  const { project, collection, timeframe, filters = [] } = request as Loose // members may be absent
  const refusal = refusalOf(request)
  const list = refusal === undefined && Array.isArray(filters) ? (filters as readonly JsonValue[]) : [] // of JSON
  return {
    offset,
    request,
    refusal,
    project: typeof project === 'string' ? project : 'default',
    collection: typeof collection === 'string' ? collection : undefined,
    timeframe: refusal === undefined ? timeframeOf(timeframe) : undefined,
    filters: list.map(trueFilter),
  }
}

/** A request that says which events it means, but asks for all of them to be looked at, needs leave to do so. */
const refusalOf = (request: JsonObject): string | undefined => {
  const read = readDeleteRequest(request)
  if (typeof read === 'string') return read
  const isNamed = read.filters.some(
    ({ path, operator }) => nameOf(path) === 'keen.id' && (operator === 'eq' || operator === 'in'),
  )
  return isNamed || read.timeframe !== undefined || read.allowScan ? undefined : 'a scan needs "allowScan": true'
}

const nameOf = (path: Path): string => path.join('.')

const timeframeOf = (json: JsonValue | undefined): TrueDelete['timeframe'] => {
  if (json === undefined || json === null || !isJsonObject(json)) return undefined
  const { start, end } = json as Loose // members may be absent
  return { startMs: parseTime(String(start)) ?? Number.NaN, endMs: parseTime(String(end)) ?? Number.NaN }
}

const trueFilter = (json: JsonValue): TrueFilter => {
  const { property_name, operator, property_value = null } = json as Loose // `readDeleteRequest` has taken it
  const path = parsePath(String(property_name)) ?? []
  return { path, operator, wanted: asCompared(nameOf(path), property_value) }
}

/** Times compare as ms, client ids as texts. */
const asCompared = (name: string, value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((one) => asCompared(name, one)) // of JSON
  if (name === 'keen.client_id') return typeof value === 'number' ? String(value) : value
  const isTime = name === 'keen.timestamp' || name === 'keen.created_at'
  return isTime && typeof value === 'string' ? (parseTime(value) ?? value) : value
}

/** Whether the request takes an event of its partition. */
export const isTakenBy = (one: TrueDelete, events: EventBatch, index: number): boolean => {
  if (one.refusal !== undefined || one.offset <= events.offsets[index]!) return false
  if (one.project !== events.projects()[index]) return false
  if (one.collection !== undefined && one.collection !== events.collections()[index]) return false
  const timeMs = events.timesMs()[index]!
  if (one.timeframe !== undefined && !(timeMs >= one.timeframe.startMs && timeMs < one.timeframe.endMs)) return false
  return one.filters.every(({ path, operator, wanted }) => passes(propertyOf(events, index, path), operator, wanted))
}

const propertyOf = (events: EventBatch, index: number, path: Path): unknown => {
  switch (nameOf(path)) {
    case 'keen.id':
      return events.id(index)
    case 'keen.timestamp':
      return events.timesMs()[index]
    case 'keen.created_at':
      return events.appendTimesMs[index]
    case 'keen.client_id':
      return events.clientIds()[index]
    default:
      return path.reduce<unknown>(memberOf, events.event(index).body)
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Loose)[name] // an object by the line above
    : undefined

const passes = (value: unknown, operator: JsonValue | undefined, wanted: JsonValue): boolean => {
  switch (operator) {
    case 'eq':
      return isEqual(value, wanted)
    case 'ne':
      return !isEqual(value, wanted)
    case 'in':
      return Array.isArray(wanted) && wanted.some((one) => isEqual(value, one))
    case 'exists':
      return (value !== undefined) === (wanted !== false)
    case 'contains':
      if (typeof value === 'string') return typeof wanted === 'string' && value.includes(wanted)
      return Array.isArray(value) && value.includes(wanted)
    case 'lt':
      return compared(value, wanted) < 0
    case 'lte':
      return compared(value, wanted) <= 0
    case 'gt':
      return compared(value, wanted) > 0
    case 'gte':
      return compared(value, wanted) >= 0
    default:
      return false
  }
}

const isEqual = (value: unknown, wanted: unknown): boolean =>
  Array.isArray(value) ? value.includes(wanted) : value === wanted

/** Below, at or above zero; not a number where the two do not compare. */
const compared = (value: unknown, wanted: unknown): number => {
  if (typeof value === 'number' && typeof wanted === 'number') return value - wanted
  if (typeof value !== 'string' || typeof wanted !== 'string') return Number.NaN
  return value < wanted ? -1 : value > wanted ? 1 : 0
}
