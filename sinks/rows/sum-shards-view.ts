/**
 * The SQLite view through which other programs read a rollup: the shards of each row summed, emptied rows left out.
 *
 * Counts, sums, minimum and maximum are sums, minimum and maximum of the shards' readable columns; what needs the whole
 * state (averages, quantiles, unique values, first and last) is left out: `readRollup` answers it. A sum of doubles is
 * rounded once per shard here; the library's is exact. Main rows alone are read: fragments and edges of groups show
 * nothing. Beyond the bound of groups a window may show more groups than a query does, some of them without what went
 * to `(other)`.
 */
import { isJsonObject, type JsonValue } from '../../topology/model/json.ts'
import type { StateOperator } from '../../topology/model/operator.ts'
import { quoteName } from './sqlite/quote-name.ts'
import { stateTable } from './state-table.ts'

const functions: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ['count', 'sum'],
  ['sum', 'sum'],
  ['minimum', 'min'],
  ['maximum', 'max'],
])

/** The `CREATE VIEW` of a sink, named `<sink>_sums`; `undefined` where shards cannot be summed in SQL. */
export const sumShardsView = (sink: string, operator: StateOperator): string | undefined => {
  if (operator.name !== 'rollup') return undefined
  const { partition, cluster, columns } = operator.table
  const aggregates = aggregatesOf(operator.options)
  const key = [...partition, ...cluster].filter(({ name }) => name !== 'fragment').map(({ name }) => quoteName(name))
  const cells = columns.flatMap(({ name }) => {
    const isGroup = !aggregates.has(name)
    // A group's columns are the same in all of its shards.
    const merged = isGroup ? 'max' : functions.get(aggregates.get(name))
    return merged === undefined ? [] : [`${merged}(${quoteName(name)}) AS ${quoteName(name)}`]
  })
  const state = stateTable(sink, operator).columns.at(-1)!.name
  return [
    `CREATE VIEW ${quoteName(`${sink}_sums`)} AS`,
    `SELECT ${[...key, ...cells].join(', ')}`,
    `FROM ${quoteName(sink)}`,
    // The state of a rollup is a list that begins with the number of its events.
    `WHERE ${quoteName('fragment')} = 0 AND json_extract(${quoteName(state)}, '$[0]') <> 0`,
    `GROUP BY ${key.join(', ')};`,
  ].join('\n')
}

/** Name of each value and of its aggregate. */
const aggregatesOf = (options: JsonValue): ReadonlyMap<string, JsonValue | undefined> => {
  const values = isJsonObject(options) ? options['values'] : undefined
  const found = new Map<string, JsonValue | undefined>()
  if (!Array.isArray(values)) return found
  for (const value of values) found.set(String(value['name']), value['aggregate'])
  return found
}
