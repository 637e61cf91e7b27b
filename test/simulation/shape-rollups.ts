/** The rollups of drawn topologies: windows of every length, some of several lengths, by nothing or by paths, of any aggregates. */
import type { StateOperator } from 'spillway'
import {
  type Aggregate,
  average,
  count,
  countUnique,
  first,
  last,
  maximum,
  median,
  minimum,
  percentile,
  rollup,
  selectUnique,
  stddev,
  sum,
} from 'spillway/operators'
import type { JsonObject } from '../../topology/model/json.ts'
import type { Draw } from '../../topology/testing/simulation/draw/draw.ts'

const windows = ['1 minute', '5 minutes', '1 hour', '6 hours', '1 day', '1 week', '1 month', '1 year']
const zones = [undefined, undefined, 'Europe/Berlin', 'Asia/Kathmandu', -18_000]
const groups = [[], ['kind'], ['tag'], ['kind', 'item.id'], ['value'], ['keen.client_id']]

const aggregates: Readonly<Record<string, () => Aggregate>> = {
  n: () => count(),
  total: () => sum('value'),
  mean: () => average('value'),
  deviation: () => stddev('value'),
  low: () => minimum('value'),
  high: () => maximum('value'),
  mid: () => median('value'),
  most: () => percentile('value', 95),
  tags: () => countUnique('tag', { exactValues: 100 }),
  labels: () => selectUnique('tag'),
  oldest: () => first('tag'),
  newest: () => last('kind'),
}

const filters: readonly JsonObject[] = [
  { property_name: 'kind', operator: 'eq', property_value: 'a' },
  { property_name: 'value', operator: 'gt', property_value: 1 },
  { property_name: 'tag', operator: 'exists', property_value: true },
  { property_name: 'tag', operator: 'in', property_value: ['x', 'y', null] },
]

export const drawRollup = (draw: Draw): StateOperator => {
  const names = draw.some(Object.keys(aggregates), 1, draw.of([2, 4, 12]))
  const by = draw.of(groups)
  const timezone = draw.of(zones)
  const where = draw.happens(0.25) ? draw.some(filters, 1, 2) : []
  return rollup({
    window: draw.happens(0.7) ? draw.of(windows) : draw.some(windows, 2, 3),
    by,
    values: Object.fromEntries(names.map((name) => [name, aggregates[name]!()])),
    ...(timezone === undefined ? {} : { timezone }),
    ...(where.length === 0 ? {} : { where }),
    ...(by.length > 0 && draw.happens(0.3) ? { groups: 100 } : {}),
  })
}
