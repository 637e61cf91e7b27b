/**
 * The event store as the source of deletes, beside sinks that come, go and return: it is waited for only where it can
 * have something, and asked only where it has kept what the delete takes out. Elsewhere the delete ends partial (I-3).
 */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import type { DeleteWork } from '../../topology/model/ledger-document.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { withFetch } from './with-fetch.ts'

type Sink = 'store' | 'totals' | 'others'

const shop = (...sinks: readonly Sink[]): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    if (sinks.includes('store')) events.sink('store', eventRows())
    for (const name of ['totals', 'others'] as const) {
      const operator = rollup({ window: '1 year', values: { orders: count() } })
      if (sinks.includes(name)) events.bolt(`count_${name}`, operator).sink(name, tableRows())
    }
  })

// Of ten orders four are ann's.
const ann = remove({ id: 'ann', project: 'ann' })

const expire = (given: GivenPorts, before: number): void => given.log.expire(partition(0), offset(before))

const workOf = async ({ resources }: GivenPorts, sink: Sink): Promise<DeleteWork | undefined> =>
  (await resources.ledger.read({ topology: 'shop', spout: 'events', partition: 0 }))!.deletes[0]?.work[sink]

const totalOf = async (given: GivenPorts, sink: Sink): Promise<number> =>
  (await given.read(shop(sink)).rows(sink)).reduce((sum, row) => sum + Number(row['orders']), 0)

test('deletes do not wait for what lies before an event store that came later', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  await given.run(shop('totals'))
  expire(given, 6)
  await given.run(shop('totals', 'store'))
  given.append([ann])
  await given.run(shop('totals', 'store'))
  expect(await workOf(given, 'totals')).toMatchObject({ state: 'done', retracted: 2, expired: 6 })
  expect(await workOf(given, 'store')).toMatchObject({ state: 'done', retracted: 2 })
})

test('a sink that returns when the store is emptied and the log has gone on is told to be partial', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  await given.run(shop('totals', 'others', 'store'))
  given.append([ann])
  await given.run(shop('totals', 'store'))
  expire(given, 10)
  await given.run(shop('totals', 'others', 'store'))
  expect(await totalOf(given, 'totals')).toBe(6)
  expect(await workOf(given, 'others')).toMatchObject({ state: 'done', retracted: 0, expired: 10 })
})

/** A run in which the delete rests: it is listed only after it was paused, for delete records are gathered first. */
const resting = async (given: GivenPorts, ...sinks: readonly Sink[]): Promise<EngineRun> => {
  const run = await given.start(shop(...sinks), { knobs: { 'epoch.ageMs': 1_000 } })
  run.pauseDelete('ann')
  await given.pass(5_000)
  return run
}

test('a store that was out of service when a delete was listed is no source for it', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 4))
  await given.run(shop('totals', 'store'))
  given.append(orders(4, 10))
  await given.run(shop('totals'))
  given.append([ann])
  await given.drive((await resting(given, 'totals')).stop())
  // The lanes go on behind, the work of the delete begins at 0.
  const held = Promise.withResolvers<void>()
  const slow = withFetch(given.log, (fetch, from) => (from === 0 ? held.promise.then(fetch) : fetch()))
  given.resources = { ...given.resources, logs: { default: slow } }
  const run = await given.start(shop('totals', 'store'))
  await given.pass(5_000)
  expire(given, 11)
  held.resolve()
  await given.pass(15_000)
  await given.drive(run.stop())
  expect(await workOf(given, 'totals')).toMatchObject({ state: 'done', retracted: 2, expired: 10 })
})

/** Rows of the store are not written while there is a gate. */
const gated = (rows: RowStore, gate: () => Promise<void> | undefined): RowStore => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  read: (table, keys) => rows.read(table, keys),
  scan: (table, range) => rows.scan(table, range),
  close: () => rows.close(),
  write: async (table, written, stamps) => {
    if (table.name === 'store') await gate()
    return rows.write(table, written, stamps)
  },
})

test('what stands in an open epoch of the store, and others have taken, stays there for their deletes', async () => {
  const given = new GivenPorts()
  const held = Promise.withResolvers<void>()
  let gate: Promise<void> | undefined
  given.resources = { ...given.resources, rows: gated(given.resources.rows, () => gate) }
  const run = await resting(given, 'totals', 'store')
  gate = held.promise
  for (const some of [orders(0, 4), orders(4, 10), [ann]]) {
    given.append(some)
    await given.pass(5_000)
  }
  held.resolve()
  await given.pass(5_000)
  expire(given, 11)
  run.resumeDelete('ann')
  await given.pass(15_000)
  await given.drive(run.stop())
  expect(await workOf(given, 'totals')).toMatchObject({ state: 'done', retracted: 4 })
  expect(run.status().sinks['store']!.counters).toMatchObject({ applied: 10, dropped: 0 })
})
