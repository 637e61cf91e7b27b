/**
 * Rebuilds a built-in operator from its plain-data options, for readers that have no topology file.
 *
 * The catalogue beside the rows holds the options; operators and aggregates of the user cannot be rebuilt from data.
 */
import type { Aggregate } from '../topology/model/aggregate.ts'
import { isJsonObject, type JsonValue } from '../topology/model/json.ts'
import type { StateOperator } from '../topology/model/operator.ts'
import { average } from './average.ts'
import { count } from './count.ts'
import { countUnique } from './count-unique.ts'
import { first } from './first.ts'
import { inferSchema } from './infer-schema/infer-schema.ts'
import { last } from './last.ts'
import { maximum } from './maximum.ts'
import { median } from './median.ts'
import { minimum } from './minimum.ts'
import { isJsonList } from './numbers/json-list.ts'
import type { UniqueOptions } from './numbers/unique-values.ts'
import { percentile } from './percentile.ts'
import { rollup } from './rollup/rollup.ts'
import { selectUnique } from './select-unique.ts'
import { stddev } from './stddev.ts'
import { sum } from './sum.ts'

/** `undefined` when the operator, or one of its aggregates, is not built in. */
export const restoreOperator = (name: string, options: JsonValue): StateOperator | undefined => {
  if (name === 'inferSchema') return inferSchema()
  return name === 'rollup' && isJsonObject(options) ? restoreRollup(options) : undefined
}

type Fields = Readonly<Record<string, JsonValue | undefined>>

const restoreRollup = (options: Fields): StateOperator | undefined => {
  const { window, by, values, timezone, where, groups } = options
  const windows = isJsonList(window) ? window.map(String) : window
  if ((typeof windows !== 'string' && !Array.isArray(windows)) || !isJsonList(values)) return undefined
  const aggregates: (readonly [string, Aggregate])[] = []
  for (const value of values) {
    const fields: Fields = isJsonObject(value) ? value : {}
    const aggregate = restoreAggregate(fields['aggregate'], fields['path'], fields['options'])
    if (aggregate === undefined || typeof fields['name'] !== 'string') return undefined
    aggregates.push([fields['name'], aggregate])
  }
  return rollup({
    window: windows,
    by: isJsonList(by) ? by.map(String) : [],
    values: Object.fromEntries(aggregates),
    ...(typeof timezone === 'string' || typeof timezone === 'number' ? { timezone } : {}),
    ...(isJsonList(where) ? { where: where.filter(isJsonObject) } : {}),
    ...(typeof groups === 'number' ? { groups } : {}),
  })
}

/** What an aggregate was declared with beside its path. */
interface AggregateOptions {
  readonly rank: number
  readonly unique: UniqueOptions
}

const ofPath: ReadonlyMap<string, (path: string, options: AggregateOptions) => Aggregate> = new Map<
  string,
  (path: string, options: AggregateOptions) => Aggregate
>([
  ['sum', sum],
  ['average', average],
  ['minimum', minimum],
  ['maximum', maximum],
  ['stddev', stddev],
  ['median', median],
  ['percentile', (path, { rank }) => percentile(path, rank)],
  ['countUnique', (path, { unique }) => countUnique(path, unique)],
  ['selectUnique', (path, { unique }) => selectUnique(path, unique)],
  ['first', first],
  ['last', last],
])

const restoreAggregate = (
  name: JsonValue | undefined,
  path: JsonValue | undefined,
  options: JsonValue | undefined,
): Aggregate | undefined => {
  if (name === 'count') return count()
  if (typeof name !== 'string' || typeof path !== 'string') return undefined
  const { rank, exactValues }: Fields = isJsonObject(options) ? options : {}
  if (name === 'percentile' && typeof rank !== 'number') return undefined
  return ofPath.get(name)?.(path, {
    rank: Number(rank),
    unique: typeof exactValues === 'number' ? { exactValues } : {},
  })
}
