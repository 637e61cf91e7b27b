import { expect, test } from 'vitest'
import { parsePathList, parseWhere } from '../../topology/cli/parse-where.ts'

test('a filter is a path, an operator and a value in JSON', () => {
  expect(parseWhere('country eq "NZ"')).toEqual({ path: ['country'], operator: 'eq', value: 'NZ' })
  expect(parseWhere('  item.price   gte 20.5 ')).toEqual({ path: ['item', 'price'], operator: 'gte', value: 20.5 })
  expect(parseWhere('tags in ["a", "b c"]')).toEqual({ path: ['tags'], operator: 'in', value: ['a', 'b c'] })
})

test('a path in quotes is one name, whatever it holds', () => {
  expect(parseWhere('"Unit Price (EUR)" gt 0')).toMatchObject({ path: ['Unit Price (EUR)'] })
  expect(parseWhere('labels."org.example" exists true')).toMatchObject({ path: ['labels', 'org.example'] })
})

test.each([
  ['', 'character 1: a filter is PATH OPERATOR VALUE'],
  ['country', 'character 8: an operator is missing'],
  ['country = "NZ"', 'character 9: unknown operator "="; did you mean "eq"?'],
  ['country eqq "NZ"', 'did you mean "eq"?'],
  ['country regex "N.*"', 'character 9: regex is an operator of queries alone; here stand eq ne'],
  ['country eq', 'character 11: a value in JSON is missing'],
  ['country eq NZ', 'character 12: NZ is not JSON; a text stands in quotes: "NZ"'],
  ['country in "NZ"', 'character 12: in takes a list'],
  ['country exists 1', 'exists takes true or false'],
  ['a..b eq 1', 'character 1: a..b is not a path'],
])('%j is refused with its place', (text, problem) => {
  expect(parseWhere(text)).toEqual({ problem: expect.stringContaining(problem) })
})

test('a list of paths may hold names with commas', () => {
  expect(parsePathList('country, "a,b".c')).toEqual([['country'], ['a,b', 'c']])
  expect(parsePathList('')).toEqual({ problem: '"" names no path' })
})
