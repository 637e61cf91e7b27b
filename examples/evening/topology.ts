/** A shop of many customers: every event as a row and as a line of the archive, revenue by minute, and the schema. */
import { filter } from 'rxjs'
import { defineTopology, type Event, log } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'

export default defineTopology('shop', (t) => {
  const events = t.spout('events', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))

  events.sink('events', eventRows())
  events.sink('archive', objects({ format: 'ndjson', compression: 'gzip' }))
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events
    .bolt(
      'purchases',
      filter((event: Event) => event.collection === 'purchases'),
    )
    .bolt(
      'revenue',
      rollup({ window: '1 minute', by: ['country'], values: { orders: count(), revenue: sum('price') } }),
    )
    .sink('revenue_by_country', tableRows())
})
