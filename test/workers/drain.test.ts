import { defineTopology, log } from 'spillway'
import { defineSink, type Sink } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import type { Event } from '../../topology/model/event.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { GivenGroup, partitionsOf } from '../engine/given-group.ts'
import { HoldingSink } from '../engine/holding-sink.ts'
import { expectAll } from './expect-all.ts'
import { GivenWorkers } from './given-workers.ts'
import { riskyTopology } from './risky-topology.ts'

const lanesOf = (run: Awaited<ReturnType<GivenWorkers['startWorkers']>>, worker: number): number =>
  run.engine.house.lines().find((line) => line.worker === worker)!.lanes

type Open = Sink<Event>['open']

const holding = (change: (open: Open) => Open): Topology =>
  defineTopology('held', (t) => {
    const sink = new HoldingSink(1).sink()
    t.spout('events', log()).sink('held', defineSink({ ...sink, open: change(sink.open) }))
  })

/** Its sink takes so long to open. */
const openingSlowly = (given: GivenWorkers, openMs: number): Topology =>
  holding((open) => async (context) => {
    await given.clock.sleep(openMs)
    return open(context)
  })

/** Its sink never closes. */
const closingNever = (): Topology =>
  holding((open) => async (context) => ({ ...(await open(context)), close: () => new Promise(() => undefined) }))

describe('a worker that is drained in mid-stream', () => {
  test('B8: hands its lanes over, nothing is lost or doubled, and it takes lanes back', async () => {
    const given = new GivenWorkers(4)
    given.appendOrders(0, 400)
    const run = await given.startWorkers(riskyTopology(), 2)
    await given.pass(1_500)
    run.drain(2)
    given.appendOrders(400, 500)
    await given.pass(6_000)
    expect(run.engine.house.lines().map(({ state }) => state)).toEqual(['running', 'drained'])
    expect(lanesOf(run, 2)).toBe(0)
    run.undrain(2)
    given.appendOrders(500, 600)
    await given.pass(6_000)
    expect(lanesOf(run, 2)).toBeGreaterThan(0)
    await given.drive(run.caughtUp)
    await given.drive(run.stop())
    await expectAll(given, 600)
    expect(given.lives).toHaveLength(2)
  })

  test('a slot that is asked back while its sinks still open begins in nobody but the next', async () => {
    const given = new GivenWorkers(4)
    given.appendOrders(0, 40)
    const run = await given.startWorkers(openingSlowly(given, 3_000), 2)
    await given.pass(1_000)
    run.drain(2)
    await given.pass(10_000)
    expect(lanesOf(run, 2)).toBe(0)
    expect(run.status().lanes.map(({ at }) => at)).toEqual([10, 10, 10, 10])
    run.undrain(2)
    await given.pass(6_000)
    expect(lanesOf(run, 2)).toBeGreaterThan(0)
    await given.drive(run.stop())
  })

  test('the number of workers follows its knob while lanes go on', async () => {
    const given = new GivenWorkers(4)
    given.appendOrders(0, 200)
    const run = await given.startWorkers(riskyTopology(), 1)
    for (const workers of [3, 1, 2]) {
      await given.pass(2_000)
      run.tune('worker.processes', workers)
      given.appendOrders(200 * workers, 200 * (workers + 1))
      await given.pass(5_000)
      expect(run.engine.house.lines()).toHaveLength(workers)
    }
    await given.drive(run.stop())
  })

  test('a worker that is too many and does not end is ended', async () => {
    const given = new GivenWorkers(4)
    const run = await given.startWorkers(closingNever(), 2)
    await given.pass(2_000)
    run.tune('worker.processes', 1)
    await given.pass(10_000)
    expect(run.engine.house.lines()).toHaveLength(1)
    expect(given.life(2).isOver).toBe(true)
    await given.drive(run.stop())
  })

  test('a run that stops leaves no worker behind that was about to go', async () => {
    const given = new GivenWorkers(4)
    const run = await given.startWorkers(closingNever(), 2)
    await given.pass(2_000)
    run.tune('worker.processes', 1)
    while (run.engine.house.lines().length > 1) await given.pass(50)
    await given.drive(run.stop())
    expect(given.life(2).isOver).toBe(true)
  })

  test('of a worker that is not there, the answer says which there are', async () => {
    const given = new GivenWorkers()
    const run = await given.startWorkers(riskyTopology(), 2)
    expect(() => run.drain(7)).toThrow('there is no worker 7; this run has 1, 2')
    await given.drive(run.stop())
  })
})

describe('a process that is drained', () => {
  test('B8: gives its partitions to the group, and takes a share again', async () => {
    const given = new GivenGroup()
    const first = await given.begin()
    const second = await given.begin()
    await given.pass(3_000)
    expect(partitionsOf(first)).toHaveLength(2)
    first.drain()
    await given.pass(5_000)
    expect(partitionsOf(first)).toEqual([])
    expect(partitionsOf(second)).toHaveLength(4)
    first.undrain()
    await given.pass(5_000)
    expect(partitionsOf(first)).toHaveLength(2)
    await given.drive(Promise.all([first.stop(), second.stop()]))
  })

  test('B8: alone, it stops reading, says so, and goes on where it was', async () => {
    const given = new GivenWorkers(2)
    const run = await given.startWorkers(riskyTopology(), 1)
    given.appendOrders(0, 50)
    await given.pass(3_000)
    run.drain()
    await given.pass(3_000)
    given.appendOrders(50, 100)
    await given.pass(10_000)
    expect(run.engine.isDrained).toBe(true)
    expect(run.status().lanes).toEqual([])
    run.undrain()
    await given.drive(run.caughtUp)
    await given.pass(10_000)
    await given.drive(run.stop())
    await expectAll(given, 100)
  })
})
