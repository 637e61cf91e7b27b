/** A leader that lacks records gives their offsets to others: whoever has read them must not go on as if nothing were. */
import { describe, expect, test } from 'vitest'
import type { LaneState } from '../../topology/model/ledger-document.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { dieWhenDeclared } from './die-when-declared.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { shop, totalOf } from './single-ids.ts'

const first = partition(0)

const lanesIn = async (given: GivenPorts): Promise<readonly LaneState[]> => {
  const doc = await given.resources.ledger.read({ topology: shop.name, spout: 'events', partition: 0 })
  return Object.values(doc!.lanes)
}

/** Records under a leader, and another leader that lacks the last ones and has gone on past them. */
const truncate = (given: GivenPorts): void => {
  given.log.truncate(first, offset(5))
  given.log.elect(first)
  given.append(orders(20, 30))
}

const told = {
  code: 'SPW-0230',
  message: expect.stringContaining('offset 9 of events/0 was read under leader epoch 1 and is of 2 now'),
}

describe('a log that was truncated behind what was read', () => {
  test('stops a new owner before it reads anything', async () => {
    const given = new GivenPorts()
    given.log.elect(first)
    given.append(orders(0, 10))
    await given.run(shop)
    truncate(given)
    await expect(given.run(shop)).rejects.toMatchObject(told)
    expect(await totalOf(given)).toBe(10)
  })

  test('stops an owner that goes on, as soon as it sees the other leader', async () => {
    const given = new GivenPorts()
    given.log.elect(first)
    given.append(orders(0, 10))
    const run = await given.start(shop)
    await given.pass(5_000)
    truncate(given)
    await given.pass(5_000)
    expect((await given.drive(run.stop())).error).toMatchObject(told)
    expect(await totalOf(given)).toBe(10)
  })
})

test('a log that ends before what was read stops a new owner, who would else wait there and look caught up', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  await given.run(shop)
  given.log.truncate(first, offset(5))
  await expect(given.run(shop)).rejects.toMatchObject({ publicName: 'logBeyondEnd' })
})

describe('a leader that lacks nothing', () => {
  test('changes nothing, wherever batches and epochs are cut', async () => {
    for (const records of [1, 2, 3, 7]) {
      const given = new GivenPorts()
      const knobs = { 'batch.records': records, 'epoch.records': 4 }
      given.append(orders(0, 3))
      for (let index = 3; index < 24; index += 3) {
        given.log.elect(first)
        given.append(orders(index, index + 3))
        if (index % 2 === 0) await given.run(shop, { knobs })
      }
      expect(await given.run(shop, { knobs })).toMatchObject({ state: 'caughtUp' })
      expect(await totalOf(given)).toBe(24)
      expect(new Set((await lanesIn(given)).map((lane) => lane.leaderEpoch))).toEqual(new Set([7]))
    }
  })

  test('changes nothing where an owner dies between two of them', async () => {
    const given = new GivenPorts()
    given.log.elect(first)
    given.append(orders(0, 150))
    given.log.elect(first)
    given.append(orders(150, 300))
    await dieWhenDeclared(given, shop, { knobs: { 'batch.records': 100, 'epoch.records': 100 } })
    expect((await lanesIn(given)).map(({ declared, at }) => declared ?? at)).toEqual([100, 100])
    expect(await given.run(shop)).toMatchObject({ state: 'caughtUp' })
    expect(await totalOf(given)).toBe(300)
  })

  test('is not told of by a log that keeps no leaders', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 3))
    await given.run(shop)
    for (const lane of await lanesIn(given)) expect('leaderEpoch' in lane).toBe(false)
  })
})
