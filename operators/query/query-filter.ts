/**
 * Filters of a query over a rollup (DOMAIN section 5): those of deletes and readers, and beside them `regex` and `or`.
 *
 * A rollup knows an event by its group alone, so a filter may ask for the paths of `by` and no other. Filters are plain
 * data, so that they can be sent to a worker; a pattern is compiled once per query.
 */
import { errors } from '../../topology/model/errors.ts'
import { type Filter, filterMatches, filterOperators, readFilter } from '../../topology/model/filter.ts'
import { isJsonObject, type JsonScalar, type JsonValue } from '../../topology/model/json.ts'
import { formatPath, type Path, parsePath } from '../../topology/model/path.ts'
import { isJsonList } from '../numbers/json-list.ts'
import type { RollupDefinition } from '../rollup/rollup-options.ts'

export type QueryFilter =
  | Filter
  /** A text in which the pattern, a regular expression with the flag `u`, is found. */
  | { readonly path: Path; readonly operator: 'regex'; readonly value: string }
  /** At least one of them matches. */
  | { readonly operator: 'or'; readonly operands: readonly QueryFilter[] }

/** All operators that stand between a path and a value. `within` is among them to be refused by its name. */
export const queryOperators = [...filterOperators, 'regex', 'within'] as const

// A filter deeper or longer than a person writes is a program's mistake.
const depthMax = 20
const filtersMax = 1_000

/**
 * Reads the public form: `{ property_name, operator, property_value }` or `{ operator: "or", operands }`; a text says
 * what is wrong. Throws `geoFilterPath` for `within`.
 */
export const readQueryFilter = (json: JsonValue, depth = 0): QueryFilter | string => {
  const fields = isJsonObject(json) ? json : {}
  const { operator, operands } = fields as Record<string, JsonValue | undefined> // members may be absent
  if (operator !== 'or') return readPathFilter(json, fields)
  if (!isJsonList(operands) || operands.length === 0) return 'or takes operands, a list of filters'
  if (depth === depthMax) return `filters stand more than ${depthMax} deep`
  const filters: QueryFilter[] = []
  for (const operand of operands) {
    const filter = readQueryFilter(operand, depth + 1)
    if (typeof filter === 'string') return filter
    filters.push(filter)
  }
  return { operator: 'or', operands: filters }
}

const readPathFilter = (json: JsonValue, fields: Readonly<Record<string, JsonValue>>): QueryFilter | string => {
  const operator = fields['operator']
  if (operator !== 'regex' && operator !== 'within') {
    const filter = readFilter(json)
    const isUnknown = typeof filter === 'string' && !filterOperators.some((one) => one === operator)
    return isUnknown && filter.startsWith('operator ')
      ? `operator ${JSON.stringify(operator)} is unknown; the operators are ${queryOperators.join(' ')} or`
      : filter
  }
  const name = fields['property_name']
  const path = typeof name === 'string' ? parsePath(name) : undefined
  if (path === undefined) return `property_name ${JSON.stringify(name)} is not a path`
  const value = fields['property_value'] ?? null
  const problem = valueProblem(path, operator, value)
  if (problem !== undefined) return problem
  return { path, operator: 'regex', value: String(value) }
}

/** What is wrong with the value of an operator that deletes do not know. Throws `geoFilterPath` for `within`. */
export const valueProblem = (path: Path, operator: 'regex' | 'within', value: JsonValue): string | undefined => {
  if (operator === 'within') throw errors.geoFilterPath({ path: formatPath(path) })
  if (typeof value !== 'string') return 'regex takes a text: "^N"'
  try {
    new RegExp(value, 'u')
    return undefined
  } catch (error) {
    return `${JSON.stringify(value)} is no regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
}

export type GroupTest = (values: readonly JsonScalar[]) => boolean

/** Whether a group passes all filters. Throws `badConfiguration` for a path that the rollup is not kept by. */
export const groupTestOf = (definition: RollupDefinition, filters: readonly QueryFilter[]): GroupTest => {
  const left = { filters: filtersMax }
  const tests = filters.map((filter) => testOf(definition, filter, left, 0))
  return (values) => tests.every((test) => test(values))
}

const testOf = (
  definition: RollupDefinition,
  filter: QueryFilter,
  left: { filters: number },
  depth: number,
): GroupTest => {
  left.filters -= 1
  if (left.filters < 0 || depth > depthMax)
    throw errors.badConfiguration({ problem: `a query takes ${filtersMax} filters, ${depthMax} deep` })
  if (filter.operator === 'or') {
    const tests = filter.operands.map((operand) => testOf(definition, operand, left, depth + 1))
    return (values) => tests.some((test) => test(values))
  }
  const index = groupIndexOf(definition, formatPath(filter.path))
  if (filter.operator === 'regex') {
    const problem = valueProblem(filter.path, 'regex', filter.value)
    if (problem !== undefined) throw errors.badConfiguration({ problem })
    const pattern = new RegExp(filter.value, 'u')
    return (values) => {
      const value = values[index]
      return typeof value === 'string' && pattern.test(value)
    }
  }
  return (values) => {
    const value = values[index] ?? null
    // Absent and null are one group; asked whether it exists, it does not.
    return filterMatches(filter, filter.operator === 'exists' && value === null ? undefined : value)
  }
}

/** Index in `by` of a written path; also takes a path whose quotes a shell has eaten. */
export const groupIndexOf = (definition: RollupDefinition, text: string): number => {
  const path = parsePath(text)
  const written = path === undefined ? undefined : formatPath(path)
  const index = definition.by.findIndex((column) => column.written === written || formatPath([text]) === column.written)
  if (index >= 0) return index
  const known = definition.by.map((column) => column.written).join(', ')
  throw errors.badConfiguration({
    problem: `the rollup is not kept by ${text}; ${known === '' ? 'it has no groups' : `its groups are ${known}`}`,
  })
}
