/** An event's id is made once, from its time and place in the log: whoever stores the event stores that id. */
import { map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { rollup, selectUnique } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { put, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import { eventId } from '../../topology/model/event-id.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import { offset, partition } from '../../topology/model/position.ts'

const timeMs = Date.UTC(2026, 0, 1)

const shop = defineTopology('shop', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events.sink('archive', objects({ compression: 'none' }))
  events
    .bolt(
      'named',
      map(({ id, timestamp }) => ({ id, timestamp })),
    )
    .bolt('ids', rollup({ window: '1 day', values: { ids: selectUnique('id') } }))
    .sink('seen', tableRows())
})

const idsOf = (events: readonly JsonObject[]): readonly unknown[] =>
  events.map(({ keen }) => (keen as JsonObject)['id']).sort() // every stored event has one

test('B2: rows, objects and bolts know an event by one id, and it tells the place', async () => {
  const places = [0, 1, 0, 1, 0]
  const steps = places.map((place, index) => put({ n: index }, { partition: place, collection: 'c', atMs: timeMs }))
  const result = await testTopology(shop).run(steps)
  const ids = places.map((place, index) => eventId(timeMs, partition(place), offset(Math.floor(index / 2)))).sort()
  expect(idsOf(await result.events('store', 'c'))).toEqual(ids)
  expect(idsOf(Object.values(await result.objects()).flat())).toEqual(ids)
  const [row] = await result.rows('seen')
  expect(JSON.parse(String(row?.['ids']))).toEqual(ids)
})
