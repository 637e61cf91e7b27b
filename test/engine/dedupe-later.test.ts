/** What was accepted once stays accepted for every sink that reads later, at another place, or again (I-1, I-3). */
import { defineTopology, log } from 'spillway'
import { count, dedupe, rollup, sum } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
import { remove, replay, settle, type TestStep, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import { beginReplay } from '../../topology/begin-replay.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { GivenPorts } from './given-ports.ts'
import { send, startMs, windowMs } from './once.ts'

/** Each sink counts the same events. */
const shop = (...sinks: readonly string[]): Topology =>
  defineTopology('shop', (t) => {
    const fresh = t.spout('events', log()).bolt('once', dedupe({ window: windowMs }))
    for (const name of sinks) {
      const totals = rollup({ window: '1 day', by: [], values: { orders: count(), value: sum('value') } })
      fresh.bolt(`count_${name}`, totals).sink(name, tableRows())
    }
  })

const totalsOf = async (given: GivenPorts, topology: Topology, sink: string): Promise<readonly unknown[]> => {
  const [row] = await given.read(topology).rows(sink)
  return [row?.['orders'] ?? 0, row?.['value'] ?? 0]
}

const sent = (...list: readonly (readonly [token: string, value: number, atMs: number])[]): readonly TestStep[] =>
  list.map(([token, value, atMs]) => send({ token, value, atMs }))
const byValue = (value: number): TestStep =>
  remove({ project: 'ann', filters: [{ property_name: 'value', operator: 'eq', property_value: value }] })

test('a sink that is added later finds the same duplicates, and loses the same events', async () => {
  const given = new GivenPorts()
  given.append(sent(['a', 1, 0], ['a', 2, 10], ['b', 4, 20], ['a', 8, windowMs]))
  await given.run(shop('first'))
  given.append([byValue(1), ...sent(['b', 16, 30], ['c', 32, 40])])
  const both = shop('first', 'second')
  await given.run(both)
  expect(await totalsOf(given, both, 'first')).toEqual([3, 44])
  expect(await totalsOf(given, both, 'second')).toEqual([3, 44])
})

test('a sink that fell behind catches up with what the others have decided', async () => {
  const given = new GivenPorts()
  const both = shop('first', 'second')
  const run = await given.start(both)
  run.pause('second')
  given.append(sent(['a', 1, 0], ['b', 2, 0], ['a', 4, 10]))
  await given.pass(5_000)
  given.append([byValue(1), ...sent(['a', 8, windowMs - 1], ['a', 16, windowMs])])
  await given.pass(5_000)
  expect(await totalsOf(given, both, 'second')).toEqual([0, 0])
  run.resume('second')
  await given.pass(10_000)
  await given.drive(run.stop())
  expect(await totalsOf(given, both, 'first')).toEqual([2, 18])
  expect(await totalsOf(given, both, 'second')).toEqual([2, 18])
})

test('thousands of tokens are more than memory keeps, and are told all the same', async () => {
  const given = new GivenPorts()
  const tokens = Array.from({ length: 6_000 }, (_, index) => [`t${index}`, 1, 0] as const)
  given.append(sent(...tokens, ...tokens))
  await given.run(shop('first'), { knobs: { 'batch.records': 500 } })
  expect(await totalsOf(given, shop('first'), 'first')).toEqual([6_000, 6_000])
})

test('a replay of a part finds the duplicates of what lies before it', async () => {
  const topology = shop('first')
  const at = [0, 10, windowMs, windowMs + 10, windowMs + 20]
  const steps = at.map((atMs, index) => send({ token: index === 3 ? 'b' : 'a', value: 2 ** index, atMs }))
  const part = replay({ from: startMs + 5, to: startMs + 2 * windowMs, into: 'again' })
  const result = await testTopology(topology, { partitions: 1 }).run([...steps, settle, part])
  expect((await result.rows('first')).map(({ orders, value }) => [orders, value])).toEqual([[3, 13]])
  expect((await result.rows('first', 'again')).map(({ orders, value }) => [orders, value])).toEqual([[2, 12]])
})

test('a replay of what the live lane has not reached is refused: nobody knows what was accepted before', async () => {
  const given = new GivenPorts()
  const topology = shop('first')
  await given.run(topology)
  given.append(sent(['a', 1, 0], ['a', 2, 10]))
  const request = { namespace: 'ahead', fromMs: startMs + 5, toMs: startMs + 100 }
  const ports = { ...given.resources, clock: given.clock, random: seededRandom(1) }
  await expect(beginReplay(topology, ports, request, new AbortController().signal)).rejects.toThrow(
    'sink first holds back duplicates and has not read up to the range yet',
  )
  await given.run(topology)
  await beginReplay(topology, ports, request, new AbortController().signal)
})
