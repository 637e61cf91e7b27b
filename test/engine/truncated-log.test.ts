/** A leader that lacks records gives their offsets to others: whoever has read them must not go on as if nothing were. */
import { map } from 'rxjs'
import { defineTopology, type Event, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import type { LaneState } from '../../topology/model/ledger-document.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { dieWhenDeclared } from './die-when-declared.ts'
import { GivenPorts } from './given-ports.ts'
import { order, orders } from './orders.ts'
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

/** A store below a bolt whose answer is away for some orders. */
const asking = (isAway: (number: number) => boolean): Topology =>
  defineTopology(shop.name, (t) => {
    const asked = map((event: Event) => {
      if (isAway(Number(event.body['number']))) throw errors.storeUnavailable({ store: 'lookup', reason: 'away' })
      return event
    })
    t.spout('events', log()).bolt('asks', asked).sink('store', eventRows())
  })

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

  test('changes nothing for a lane that begins again in the middle of a fetch, where another owner has left it', async () => {
    const given = new GivenPorts()
    let isAway = true
    // Each fills an epoch.
    const big = { pad: 'x'.repeat(70_000) }
    given.log.elect(first)
    given.append([order(0, big)])
    given.log.elect(first)
    given.append([order(1, big), order(2, big)])
    // One at a time: the first is kept waiting by its bolt, until the other owner has been there.
    const knobs = { 'batch.records': 1, 'epoch.bytes': 65_536 }
    const late = await given.start(
      asking(() => isAway),
      { knobs },
    )
    await given.pass(1_000)
    const other = await given.start(
      asking((number) => isAway && number >= 1),
      { knobs },
    )
    await given.pass(5_000)
    expect((await lanesIn(given)).map(({ at }) => at)).toEqual([1])
    const letter = { kind: 'deadLetter', sinks: ['store'], offsets: [0], tenants: ['ann'] } as const
    await given.drive(late.engine.partitions[0]!.propose(letter))
    given.log.elect(first)
    given.append([order(3, big)])
    isAway = false
    await given.pass(60_000)
    expect([late.engine.error, other.engine.error]).toEqual([undefined, undefined])
    for (const run of [late, other]) await given.drive(run.stop())
    expect((await lanesIn(given)).map(({ at }) => at)).toEqual([4])
  })

  test('is not told of by a log that keeps no leaders', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 3))
    await given.run(shop)
    for (const lane of await lanesIn(given)) expect('leaderEpoch' in lane).toBe(false)
  })
})
