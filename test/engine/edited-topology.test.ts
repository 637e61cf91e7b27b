/** What happens when another version of a topology, or the same over another log, finds the stores. */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { crashableResources, createMemoryLog } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { Ledger } from '../../topology/model/ports/ledger.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { GivenPorts } from './given-ports.ts'
import { order, orders } from './orders.ts'

interface Parts {
  /** Sinks that keep a rollup, with the paths that it groups by. */
  readonly totals: Readonly<Record<string, readonly string[]>>
  readonly store?: boolean
}

const shop = ({ totals, store = true }: Parts): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    if (store) events.sink('store', eventRows())
    for (const [name, by] of Object.entries(totals)) {
      const operator = rollup({ window: '1 day', by: [...by], values: { orders: count() } })
      events.bolt(`count_${name}`, operator).sink(name, tableRows())
    }
  })

const first = shop({ totals: { totals: ['kind'] } })
const totalOf = async (given: GivenPorts, topology: Topology, sink: string): Promise<number> =>
  (await given.read(topology).rows(sink)).reduce((all, row) => all + Number(row['orders']), 0)

test('a sink that means something else is refused by name, before anything is read', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 5))
  await given.run(first)
  const changed = shop({ totals: { totals: ['kind', 'value'] } })
  await expect(given.start(changed)).rejects.toMatchObject({ code: 'SPW-0404', message: /sink totals has changed/ })
})

test('a new sink is filled from the start of the log, the others go on where they were', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 5))
  await given.run(first)
  given.append(orders(5, 8))
  const more = shop({ totals: { totals: ['kind'], by_value: ['value'] } })
  expect(await given.run(more)).toMatchObject({ state: 'caughtUp' })
  expect(await totalOf(given, more, 'by_value')).toBe(8)
  expect(await totalOf(given, more, 'totals')).toBe(8)
})

test('a new sink begins where retention has left the log', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 8))
  await given.run(first)
  given.log.expire(partition(0), offset(5))
  const more = shop({ totals: { totals: ['kind'], by_value: ['value'] } })
  expect(await given.run(more)).toMatchObject({ state: 'caughtUp' })
  const [doc] = Object.values(await given.read(more).ledger())
  expect(doc).toMatchObject({ start: 5, sinks: { by_value: { from: 5 }, totals: { from: 0 } } })
  expect([await totalOf(given, more, 'by_value'), await totalOf(given, more, 'totals')]).toEqual([3, 8])
})

test('a spout that is declared before an older one takes lane numbers that nobody has used', async () => {
  const archived = (...spouts: readonly string[]): Topology =>
    defineTopology('shop', (t) => {
      for (const name of spouts) t.spout(name, log()).sink(`archive_${name}`, objects())
    })
  const given = new GivenPorts()
  given.append(orders(0, 5))
  await given.run(archived('orders'))
  expect(await given.run(archived('carts', 'orders'))).toMatchObject({ state: 'caughtUp' })
  const laneOf = async (spout: string): Promise<string[]> =>
    Object.keys((await given.resources.ledger.read({ topology: 'shop', spout, partition: 0 }))?.lanes ?? {})
  expect([await laneOf('orders'), await laneOf('carts')]).toEqual([['0'], [String(2 ** 20)]])
})

test('a sink that is taken out is retired; when it comes back it goes on where it had stopped', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 5))
  await given.run(first)
  given.append(orders(5, 8))
  await given.run(shop({ totals: {} }))
  const [doc] = Object.values(await given.read(first).ledger())
  expect(doc?.sinks['totals']).toMatchObject({ retired: true })
  expect(await totalOf(given, first, 'totals')).toBe(5)
  await given.run(first)
  expect(await totalOf(given, first, 'totals')).toBe(8)
})

test('an epoch that other code has declared is finished by that code only', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 5))
  const { resources } = given
  await dieWhenDeclared(given)
  given.resources = resources
  const key = { topology: 'shop', spout: 'events', partition: 0 }
  const doc = (await resources.ledger.read(key))!
  const lanes = Object.entries(doc.lanes).map(([id, lane]) => [id, { ...lane, code: 'another version' }] as const)
  await resources.ledger.compareAndSet(key, doc.ver, { ...doc, ver: doc.ver + 1, lanes: Object.fromEntries(lanes) })
  expect(await given.run(first)).toMatchObject({ state: 'failed', error: { code: 'SPW-0403' } })
  expect(await totalOf(given, first, 'totals')).toBe(0)
})

/** Runs until the first epoch is declared, and dies before anything of it is written. */
const dieWhenDeclared = async (given: GivenPorts): Promise<void> => {
  const { ledger } = given.resources
  const watched: Ledger = {
    read: (key) => ledger.read(key),
    keys: (topology) => ledger.keys(topology),
    close: () => ledger.close(),
    compareAndSet: async (key, expected, next) => {
      const answer = await ledger.compareAndSet(key, expected, next)
      if (Object.values(next.lanes).some((lane) => lane.declared !== null)) ports.crash()
      return answer
    },
  }
  const ports = crashableResources({ ...given.resources, ledger: watched })
  given.resources = ports
  await given.drive(Promise.race([given.start(first, { untilCaughtUp: true }).then((run) => run.ended), ports.crashed]))
}

test('a log that was made anew is another log', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 5))
  await given.run(first)
  const anew = createMemoryLog({ clock: given.clock, partitions: 1, topic: 'events', id: 'another' })
  given.resources = { ...given.resources, logs: { default: anew } }
  await expect(given.start(first)).rejects.toMatchObject({ code: 'SPW-0204' })
})

test('a topology without a position begins where its spout says', async () => {
  const latest = defineTopology('late', (t) => {
    t.spout('events', log({ from: 'latest' })).sink('store', eventRows())
  })
  const given = new GivenPorts()
  given.append(orders(0, 5))
  const run = await given.start(latest)
  given.append([order(5)])
  await given.pass(2_000)
  await given.drive(run.stop())
  const stored = ['new', 'old'].map((collection) => given.read(latest).events('store', collection))
  expect((await Promise.all(stored)).flat().map((event) => event['number'])).toEqual([5])
})
