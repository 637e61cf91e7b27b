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
import { inferSchema } from './infer-schema/infer-schema.ts'
import { maximum } from './maximum.ts'
import { median } from './median.ts'
import { minimum } from './minimum.ts'
import { isJsonList } from './numbers/json-list.ts'
import { percentile } from './percentile.ts'
import { rollup } from './rollup/rollup.ts'
import { stddev } from './stddev.ts'
import { sum } from './sum.ts'

/** `undefined` when the operator, or one of its aggregates, is not built in. */
export const restoreOperator = (name: string, options: JsonValue): StateOperator | undefined => {
  if (name === 'inferSchema') return inferSchema()
  return name === 'rollup' && isJsonObject(options) ? restoreRollup(options) : undefined
}

const restoreRollup = (options: Readonly<Record<string, JsonValue>>): StateOperator | undefined => {
  const { window, by, values, timezone } = options as Record<string, JsonValue | undefined> // members may be absent
  if (typeof window !== 'string' || !isJsonList(values)) return undefined
  const aggregates: (readonly [string, Aggregate])[] = []
  for (const value of values) {
    const fields = isJsonObject(value) ? value : {}
    const aggregate = restoreAggregate(fields['aggregate'], fields['path'], fields['options'])
    if (aggregate === undefined || typeof fields['name'] !== 'string') return undefined
    aggregates.push([fields['name'], aggregate])
  }
  return rollup({
    window,
    by: isJsonList(by) ? by.map(String) : [],
    values: Object.fromEntries(aggregates),
    ...(typeof timezone === 'string' || typeof timezone === 'number' ? { timezone } : {}),
  })
}

const ofPath: ReadonlyMap<string, (path: string) => Aggregate> = new Map<string, (path: string) => Aggregate>([
  ['sum', sum],
  ['average', average],
  ['minimum', minimum],
  ['maximum', maximum],
  ['stddev', stddev],
  ['median', median],
  ['countUnique', countUnique],
])

const restoreAggregate = (
  name: JsonValue | undefined,
  path: JsonValue | undefined,
  options: JsonValue | undefined,
): Aggregate | undefined => {
  if (name === 'count') return count()
  if (typeof name !== 'string' || typeof path !== 'string') return undefined
  const rank = isJsonObject(options) ? options['rank'] : undefined
  if (name === 'percentile') return typeof rank === 'number' ? percentile(path, rank) : undefined
  return ofPath.get(name)?.(path)
}
