/** What runs in the drills: every kind of sink, and aggregates of each sort. */
import { defineTopology, log } from 'spillway'
import { average, count, countUnique, inferSchema, maximum, minimum, percentile, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'

export default defineTopology('drill', (t) => {
  const events = t.spout('events', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))

  events.sink('events', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events
    .bolt(
      'totals',
      rollup({
        window: '10 minutes',
        by: ['kind'],
        values: {
          lines: count(),
          total: sum('amount'),
          mean: average('amount'),
          least: minimum('amount'),
          most: maximum('amount'),
          p95: percentile('amount', 95),
          notes: countUnique('note'),
        },
      }),
    )
    .sink('totals', tableRows())
  events.sink('archive', objects({ format: 'ndjson', compression: 'gzip' }))
})
