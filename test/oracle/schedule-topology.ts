/** The topology of the random schedules: every built-in sink, and every aggregate in one rollup. */
import { defineTopology, log } from 'spillway'
import {
  average,
  count,
  countUnique,
  first,
  inferSchema,
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
import { eventRows, objects, tableRows } from 'spillway/sinks'

export const windowMs = 60_000

/** Columns of the rollup by the name under which the oracle recomputes them, and the property that they read. */
export const columns = {
  count: ['n', undefined],
  sum: ['total', 'value'],
  average: ['mean', 'value'],
  stddev: ['deviation', 'value'],
  minimum: ['low', 'value'],
  maximum: ['high', 'value'],
  median: ['mid', 'value'],
  percentile: ['most', 'value'],
  countUnique: ['tags', 'tag'],
  selectUnique: ['labels', 'tag'],
  first: ['oldest', 'tag'],
  last: ['newest', 'tag'],
} as const

export const scheduleTopology = defineTopology('schedules', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events
    .bolt(
      'stats',
      rollup({
        window: '1 minute',
        by: ['kind'],
        values: {
          n: count(),
          total: sum('value'),
          mean: average('value'),
          deviation: stddev('value'),
          low: minimum('value'),
          high: maximum('value'),
          mid: median('value'),
          most: percentile('value', 95),
          tags: countUnique('tag'),
          labels: selectUnique('tag'),
          oldest: first('tag'),
          newest: last('tag'),
        },
      }),
    )
    .sink('totals', tableRows())
  events.sink('archive', objects({ compression: 'none' }))
})
