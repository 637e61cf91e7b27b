/** Bolts that end or hang their process when they run again over what they had taken: for deletes, and in open epochs. */
import { concatMap, from, NEVER } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { expect, test } from 'vitest'
import type { Event } from '../../topology/model/event.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { order, orders } from '../engine/orders.ts'
import { forget } from '../engine/single-ids.ts'
import { GivenWorkers, type Life } from './given-workers.ts'

const knobs = { 'delete.coalesceMs': 0, 'worker.callMs': 1_000 }

/** Its totals are behind a bolt that answers as a test says; its store is not. */
const shopWith = (answer: (event: Event) => Promise<Event> | undefined): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    events
      .bolt(
        'risky',
        concatMap((event) => {
          const answered = answer(event)
          return answered === undefined ? NEVER : from(answered)
        }),
      )
      .bolt('by', rollup({ window: '1 year', values: { orders: count() } }))
      .sink('totals', tableRows())
    events.sink('store', eventRows())
  })

const plain = shopWith((event) => Promise.resolve(event))

const totalOf = async (given: GivenWorkers): Promise<number> =>
  (await given.read(plain).rows('totals')).reduce((sum, row) => sum + Number(row['orders']), 0)

test('whatever they do to their process, no record that is read beside them is passed over', async () => {
  const given = new GivenWorkers()
  let isArmed = false
  const topologyOf = (life: Life): Topology =>
    shopWith(async (event) => {
      await given.clock.sleep(40)
      if (isArmed && !life.isOver && Number(event.offset) === 5) life.die('signal SIGSEGV')
      return event
    })
  given.append(orders(0, 20))
  const run = await given.startWorkers(plain, 1, { knobs }, topologyOf)
  await given.pass(5_000)
  isArmed = true
  given.append([forget(5), ...orders(20, 60)])
  await given.pass(60_000)
  expect(given.lives.length).toBeGreaterThan(4)
  isArmed = false
  await given.pass(60_000)
  await given.drive(run.stop())
  expect(await given.read(plain).deadLetters()).toEqual([])
  expect(await totalOf(given)).toBe(59)
})

test('a delete for which they never answer stops their sink, and no other', async () => {
  const given = new GivenWorkers()
  let isArmed = false
  const shop = shopWith((event) => (isArmed && Number(event.offset) === 5 ? undefined : Promise.resolve(event)))
  given.append(orders(0, 20))
  const run = await given.startWorkers(shop, 1, { knobs })
  await given.pass(5_000)
  isArmed = true
  given.append([forget(5), order(20)])
  await given.pass(20_000)
  expect(run.engine.hasFailed('totals')).toBe(true)
  expect(run.engine.error?.message).toContain('bolt risky')
  expect(run.engine.hasFailed('store')).toBe(false)
  expect(given.lives).toHaveLength(1)
  await given.drive(run.stop())
})

test('an open epoch out of which they never take an event stops its lane', async () => {
  const given = new GivenWorkers()
  let isArmed = false
  const shop = shopWith((event) => (isArmed && Number(event.offset) === 5 ? undefined : Promise.resolve(event)))
  given.append(orders(0, 20))
  const run = await given.startWorkers(shop, 1, { knobs: { ...knobs, 'epoch.ageMs': 5_000 } })
  await given.pass(1_000)
  isArmed = true
  given.append([forget(5), order(20)])
  await given.pass(20_000)
  expect(run.engine.hasFailed('totals')).toBe(true)
  expect(run.engine.error?.message).toContain('does not answer within 1000 ms')
  await given.drive(run.stop())
})

test('what takes too long together is taken one by one', async () => {
  const given = new GivenWorkers()
  let restMs = 0
  const shop = shopWith(async (event) => {
    if (restMs > 0) await given.clock.sleep(restMs)
    return event
  })
  given.append(orders(0, 30))
  const run = await given.startWorkers(shop, 1, { knobs })
  await given.pass(5_000)
  restMs = 100
  given.append(Array.from({ length: 15 }, (_, index) => forget(index)))
  await given.pass(60_000)
  expect(run.engine.error).toBeUndefined()
  await given.drive(run.stop())
  expect(await totalOf(given)).toBe(15)
})
