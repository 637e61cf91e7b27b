/**
 * Filters as people write them: `PATH OPERATOR VALUE`, the value in JSON. A path may be a JSON string, which then is one
 * property name whatever it holds: `"Unit Price (EUR)" gt 0`. Problems say at which character they begin.
 */

import { queryOperators } from '../../operators/query/query-filter.ts'
import { type Filter, type FilterOperator, filterOperators } from '../model/filter.ts'
import type { JsonValue } from '../model/json.ts'
import { nearestName } from '../model/nearest-name.ts'
import { type Path, parsePath } from '../model/path.ts'

export const parseWhere = (text: string): Filter | FilterProblem => parseFilter(text, filterOperators)

export interface FilterProblem {
  readonly problem: string
}

export interface WrittenFilter<Operator> {
  readonly path: Path
  readonly operator: Operator
  readonly value: JsonValue
}

/** The same with the operators that the caller knows. */
export const parseFilter = <Operator extends string>(
  text: string,
  operators: readonly Operator[],
): WrittenFilter<Operator> | FilterProblem => {
  const start = /^\s*/.exec(text)?.[0].length ?? 0
  const written = pathText(text.slice(start))
  if (written === '') return at(text, start, 'a filter is PATH OPERATOR VALUE, as in country eq "NZ"')
  const path = parsePath(written)
  if (path === undefined) return at(text, start, `${written} is not a path`)
  const rest = text.slice(start + written.length)
  const [, gap = '', word = ''] = /^(\s*)(\S*)/.exec(rest) ?? []
  const wordAt = start + written.length + gap.length
  // `within` is known to be refused; nobody is told to write it.
  const known = operators.filter((one) => one !== 'within')
  if (word === '') return at(text, wordAt, `an operator is missing: ${known.join(' ')}`)
  const operator = operators.find((one) => one === word)
  if (operator === undefined && queryOperators.some((one) => one === word))
    return at(text, wordAt, `${word} is an operator of queries alone; here stand ${known.join(' ')}`)
  if (operator === undefined) return at(text, wordAt, unknownOperator(word, known))
  return withValue(text, wordAt + word.length, path, operator)
}

/** The written path: JSON strings and other characters up to the first blank outside of a string. */
const pathText = (text: string): string => /^(?:"(?:[^"\\]|\\.)*"|[^\s"])+/.exec(text)?.[0] ?? ''

const unknownOperator = (word: string, operators: readonly string[]): string => {
  const near = nearestName(word, operators) ?? aliases[word]
  return `unknown operator ${JSON.stringify(word)}${near === undefined ? `; the operators are ${operators.join(' ')}` : `; did you mean "${near}"?`}`
}

const aliases: Readonly<Record<string, FilterOperator>> = {
  '=': 'eq',
  '==': 'eq',
  '!=': 'ne',
  '<>': 'ne',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
}

const withValue = <Operator extends string>(
  text: string,
  behind: number,
  path: Path,
  operator: Operator,
): WrittenFilter<Operator> | FilterProblem => {
  const valueText = text.slice(behind).trim()
  const valueAt = behind + (/^\s*/.exec(text.slice(behind))?.[0].length ?? 0)
  if (valueText === '') return at(text, valueAt, 'a value in JSON is missing')
  let value: JsonValue
  try {
    value = JSON.parse(valueText)
  } catch {
    return at(
      text,
      valueAt,
      `${valueText} is not JSON${/^[^"[{\d-]/.test(valueText) ? `; a text stands in quotes: ${JSON.stringify(valueText)}` : ''}`,
    )
  }
  if (operator === 'in' && !Array.isArray(value)) return at(text, valueAt, 'in takes a list: ["NZ","AU"]')
  if (operator === 'exists' && typeof value !== 'boolean') return at(text, valueAt, 'exists takes true or false')
  return { path, operator, value }
}

const at = (text: string, index: number, reason: string): FilterProblem => ({
  problem: `${JSON.stringify(text)}, character ${index + 1}: ${reason}`,
})

/** `a,b` as paths; a JSON string may hold commas. */
export const parsePathList = (text: string): readonly Path[] | FilterProblem => {
  const paths: Path[] = []
  for (const part of text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []) {
    const path = parsePath(part.trim())
    if (path === undefined) return { problem: `${part.trim()} is not a path` }
    paths.push(path)
  }
  return paths.length > 0 ? paths : { problem: `${JSON.stringify(text)} names no path` }
}
