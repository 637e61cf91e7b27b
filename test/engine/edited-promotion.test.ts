/** A changed definition is computed beside the one before, takes its place, and goes on alone. */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { beginReplay } from '../../topology/begin-replay.ts'
import { systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { type Promotion, promoteNamespace } from '../../topology/promote-namespace.ts'
import { GivenPorts } from './given-ports.ts'
import { order, orders } from './orders.ts'
import { numbersIn } from './seen-in-namespace.ts'

const shop = (by: readonly string[], storeVersion?: string): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    events.sink('store', eventRows(), storeVersion === undefined ? {} : { version: storeVersion })
    const operator = rollup({ window: '1 day', by: [...by], values: { orders: count() } })
    events.bolt('count', operator).sink('totals', tableRows())
    events.sink('archive', objects({ compression: 'none' }))
  })
const first = shop(['kind'])
const second = shop(['kind', 'value'])

const never = new AbortController().signal
const portsOf = ({ resources: { ledger, logs }, clock }: GivenPorts) => ({ ledger, logs, clock, random: systemRandom })
const follow = (given: GivenPorts, topology: Topology, namespace = 'v2'): Promise<unknown> =>
  given.drive(beginReplay(topology, portsOf(given), { namespace, fromMs: 0, toMs: null }, never))
/** As `topology replay` serves what nobody else can. */
const serve = async (given: GivenPorts, topology: Topology, namespace = 'v2'): Promise<void> => {
  await follow(given, topology, namespace)
  const only = ['store', 'totals', 'archive'].map((sink) => `${sink}@${namespace}`)
  expect(await given.run(topology, { only })).toMatchObject({ state: 'caughtUp' })
}
const promote = (given: GivenPorts, namespace = 'v2'): Promise<Promotion> => {
  const request = { to: { namespace }, leave: [], isPartial: false, by: 'ann', reason: '' }
  return given.drive(promoteNamespace(portsOf(given), 'shop', request, never))
}
const totalOf = async (given: GivenPorts, topology: Topology, namespace?: string): Promise<number> =>
  (await given.read(topology).rows('totals', namespace)).reduce((all, row) => all + Number(row['orders']), 0)
const ofFour = remove({ project: 'bob', filters: [{ property_name: 'number', operator: 'eq', property_value: 4 }] })

test('a changed definition runs once its replay is promoted, and equals a fresh topology', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(first)
  await expect(given.start(second)).rejects.toThrow('sink totals has changed')
  await serve(given, second)
  await expect(given.start(second)).rejects.toThrow('sink totals has changed')
  expect(await promote(given)).toMatchObject({ kind: 'done' })
  given.append([...orders(6, 10), ofFour])
  expect(await given.run(second)).toMatchObject({ state: 'caughtUp' })
  const fresh = new GivenPorts()
  fresh.append([...orders(0, 10), ofFour])
  await fresh.run(second)
  expect(await given.read(second).states('totals', 'v2')).toEqual(await fresh.read(second).states('totals'))
  expect(numbersIn(Object.values(await given.read(second).objects('v2')).flat())).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9])
})

test('a past range of a changed definition is refused: only what goes on may take a place', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(first)
  const request = { namespace: 'v2', fromMs: 0, toMs: 1 }
  await expect(beginReplay(second, portsOf(given), request, never)).rejects.toThrow('sink totals has changed')
})

test('beside it the definition before goes on as if nothing were, and neither retires the other', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(first)
  await serve(given, second)
  given.append(orders(6, 9))
  expect(await given.run(first)).toMatchObject({ state: 'caughtUp' })
  expect([await totalOf(given, first), await totalOf(given, second, 'v2')]).toEqual([9, 6])
  const promotion = await promote(given)
  expect(promotion).toMatchObject({ kind: 'refused', isPassing: true })
  await serve(given, second)
  expect(await totalOf(given, second, 'v2')).toBe(9)
  expect(await promote(given)).toMatchObject({ kind: 'done' })
})

test('the definition before does not run any more: it would not be what readers see', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(first)
  await serve(given, second)
  await promote(given)
  await given.run(second)
  await expect(given.start(first)).rejects.toThrow('sink totals has changed')
})

test('and back: the earlier definition is computed anew and promoted in its turn', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(first)
  await serve(given, second)
  await promote(given)
  await given.run(second)
  await serve(given, first, 'v3')
  expect(await promote(given, 'v3')).toMatchObject({ kind: 'done' })
  given.append(orders(6, 8))
  expect(await given.run(first)).toMatchObject({ state: 'caughtUp' })
  expect(await totalOf(given, first, 'v3')).toBe(8)
})

describe('D21: deletes reach the changed definition too', () => {
  test.each([
    ['listed before the replay', 1],
    ['while it is computed beside', 2],
    ['after it was promoted', 3],
  ])('%s', async (_, when) => {
    const given = new GivenPorts()
    given.append(orders(0, 6))
    if (when === 1) given.append([ofFour])
    await given.run(first)
    await serve(given, second)
    if (when === 2) {
      given.append([ofFour])
      await given.run(first)
      await serve(given, second)
    }
    expect(await promote(given)).toMatchObject({ kind: 'done' })
    if (when === 3) given.append([ofFour])
    await given.run(second)
    expect(await totalOf(given, second, 'v2')).toBe(5)
    expect(numbersIn(Object.values(await given.read(second).objects('v2')).flat())).toEqual([0, 1, 2, 3, 5])
  })

  test('also when the log has dropped the events, and the event store has changed with the rest', async () => {
    const third = shop(['kind', 'value'], 'two')
    const given = new GivenPorts()
    given.append(orders(0, 6))
    await given.run(first)
    await serve(given, third)
    await promote(given)
    await given.run(third)
    given.log.expire(partition(0), offset(6))
    given.append([ofFour, order(6)])
    await given.run(third)
    expect(await totalOf(given, third, 'v2')).toBe(6)
    const stored = await given.read(third).events('store', 'old', undefined, 'v2')
    expect(numbersIn(stored)).not.toContain(4)
  })
})
