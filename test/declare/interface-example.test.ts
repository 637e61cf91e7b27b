/** The topology that the README and the guide begin with, with the real operators and sinks. */
import { filter } from 'rxjs'
import { expect, expectTypeOf, test } from 'vitest'
import { count, inferSchema, percentile, rollup, sum } from '../../operators/index.ts'
import { objects } from '../../sinks/objects/objects.ts'
import { eventRows } from '../../sinks/rows/event-rows.ts'
import { tableRows } from '../../sinks/rows/table-rows.ts'
import {
  defineTopology,
  describeMermaid,
  describeText,
  describeTopology,
  type Event,
  fingerprintsOf,
  lintTopology,
  log,
  validateTopology,
} from '../../topology/index.ts'

const shop = () =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))

    events.sink('events', eventRows())
    events.bolt('schema', inferSchema()).sink('schemas', tableRows())
    events
      .bolt(
        'purchases',
        filter((e) => {
          expectTypeOf(e).toEqualTypeOf<Event>()
          return e.collection === 'purchases'
        }),
      )
      .bolt(
        'revenue',
        rollup({
          window: '1 minute',
          by: ['country'],
          values: { orders: count(), revenue: sum('price'), p95: percentile('price', 95) },
        }),
      )
      .sink('revenue_by_country', tableRows())
    events.sink(
      'archive',
      objects({ format: 'ndjson', compression: 'gzip', rotate: { bytes: '32 MiB', idle: '5 minutes' } }),
    )
  })

test('the first example of the guide has no problem and no warning', () => {
  const topology = shop()
  expect(validateTopology(topology)).toEqual([])
  expect(lintTopology(topology)).toEqual([])
  expect(Object.keys(fingerprintsOf(topology))).toEqual(['events', 'schemas', 'revenue_by_country', 'archive'])
})

test('its description says what is lifted, and that only the schema looks at every path', () => {
  const description = describeTopology(shop())
  expect(description.spouts[0]?.lifts).toEqual(expect.arrayContaining(['country', 'price']))
  expect(description.spouts[0]?.shapes).toBe(true)
  expect(describeText(description)).toContain('revenue_by_country  sink: tableRows')
  expect(describeMermaid(description)).toContain('[("archive<br/>objects")]')
  expect(JSON.parse(JSON.stringify(description))).toEqual(description)
})
