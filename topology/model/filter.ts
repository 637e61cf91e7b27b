/**
 * Filters (DOMAIN section 5): one language with one meaning, in deletes, queries and readers.
 *
 * No coercion: "5" never equals 5. Strings compare by code unit. A missing path matches only `ne`, `not_contains` and
 * `exists false`. `eq` on a list asks for an equal element.
 */
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts'
import { type Path, parsePath } from './path.ts'

export const filterOperators = [
  'eq',
  'ne',
  'lt',
  'lte',
  'gt',
  'gte',
  'exists',
  'in',
  'contains',
  'not_contains',
] as const
export type FilterOperator = (typeof filterOperators)[number]

export interface Filter {
  readonly path: Path
  readonly operator: FilterOperator
  readonly value: JsonValue
}

/** Whether a value (`undefined`: the path is missing) passes. */
export const filterMatches = (filter: Filter, value: unknown): boolean => {
  switch (filter.operator) {
    case 'eq':
      return isEqual(value, filter.value)
    case 'ne':
      return !isEqual(value, filter.value)
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return isOrdered(filter.operator, value, filter.value)
    case 'exists':
      return (value !== undefined) === (filter.value !== false)
    case 'in':
      return Array.isArray(filter.value) && filter.value.some((one) => isEqual(value, one))
    case 'contains':
      return isContaining(value, filter.value)
    case 'not_contains':
      return !isContaining(value, filter.value)
    default:
      return filter.operator satisfies never
  }
}

const isEqual = (value: unknown, wanted: JsonValue): boolean => {
  if (Array.isArray(value)) return value.some((element) => element === wanted)
  return value === wanted
}

const isOrdered = (operator: 'lt' | 'lte' | 'gt' | 'gte', value: unknown, bound: JsonValue): boolean => {
  const isComparable =
    (typeof value === 'number' && typeof bound === 'number') || (typeof value === 'string' && typeof bound === 'string')
  if (!isComparable) return false
  if (operator === 'lt') return value < bound
  if (operator === 'lte') return value <= bound
  return operator === 'gt' ? value > bound : value >= bound
}

const isContaining = (value: unknown, part: JsonValue): boolean => {
  if (typeof value === 'string') return typeof part === 'string' && value.includes(part)
  return Array.isArray(value) && value.some((element) => element === part)
}

/** Reads one filter of the public form `{ property_name, operator, property_value }`; a text says what is wrong. */
export const readFilter = (json: JsonValue): Filter | string => {
  if (!isJsonObject(json)) return 'a filter is an object with property_name, operator and property_value'
  const fields: JsonObject = json
  const name = fields['property_name']
  const operator = fields['operator']
  const path = typeof name === 'string' ? parsePath(name) : undefined
  if (path === undefined) return `property_name ${JSON.stringify(name)} is not a path`
  const known = filterOperators.find((one) => one === operator)
  if (known === undefined)
    return `operator ${JSON.stringify(operator)} is unknown; the operators are ${filterOperators.join(' ')}`
  return { path, operator: known, value: fields['property_value'] ?? null }
}
