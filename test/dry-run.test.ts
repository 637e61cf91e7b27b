/** A dry run tells what a run would do, and leaves no trace. */
import { map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { defineSink, eventRows, objects, type Sink, tableRows } from 'spillway/sinks'
import { remove } from 'spillway/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type DryRun, type DryRunOptions, dryRun } from '../topology/dry-run.ts'
import { plantedFaults } from '../topology/model/planted-faults.ts'
import type { Topology } from '../topology/model/topology.ts'
import { seededRandom } from '../topology/testing/seeded-random.ts'
import { GivenPorts } from './engine/given-ports.ts'
import { bad, order, orders } from './engine/orders.ts'

/** A sink of a user's own that tells whether anybody opened it. */
const hook = (opened: string[]): Sink =>
  defineSink({
    ...{ sinkKind: 'custom', name: 'hook', doc: 'calls somebody', order: 'commutative', options: {}, knobs: {} },
    ...{ epochAge: 'epoch.ageMs', subtracts: true, tables: () => [] },
    open: async ({ sink }) => {
      opened.push(sink)
      throw new Error('it was opened')
    },
  })

const shop = (opened: string[]): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    const picky = events.bolt(
      'picky',
      map((event) => {
        if (event.body['poison'] === true) throw new Error('poison')
        return event
      }),
    )
    events.sink('store', eventRows())
    const operator = rollup({ window: '1 day', by: ['kind'], values: { orders: count() } })
    picky.bolt('count', operator).sink('totals', tableRows())
    events.sink('archive', objects({ compression: 'none' }))
    events.sink('hook', hook(opened))
  })

const play = async (
  more: Partial<DryRunOptions> = {},
  opened: string[] = [],
  slice = { from: 0, to: 9 },
): Promise<DryRun> => {
  const given = new GivenPorts()
  given.append([...orders(0, 6), bad('{"broken'), order(6, { poison: true }), order(7)])
  const { clock } = given
  const parts = { logs: given.resources.logs, slices: new Map([['log', [slice]]]), clock, random: seededRandom(1) }
  return given.drive(dryRun(shop(opened), { ...parts, ...more }))
}
const told = ({ sinks }: DryRun): unknown =>
  Object.fromEntries(sinks.map(({ name, tuples, rows, objects: made }) => [name, [tuples, rows, made]]))

afterEach(() => plantedFaults.clear())

test('what each sink would be given and would write', async () => {
  const result = await play()
  expect(result).toMatchObject({ records: 9, outcome: { state: 'caughtUp' } })
  expect(told(result)).toEqual({ store: [8, 8, 0], totals: [7, 4, 0], archive: [8, 0, 4], hook: [8, 0, 0] })
})

test('dead letters by cause, with the first of each', async () => {
  const { deadLetters } = await play()
  expect(deadLetters).toEqual([
    expect.objectContaining({ cause: 'InvalidEventError', sink: '*', count: 1, place: 'events/0 at 6' }),
    expect.objectContaining({ cause: 'BoltError', sink: 'totals', count: 1, place: 'events/0 at 7' }),
  ])
})

test('only the slice is read, and only some branches where that is asked', async () => {
  const result = await play({ only: ['count'] }, [], { from: 2, to: 5 })
  expect(result.records).toBe(3)
  expect(told(result)).toEqual({ totals: [3, 2, 0] })
})

test('deletes of the slice are honoured', async () => {
  const given = new GivenPorts()
  const ofFour = remove({ project: 'bob', filters: [{ property_name: 'number', operator: 'eq', property_value: 4 }] })
  given.append([...orders(0, 6), ofFour])
  const parts = { slices: new Map([['log', [{ from: 0, to: 7 }]]]), clock: given.clock, random: seededRandom(1) }
  const { sinks } = await given.drive(dryRun(shop([]), { ...parts, logs: given.resources.logs }))
  expect(sinks.find(({ name }) => name === 'store')?.counters.dropped).toBe(1)
})

test('a replay of one tenant, played behind it, tells what that would write', async () => {
  const result = await play({ replay: { tenant: 'ann' } })
  expect(told(result)).toMatchObject({ store: [3, 3, 0], totals: [2, 2, 0] })
})

describe("A17: a sink of a user's own is not opened", () => {
  test('what it would be given is counted', async () => {
    const opened: string[] = []
    const result = await play({}, opened)
    expect([opened, result.outcome.error]).toEqual([[], undefined])
  })

  test('the planted one is', async () => {
    plantedFaults.add('dry-run-opens-sinks')
    const opened: string[] = []
    await play({}, opened).catch(() => undefined)
    expect(opened).toEqual(['hook'])
  })
})
