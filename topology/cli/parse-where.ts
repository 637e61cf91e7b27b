/**
 * Filters as people write them: `PATH OPERATOR VALUE`, the value in JSON. A path may be a JSON string, which then is one
 * property name whatever it holds: `"Unit Price (EUR)" gt 0`. Problems say at which character they begin.
 */

import { nearestName } from '../declare/nearest-name.ts'
import { type Filter, type FilterOperator, filterOperators } from '../model/filter.ts'
import type { JsonValue } from '../model/json.ts'
import { parsePath } from '../model/path.ts'

export const parseWhere = (text: string): Filter | { readonly problem: string } => {
  const start = /^\s*/.exec(text)?.[0].length ?? 0
  const written = pathText(text.slice(start))
  if (written === '') return at(text, start, 'a filter is PATH OPERATOR VALUE, as in country eq "NZ"')
  const path = parsePath(written)
  if (path === undefined) return at(text, start, `${written} is not a path`)
  const rest = text.slice(start + written.length)
  const [, gap = '', word = ''] = /^(\s*)(\S*)/.exec(rest) ?? []
  const wordAt = start + written.length + gap.length
  if (word === '') return at(text, wordAt, `an operator is missing: ${filterOperators.join(' ')}`)
  const operator = filterOperators.find((one) => one === word)
  if (operator === undefined) return at(text, wordAt, unknownOperator(word))
  return withValue(text, wordAt + word.length, path, operator)
}

/** The written path: JSON strings and other characters up to the first blank outside of a string. */
const pathText = (text: string): string => /^(?:"(?:[^"\\]|\\.)*"|[^\s"])+/.exec(text)?.[0] ?? ''

const unknownOperator = (word: string): string => {
  const near = nearestName(word, filterOperators) ?? aliases[word]
  return `unknown operator ${JSON.stringify(word)}${near === undefined ? `; the operators are ${filterOperators.join(' ')}` : `; did you mean "${near}"?`}`
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

const withValue = (
  text: string,
  behind: number,
  path: readonly string[],
  operator: FilterOperator,
): Filter | { readonly problem: string } => {
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

const at = (text: string, index: number, reason: string): { readonly problem: string } => ({
  problem: `${JSON.stringify(text)}, character ${index + 1}: ${reason}`,
})

/** `a,b` as paths; a JSON string may hold commas. */
export const parsePathList = (text: string): readonly (readonly string[])[] | { readonly problem: string } => {
  const paths: (readonly string[])[] = []
  for (const part of text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []) {
    const path = parsePath(part.trim())
    if (path === undefined) return { problem: `${part.trim()} is not a path` }
    paths.push(path)
  }
  return paths.length > 0 ? paths : { problem: `${JSON.stringify(text)} names no path` }
}
