import { filter } from 'rxjs'
import { defineTopology, type Event, log, type Topology } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
import { createMemoryLedger, createMemoryObjects, createMemoryRows, put, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'

const counting = (topology: string, sink: string, country: string): Topology =>
  defineTopology(topology, (t) => {
    t.spout('events', log())
      .bolt(
        'of',
        filter((event: Event) => event.body['country'] === country),
      )
      .bolt('counts', rollup({ window: '1 day', values: { orders: count() } }))
      .sink(sink, tableRows())
  })

const stores = () => ({ rows: createMemoryRows(), ledger: createMemoryLedger(), objects: createMemoryObjects() })
const events = ['NZ', 'NZ', 'DE'].map((country) => put({ country }))

test.each(['counts', 'COUNTS'])('a topology does not write into a table of another one: %s', async (name) => {
  const resources = stores()
  await testTopology(counting('shop', 'counts', 'NZ'), { resources }).run(events)
  const other = testTopology(counting('travel', name, 'DE'), { resources })
  await expect(other.run(events)).rejects.toMatchObject({ publicName: 'tableTaken' })
})

test('topologies with tables of their own share a store', async () => {
  const resources = stores()
  const shop = await testTopology(counting('shop', 'counts', 'NZ'), { resources }).run(events)
  const travel = await testTopology(counting('travel', 'trips', 'DE'), { resources }).run(events)
  expect(await shop.rows('counts')).toMatchObject([{ orders: 2 }])
  expect(await travel.rows('trips')).toMatchObject([{ orders: 1 }])
})
