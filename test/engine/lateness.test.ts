/** A limit of lateness is a function of the record alone: whoever reads it, whenever, whether to add or to take out. */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { remove, type TestStep } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { fingerprintsOf } from '../../topology/declare/fingerprints-of.ts'
import type { LogOptions, Topology } from '../../topology/model/topology.ts'
import { GivenPorts } from './given-ports.ts'
import { order, startMs } from './orders.ts'

const shop = (options: LogOptions): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log(options))
    events.sink('store', eventRows())
    events.bolt('by_kind', rollup({ window: '1 day', by: [], values: { orders: count() } })).sink('totals', tableRows())
  })

const strict = shop({ lateness: '1 hour' })
const minuteMs = 60_000
/** Order `index`, appended so many minutes after its own time. */
const late = (index: number, minutes: number): TestStep =>
  order(index, { keen: { timestamp: new Date(startMs + index * 7_000 - minutes * minuteMs).toISOString() } })
const steps = [late(0, 0), late(1, 59), late(2, 60), late(3, 61), late(4, 100_000), late(5, -500)]

const totalOf = async (given: GivenPorts): Promise<number> =>
  (await given.read(strict).rows('totals')).reduce((sum, row) => sum + Number(row['orders']), 0)

describe('A12: a spout with a limit of lateness', () => {
  test('keeps what comes later as dead letters that say so, and counts them', async () => {
    const given = new GivenPorts()
    given.append(steps)
    expect(await given.run(strict)).toMatchObject({ state: 'caughtUp', records: 6, deadLetters: 2 })
    const letters = await given.read(strict).deadLetters()
    expect(letters).toMatchObject([
      {
        offset: 3,
        sink: '*',
        cause: 'LateEventError',
        message: expect.stringContaining('3660000 ms after its own time'),
      },
      { offset: 4, sink: '*', cause: 'LateEventError' },
    ])
    expect(await totalOf(given)).toBe(4)
  })

  test('judges the same when a delete reads the events again: what was never added is never taken out', async () => {
    const given = new GivenPorts()
    given.append(steps)
    await given.run(strict)
    given.append([remove({ project: 'ann' })])
    await given.run(strict)
    // Of ann are 0 and 3, and 3 came too late.
    expect(await totalOf(given)).toBe(3)
  })

  test('is another meaning than one without, and so is another limit; one that is none is a problem of the topology', () => {
    const prints = [{}, { lateness: '1 hour' }, { lateness: 3_600_000 }, { lateness: '2 hours' }].map(
      (options) => fingerprintsOf(shop(options))['totals'],
    )
    expect([new Set(prints).size, prints[1]]).toEqual([3, prints[2]])
    for (const [lateness, problem] of [
      ['soon', 'lateness "soon" is not a duration'],
      [0, 'is not within 1 ms to 365 days'],
      ['400 days', 'is not within 1 ms to 365 days'],
    ] as const)
      expect(() => shop({ lateness })).toThrow(problem)
  })
})
