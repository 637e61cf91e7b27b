/**
 * The Keen example: every event of two projects becomes a row, a line in an archive, a count in a schema, and a share of
 * three rollups. Deletes take it out of all of them again.
 */
import { filter } from 'rxjs'
import { defineTopology, type Event, log } from 'spillway'
import { average, count, inferSchema, maximum, percentile, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'

const ofCollection = (name: string) => filter((event: Event) => event.collection === name)

export default defineTopology('keen', (t) => {
  const events = t.spout('events', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))

  events.sink('events', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events.sink('archive', objects({ format: 'ndjson', compression: 'gzip' }))

  events
    .bolt('flights', ofCollection('flights'))
    .bolt(
      'delays',
      rollup({
        window: '1 day',
        by: ['origin'],
        values: { flights: count(), delay: average('delay'), worst: maximum('delay'), p90: percentile('delay', 90) },
      }),
    )
    .sink('delays_by_origin', tableRows())

  events
    .bolt('quakes', ofCollection('earthquakes'))
    .bolt(
      'shaking',
      rollup({
        window: '1 day',
        by: ['properties.net'],
        values: { quakes: count(), strongest: maximum('properties.mag') },
      }),
    )
    .sink('quakes_by_network', tableRows())

  events
    .bolt('films', ofCollection('movies'))
    .bolt(
      'grosses',
      rollup({ window: '1 year', by: ['Major Genre'], values: { films: count(), gross: sum('US Gross') } }),
    )
    .sink('grosses_by_genre', tableRows())
})
