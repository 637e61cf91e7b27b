/** How delete records that lanes meet are gathered, and listed together (PROTOCOL section 5). */
import { remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { docOf, forgetMany, shop, totalOf } from './single-ids.ts'

const entriesOf = async (given: GivenPorts): Promise<readonly number[]> =>
  (await docOf(given)).deletes.map(({ records }) => records)

describe('deletes that are met within delete.coalesceMs', () => {
  test('share one entry, and are listed although no epoch closes', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 50))
    await given.run(shop)
    const run = await given.start(shop, { knobs: { 'epoch.ageMs': 60_000, 'delete.coalesceMs': 2_000 } })
    for (let at = 0; at < 20; at++) {
      given.append(forgetMany(at, at + 1))
      await given.pass(90)
    }
    expect(await entriesOf(given)).toEqual([])
    await given.pass(1_000)
    expect(await entriesOf(given)).toEqual([20])
    await given.pass(3_000)
    const stateOfAll = (): ReadonlySet<string> => new Set(run.status().deletes.map(({ state }) => state))
    expect(run.status().deletes.filter(({ matched, remaining }) => matched === 1 && remaining === 0)).toHaveLength(20)
    expect([await totalOf(given), stateOfAll()]).toEqual([30, new Set(['running'])])
    await given.pass(60_000)
    // The epoch has closed: nothing in it can raise the numbers any more.
    expect(stateOfAll()).toEqual(new Set(['done']))
    await given.drive(run.stop())
  })

  test('are listed as soon as an epoch that holds one closes, and leave it: nobody waits for the timer', async () => {
    const given = new GivenPorts()
    given.append([...orders(0, 5), ...forgetMany(1, 3), ...orders(7, 9)])
    const run = await given.start(shop, { knobs: { 'delete.coalesceMs': 600_000 } })
    await given.pass(5_000)
    expect(await totalOf(given)).toBe(5)
    expect(run.status().sinks['totals']!.counters).toEqual({ received: 7, applied: 5, deadLettered: 0, dropped: 2 })
    expect(run.status().deletes).toMatchObject([{ matched: 1 }, { matched: 1 }])
    await given.drive(run.stop())
  })

  test.each([
    ['a run until caught up', true],
    ['a stop', false],
  ])('hold up neither the end nor anybody: %s', async (_, untilCaughtUp) => {
    const given = new GivenPorts()
    given.append([...orders(0, 5), ...forgetMany(0, 3)])
    const knobs = { 'delete.coalesceMs': 600_000, 'epoch.ageMs': 60_000 }
    const run = await given.start(shop, { untilCaughtUp, knobs })
    const beganMs = given.clock.nowMs()
    if (!untilCaughtUp) {
      await given.pass(500)
      void run.stop()
    }
    expect(await given.drive(run.ended)).toMatchObject({ error: undefined })
    expect(given.clock.nowMs() - beganMs).toBeLessThan(10_000)
    expect(await totalOf(given)).toBe(2)
  })

  test('never share an entry with more than a thousand', async () => {
    const given = new GivenPorts()
    given.append([...orders(0, 10), ...Array.from({ length: 250 }, () => forgetMany(0, 10)).flat()])
    await given.run(shop, { knobs: { 'batch.records': 700 } })
    const entries = await entriesOf(given)
    expect(Math.max(...entries)).toBeLessThanOrEqual(1_000)
    expect(entries.length).toBeLessThanOrEqual(4)
    expect(entries.reduce((sum, one) => sum + one)).toBe(2_500)
    expect(await totalOf(given)).toBe(0)
  })
})

test('a record that is refused is listed with the others, and matches nothing', async () => {
  const given = new GivenPorts()
  const scan = { id: 'scan', project: 'ann', allowScan: false }
  given.append([...orders(0, 5), remove(scan), ...forgetMany(0, 1)])
  await given.run(shop)
  expect((await docOf(given)).deletes).toMatchObject([{ records: 1, isById: true, offsets: [[5, 7]] }])
  expect(await totalOf(given)).toBe(4)
  const run = await given.start(shop)
  expect(run.status().deletes).toMatchObject([
    { id: 'delete 0', state: 'done', matched: 1 },
    { id: 'scan', state: 'refused', reason: 'a scan needs "allowScan": true' },
  ])
  await given.drive(run.stop())
})
