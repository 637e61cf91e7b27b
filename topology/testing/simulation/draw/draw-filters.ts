/** Draws filters of deletes: most are true of an event that was drawn before, so that a delete finds something. */
import { formatTime } from '../../../model/event-time.ts'
import type { FilterOperator } from '../../../model/filter.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/json.ts'
import { formatPath, type Path, valueAt } from '../../../model/path.ts'
import type { Draw } from './draw.ts'
import type { DrawBodies, DrawnProperty } from './draw-bodies.ts'

export interface DrawnFilter {
  readonly property_name: string
  readonly operator: FilterOperator
  readonly property_value: JsonValue
}

/** Operators that a delete may have. */
export const filterClasses = ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'exists', 'contains'] as const
export type FilterClass = (typeof filterClasses)[number]

/** A filter of a class. `body`: of the event that it shall find, if there is one. */
export const drawFilter = (
  draw: Draw,
  kind: FilterClass,
  bodies: DrawBodies,
  body: JsonObject | undefined,
): DrawnFilter => {
  const property = draw.of(bodies.properties)
  const path = body === undefined ? property.path : pathIn(draw, body, property, kind)
  const found = body === undefined ? undefined : (valueAt(body, path) as JsonValue | undefined) // a body is JSON
  return { property_name: formatPath(path), operator: kind, property_value: wantedValue(draw, kind, property, found) }
}

/** `keen.timestamp` reads as UTC with milliseconds, whatever an event writes. */
export const drawTimeFilter = (draw: Draw, timeMs: number): DrawnFilter => ({
  property_name: 'keen.timestamp',
  operator: draw.of(['lt', 'gte']),
  property_value: formatTime(timeMs),
})

/** The drawn property if the event has it, else one that the event has. */
const pathIn = (draw: Draw, body: JsonObject, { path }: DrawnProperty, kind: FilterClass): Path => {
  if (kind === 'exists' || valueAt(body, path) !== undefined) return path
  const own = Object.keys(body).filter((name) => name !== 'keen')
  return own.length === 0 ? path : [draw.of(own)]
}

const wantedValue = (
  draw: Draw,
  kind: FilterClass,
  { pool }: DrawnProperty,
  found: JsonValue | undefined,
): JsonValue => {
  const other = draw.of(pool)
  const first = firstOf(found) ?? scalarOf(other)
  const isOther = draw.happens(0.2)
  switch (kind) {
    case 'exists':
      return found !== undefined && !isOther
    case 'in':
      return [first, scalarOf(other), null].slice(0, draw.between(1, 3))
    case 'contains':
      return typeof first === 'string' ? first.slice(0, draw.between(1, 3)) : first
    case 'ne':
      // Of what is there nearly everything is something else.
      return isOther ? scalarOf(other) : first
    case 'eq':
      return isOther ? scalarOf(other) : first
    default:
      return typeof first === 'number' ? first + draw.of([0, 0, 1, -1]) : first
  }
}

/** An element stands for its list. */
const firstOf = (value: JsonValue | undefined): JsonValue | undefined => {
  if (Array.isArray(value)) return scalarOf((value as readonly JsonValue[])[0]) // isArray widens a readonly list
  return value === undefined ? undefined : scalarOf(value)
}

const scalarOf = (value: JsonValue | undefined): JsonValue =>
  value === undefined || isJsonObject(value) || Array.isArray(value) ? null : value
