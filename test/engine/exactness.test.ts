import { filter } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { CRASH, cut, put, remove, settle, type TestStep, testTopology } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { valueAt } from '../../topology/model/path.ts'

const shop = defineTopology('shop', (t) => {
  const events = t.spout('events', log())
  events.sink('rows', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events
    .bolt(
      'bought',
      filter((event) => event.collection === 'bought'),
    )
    .bolt(
      'revenue',
      rollup({ window: '1 minute', by: ['country'], values: { orders: count(), revenue: sum('price') } }),
    )
    .sink('revenue_by_country', tableRows())
  events.sink('archive', objects({ compression: 'none' }))
})

const countries = ['NZ', 'DE', 'FR']
const event = (index: number): TestStep =>
  put(
    { country: countries[index % 3]!, price: index / 10, item: { id: index } },
    {
      project: `p${index % 2}`,
      collection: index % 4 === 0 ? 'seen' : 'bought',
      partition: index % 2,
      atMs: Date.UTC(2026, 0, 1) + index * 7_000,
    },
  )
const events = (from: number, to: number): TestStep[] =>
  Array.from({ length: to - from }, (_, index) => event(from + index))

const everything = async (steps: readonly TestStep[], seed = 1): Promise<unknown> => {
  const result = await testTopology(shop, { seed }).run(steps)
  const bodies = (
    await Promise.all(
      ['p0', 'p1'].flatMap((project) => ['seen', 'bought'].map((one) => result.events('rows', one, project))),
    )
  ).flat()
  const lines = Object.values(await result.objects()).flat()
  return {
    schema: await result.states('schemas'),
    revenue: await result.states('revenue_by_country'),
    rows: bodies.map((one) => JSON.stringify(one)).sort(),
    lines: lines.map((one) => JSON.stringify(one)).sort(),
  }
}

describe('a topology over the memory ports', () => {
  test('applies every event to every sink', async () => {
    const result = await testTopology(shop).run(events(0, 40))
    const rows = await result.rows('revenue_by_country')
    expect(rows.reduce((sum, row) => sum + Number(row['orders']), 0)).toBe(30)
    expect(Object.values(await result.objects()).flat()).toHaveLength(40)
    expect(await result.events('rows', 'seen')).toHaveLength(10)
  })

  test.each([1, 2, 3, 4, 5, 6])('gives the same after crashes at moments of seed %i (I-1, I-2)', async (seed) => {
    const plain = await everything(events(0, 60))
    const crashed = await everything(
      [...events(0, 20), CRASH, ...events(20, 40), CRASH, CRASH, ...events(40, 60), CRASH],
      seed,
    )
    expect(crashed).toEqual(plain)
  })

  test('gives the same when live lanes are cut into parallel ranges (I-1)', async () => {
    const plain = await everything(events(0, 60))
    const cuts = ['rows', 'schemas', 'revenue_by_country', 'archive'].map((sink) => cut(sink, 3))
    expect(await everything([...events(0, 60), ...cuts])).toEqual(plain)
  })

  test('takes deleted events out of every sink, whether they were applied before or not (I-3)', async () => {
    const request = { project: 'p1', filters: [{ property_name: 'country', operator: 'eq', property_value: 'NZ' }] }
    const isAlive = (index: number): boolean => !(index < 30 && index % 2 === 1 && index % 3 === 0)
    const survivors = Array.from({ length: 60 }, (_, index) => index).filter(isAlive)
    const result = await testTopology(shop).run([...events(0, 30), settle, remove(request), ...events(30, 60)])
    const lines = Object.values(await result.objects()).flat()
    expect(lines.map((line) => Number(valueAt(line, ['item', 'id']))).sort((a, b) => a - b)).toEqual(survivors)
    const early = await everything([...events(0, 30), remove(request), ...events(30, 60)])
    const late = await everything([...events(0, 30), settle, remove(request), settle, ...events(30, 60)])
    expect(late).toEqual(early)
  })
})
