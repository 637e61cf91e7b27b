/** A log that has dropped what was still to be read: the run stops and tells, a person lets it go, the rest is exact. */
import { crashableResources } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { offset, partition } from '../../topology/model/position.ts'
import { findLost, type LostPart, type SkipPorts, skipLost } from '../../topology/skip-lost.ts'
import { dieWhenDeclared } from './die-when-declared.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { docOf, forget, shop, totalOf } from './single-ids.ts'

const portsOf = ({ resources, log, clock }: GivenPorts): SkipPorts => ({
  ...{ ledger: resources.ledger, rows: resources.rows, logOf: () => log, clock },
  random: { next: () => 0.5 },
})

const question = { topology: 'shop', spouts: ['events'] }
const why = { by: 'ann', reason: 'retention was too short' }

const found = async (given: GivenPorts): Promise<readonly LostPart[]> => findLost(portsOf(given), question)

/** Dies at the chosen effect; the log drops what lies below `start`; a person lets it go. */
const dieAndLose = async (given: GivenPorts, effect: number, start: number): Promise<void> => {
  const own = given.resources
  const ports = crashableResources(own, { effect, side: effect % 2 === 0 ? 'before' : 'after' })
  given.resources = ports
  const appendAll = async (): Promise<void> => {
    await given.start(shop)
    for (let at = 0; at < 20; at += 4) {
      given.append(orders(at, at + 4))
      await given.pass(2_000)
    }
  }
  await given.drive(Promise.race([appendAll(), ports.crashed]))
  given.resources = own
  given.log.expire(partition(0), offset(start))
  await skip(given)
}

/** Later, when nobody takes what a dead process has told for that of a living one. */
const skip = async (given: GivenPorts): Promise<void> => {
  await given.pass(20_000)
  await skipLost(portsOf(given), await found(given), why, new AbortController().signal)
}

const storedIn = async (given: GivenPorts): Promise<number> => {
  const result = given.read(shop)
  return (await result.events('store', 'new')).length + (await result.events('store', 'old')).length
}

const read = async (given: GivenPorts, count: number): Promise<void> => {
  given.append(orders(0, count))
  await given.run(shop)
}

/** Of twelve events the log has dropped five before they were read, and a person has let them go. */
const givenLoss = async (): Promise<GivenPorts> => {
  const given = new GivenPorts()
  await read(given, 4)
  given.append(orders(4, 12))
  given.log.expire(partition(0), offset(9))
  await given.run(shop)
  await skip(given)
  return given
}

describe('records that the log has dropped before they were read', () => {
  test('stop a run with numbers and with what to do, and go on behind them when they are let go', async () => {
    const given = new GivenPorts()
    await read(given, 4)
    given.append(orders(4, 12))
    given.log.expire(partition(0), offset(9))
    const { error } = await given.run(shop)
    expect(error).toMatchObject({ code: 'SPW-0201', hint: expect.stringContaining('topology skip') })
    expect(error?.message).toBe('offset 4 of events/0 is gone: the log begins at 9, 5 records are lost')
    expect((await found(given))[0]).toMatchObject({
      start: 9,
      lanes: [
        { at: 4, to: 9 },
        { at: 4, to: 9 },
      ],
    })
    await skip(given)
    expect(await given.run(shop)).toMatchObject({ state: 'caughtUp', records: 3 })
    expect([await totalOf(given), await storedIn(given)]).toEqual([7, 7])
    expect(await found(given)).toEqual([])
    expect((await docOf(given)).lost).toMatchObject([{ sink: 'totals', from: 4, to: 9, ...why }, { sink: 'store' }])
  })

  test('of a declared epoch are let go with it; whatever of it was written is not written twice', async () => {
    const given = new GivenPorts()
    await read(given, 4)
    given.append(orders(4, 12))
    await dieWhenDeclared(given, shop)
    given.log.expire(partition(0), offset(6))
    expect((await given.run(shop)).error).toMatchObject({ code: 'SPW-0201' })
    await skip(given)
    given.append(orders(12, 15))
    expect(await given.run(shop)).toMatchObject({ state: 'caughtUp' })
    // Nothing of the epoch had been written; event rows are named by their events, so what is still there is read again.
    expect([await totalOf(given), await storedIn(given)]).toEqual([7, 13])
    expect((await docOf(given)).sinks['totals']!.slots[0]).toMatchObject({ seq: 3, turn: null })
  })

  test('are not looked for by deletes; what was taken before and after them is taken out (I-3)', async () => {
    const given = await givenLoss()
    given.append([forget(2), forget(6), forget(10)])
    expect(await given.run(shop)).toMatchObject({ state: 'caughtUp' })
    expect([await totalOf(given), await storedIn(given)]).toEqual([5, 5])
  })

  test('leave alone what the event store has on both sides of its own loss', async () => {
    const given = await givenLoss()
    await given.run(shop)
    given.log.expire(partition(0), offset(12))
    given.append([forget(2), forget(10)])
    expect(await given.run(shop)).toMatchObject({ state: 'caughtUp' })
    expect([await totalOf(given), await storedIn(given)]).toEqual([5, 5])
  })

  test('are shown in the status, and lost once only: a second call finds nothing', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 6))
    await dieWhenDeclared(given, shop)
    given.log.expire(partition(0), offset(6))
    // A process that told a moment ago that it has read them may still write them.
    expect(await found(given)).toEqual([])
    await given.pass(20_000)
    const parts = await found(given)
    await skipLost(portsOf(given), parts, why, new AbortController().signal)
    await expect(
      skipLost(portsOf(given), parts, { ...why, by: 'bob' }, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'SPW-0231' })
    const run = await given.start(shop)
    expect(run.status().lost).toMatchObject([
      { sink: 'totals', topic: 'events', partition: 0, from: 0, to: 6, declared: 6 },
      { sink: 'store', from: 0, to: 6 },
    ])
    await given.drive(run.stop())
  })

  test('are let go beside a run, which goes on with the sink that had stopped', async () => {
    const given = new GivenPorts()
    await read(given, 4)
    const run = await given.start(shop)
    await given.drive(run.caughtUp)
    run.pause('totals')
    given.append(orders(4, 12))
    await given.pass(5_000)
    given.log.expire(partition(0), offset(9))
    run.resume('totals')
    await given.pass(5_000)
    expect([await totalOf(given), await storedIn(given)]).toEqual([4, 12])
    await skip(given)
    await given.pass(20_000)
    expect([await totalOf(given), await storedIn(given)]).toEqual([7, 12])
    await given.drive(run.stop())
  })

  test('are never applied twice, wherever the owner died and wherever the log begins then (I-2)', async () => {
    let under = 0
    for (let effect = 6; effect < 46; effect++) {
      const given = new GivenPorts()
      await dieAndLose(given, effect, (effect * 7) % 21)
      const { end } = await given.log.bounds(partition(0))
      given.append(orders(end, 25))
      expect(await given.run(shop), `effect ${effect}`).toMatchObject({ state: 'caughtUp' })
      const { lost = [] } = await docOf(given)
      under += lost.filter(({ declared }) => declared !== undefined).length
      const [range] = lost.filter(({ sink }) => sink === 'totals')
      const gone = range === undefined ? 0 : range.to - range.from
      // One row holds the whole epoch that was under way: all of it is in, or nothing.
      const whole = range?.declared === undefined ? 0 : range.declared - range.from
      expect([25 - gone, 25 - gone + whole], `effect ${effect}`).toContain(await totalOf(given))
      const goneRows = lost.filter(({ sink }) => sink === 'store').reduce((sum, { from, to }) => sum + to - from, 0)
      const stored = await storedIn(given)
      expect([stored >= 25 - goneRows, stored <= 25], `effect ${effect}`).toEqual([true, true])
    }
    expect(under).toBeGreaterThan(5)
  })
})
