/** Answers of aggregates over the whole list of values: the slow obvious way (DOMAIN section 7). */
import { canonicalJson, type JsonValue } from '../../topology/model/json.ts'
import { nearestDeviation, nearestMean, nearestSum } from './exact-rational.ts'

const numbers = (values: readonly unknown[]): readonly number[] =>
  values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value))

const sorted = (values: readonly unknown[]): readonly number[] =>
  [...numbers(values)].sort((left, right) => left - right)

/** Nearest rank, low. */
export const percentileOf = (values: readonly unknown[], rank: number): number | null => {
  const list = sorted(values)
  return list.find((_value, i) => (i + 1) * 100 >= rank * list.length) ?? null
}

export const recompute: Readonly<Record<string, (values: readonly unknown[]) => JsonValue>> = {
  count: (values) => values.length,
  sum: (values) => nearestSum(numbers(values)),
  average: (values) => (numbers(values).length === 0 ? null : nearestMean(numbers(values))),
  stddev: (values) => (numbers(values).length === 0 ? null : nearestDeviation(numbers(values))),
  minimum: (values) => sorted(values)[0] ?? null,
  maximum: (values) => sorted(values).at(-1) ?? null,
  median: (values) => percentileOf(values, 50),
  percentile: (values) => percentileOf(values, 95),
  countUnique: (values) =>
    new Set(
      values.filter((value) => value !== undefined).map((value) => canonicalJson(JSON.parse(JSON.stringify(value)))),
    ).size,
  selectUnique: (values) => JSON.stringify([...new Set(values.filter((value) => value !== undefined))].sort(byRank)),
  // Values come in the order of event time, ties by id.
  first: (values) => textOf(values.find((value) => value !== undefined)),
  last: (values) => textOf(values.findLast((value) => value !== undefined)),
}

/** A value of any type in a column of texts. */
const textOf = (value: unknown): string | null =>
  value === undefined || value === null || typeof value === 'string' ? (value ?? null) : JSON.stringify(value)

/** Null, bools, numbers, strings; each kind by its values. */
const byRank = (left: unknown, right: unknown): number => {
  const ranks = ['object', 'boolean', 'number', 'string']
  const apart = ranks.indexOf(typeof left) - ranks.indexOf(typeof right)
  if (apart !== 0) return apart
  return Number(left) < Number(right) || String(left) < String(right) ? -1 : 1
}
