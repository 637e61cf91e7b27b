/** Graphs of every form run: several spouts, merged streams, diamonds, fan-out, a bolt that answers later (I-1, I-2). */
import { concatMap, delay, filter, from, map, mergeMap, of, toArray } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup, sum } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { advance, CRASH, type put, type TestResult, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import { order, orders } from './orders.ts'

const counted = (name: string, options: { by?: string[] } = {}): ReturnType<typeof rollup> =>
  rollup({ window: '1 day', by: options.by ?? [], values: { [name]: count(), value: sum('value') } })

const sumOf = async (result: TestResult, sink: string, column: string): Promise<number> =>
  (await result.rows(sink)).reduce((all, row) => all + Number(row[column]), 0)

test('two spouts feed one sink through a merge; each keeps its own progress', async () => {
  const topology = defineTopology('two_logs', (t) => {
    const web = t.spout('web', log())
    const app = t.spout('app', log())
    t.merge([web, app]).bolt('counted', counted('n')).sink('totals', tableRows())
    web.sink('web_events', eventRows())
  })
  const at = (spout: string, index: number): ReturnType<typeof put> => ({ ...order(index), spout })
  const steps = [at('web', 0), at('web', 1), at('app', 2), CRASH, at('app', 3), at('web', 4)] as const
  const result = await testTopology(topology, { partitions: 1 }).run(steps)
  expect(await sumOf(result, 'totals', 'n')).toBe(5)
  expect(Object.keys(await result.ledger()).sort()).toEqual(['app/0', 'web/0'])
  expect((await result.events('web_events', 'new')).length + (await result.events('web_events', 'old')).length).toBe(3)
})

test('a diamond counts a tuple once for each way that it comes', async () => {
  const topology = defineTopology('diamond', (t) => {
    const events = t.spout('events', log())
    const even = events.bolt(
      'even',
      filter((event) => Number(event.body['number']) % 2 === 0),
    )
    const low = events.bolt(
      'low',
      filter((event) => Number(event.body['number']) < 4),
    )
    t.merge([even, low]).bolt('counted', counted('n')).sink('totals', tableRows())
    even.bolt('counted_even', counted('n')).sink('even_totals', tableRows())
  })
  const result = await testTopology(topology, { partitions: 1 }).run([...orders(0, 5), CRASH, ...orders(5, 10)])
  // 0 2 4 6 8 and 0 1 2 3.
  expect(await sumOf(result, 'totals', 'n')).toBe(9)
  expect(await sumOf(result, 'even_totals', 'n')).toBe(5)
})

test('bolts may split tuples, collect a batch, and answer later', async () => {
  const topology = defineTopology('later', (t) => {
    const events = t.spout('events', log())
    events
      .bolt(
        'twice',
        mergeMap((event) => of(event, event)),
      )
      .bolt(
        'later',
        concatMap((event) => of(event).pipe(delay(0))),
      )
      .bolt('counted', counted('n'))
      .sink('totals', tableRows())
    events
      .bolt('batched', (source) =>
        source.pipe(
          toArray(),
          mergeMap((all) => from([{ timestamp: 0, value: all.length }])),
        ),
      )
      .bolt('added', rollup({ window: '1 day', by: [], values: { value: sum('value') } }))
      .sink('batches', tableRows())
  })
  const result = await testTopology(topology, { partitions: 1 }).run([...orders(0, 6), advance(10)])
  expect(await sumOf(result, 'totals', 'n')).toBe(12)
  expect(await sumOf(result, 'batches', 'value')).toBe(6)
})

test('one bolt feeds several sinks and runs once for a batch', async () => {
  let calls = 0
  const topology = defineTopology('fan_out', (t) => {
    const big = t.spout('events', log()).bolt(
      'big',
      map((event) => {
        calls += 1
        return event
      }),
    )
    big.sink('store', eventRows())
    big.bolt('by_kind', counted('n', { by: ['kind'] })).sink('totals', tableRows())
    big.bolt('all', counted('n')).sink('overall', tableRows())
  })
  const result = await testTopology(topology, { partitions: 1 }).run(orders(0, 10))
  expect([await sumOf(result, 'totals', 'n'), await sumOf(result, 'overall', 'n'), calls]).toEqual([10, 10, 10])
})
