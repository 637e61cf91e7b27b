/**
 * What runs in the drills on real servers: every kind of sink, and aggregates of each sort, behind a bolt that takes its
 * time, so that how far a lane falls behind is no matter of the machine.
 */
import { delay, mergeMap, of } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { average, count, countUnique, inferSchema, maximum, minimum, percentile, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'

// A cursor reads 250 events a second at most, and needs no CPU for it. The times of a batch run beside one another: on a
// busy machine a batch is late once, and not with each of its events.
const eventMs = 4

export default defineTopology('drill', (t) => {
  const events = t.spout('events', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))

  events.sink('events', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events
    .bolt(
      'paced',
      mergeMap((event, index) => of(event).pipe(delay((index + 1) * eventMs))),
    )
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
