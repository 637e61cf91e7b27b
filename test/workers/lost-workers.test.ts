import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import { expectAll } from './expect-all.ts'
import { GivenWorkers, type Life } from './given-workers.ts'
import { riskyTopology } from './risky-topology.ts'

describe('a worker that is lost', () => {
  test('C2: is replaced at once, the others make progress meanwhile, and nothing is lost or doubled', async () => {
    const given = new GivenWorkers(4)
    given.appendOrders(0, 400)
    const run = await given.startWorkers(riskyTopology(), 2)
    for (let kill = 0; kill < 6; kill++) {
      await given.pass(700)
      given.life(1 + (kill % 2)).die('signal SIGKILL')
    }
    await given.drive(run.caughtUp)
    await given.drive(run.stop())
    await expectAll(given, 400)
    expect(given.lives).toHaveLength(8)
  })

  test('C13: one whose loop is blocked is replaced in less than twice worker.heartbeatMs', async () => {
    const given = new GivenWorkers(4)
    given.appendOrders(0, 100)
    const run = await given.startWorkers(riskyTopology(), 2, { knobs: { 'worker.heartbeatMs': 2_000 } })
    await given.pass(5_000)
    const before = given.lives.length
    const fromMs = given.clock.nowMs()
    const stuck = given.life(1)
    stuck.channel.isMute = true
    while (given.lives.length === before) await given.pass(50)
    expect(given.clock.nowMs() - fromMs).toBeLessThan(4_000)
    expect(given.lives.at(-1)!.worker).toBe(1)
    expect(stuck.isOver).toBe(true)
    await given.drive(run.stop())
  })

  test('C16: the status answers while it is blocked, and says which one', async () => {
    const given = new GivenWorkers(4)
    given.appendOrders(0, 100)
    const run = await given.startWorkers(riskyTopology(), 2, { knobs: { 'worker.heartbeatMs': 10_000 } })
    await given.pass(3_000)
    given.life(2).channel.isMute = true
    await given.pass(7_000)
    expect(run.status().lanes).toHaveLength(12)
    expect(run.engine.house.lines().map(({ worker, state }) => [worker, state])).toEqual([
      [1, 'running'],
      [2, 'silent'],
    ])
    await given.drive(run.stop())
  })

  test('C12: with all but one stuck at every start, live events of all partitions still flow', async () => {
    const given = new GivenWorkers(6)
    const isStuck = (life: Life): boolean => life.worker !== 1
    const run = await given.startWorkers(riskyTopology(), 3, { knobs: { 'worker.heartbeatMs': 1_000 } })
    const mute = (): void => {
      for (const life of given.lives) life.channel.isMute = isStuck(life)
    }
    const placed = (): readonly number[] => run.status().lanes.flatMap((lane) => (lane.sink === 'store' ? lane.at : []))
    await given.pass(1_000)
    mute()
    given.appendOrders(0, 60)
    await given.pass(3_000)
    // Two partitions have their live lane in the one that is well.
    expect(placed().filter((at) => at === 10).length).toBeGreaterThanOrEqual(2)
    for (let step = 0; step < 400; step++) {
      mute()
      await given.pass(50)
    }
    expect(placed()).toEqual([10, 10, 10, 10, 10, 10])
    await given.drive(run.stop())
  })

  test('is tried again more and more seldom when it dies over and over', async () => {
    const given = new GivenWorkers(4)
    const run = await given.startWorkers(riskyTopology(), 1, { knobs: { 'worker.heartbeatMs': 1_000 } })
    const startMs = given.clock.nowMs()
    while (given.clock.nowMs() - startMs < 30_000) {
      const life = given.life(1)
      await given.pass(10)
      if (!life.isOver) life.die('exit code 1')
    }
    expect(given.lives.length).toBeLessThan(12)
    await given.drive(run.stop())
  })
})

describe('a worker that cannot serve', () => {
  test('ends the run with its error, for another one could not either', async () => {
    const given = new GivenWorkers(4)
    const run = await given.startWorkers(riskyTopology(), 1)
    const reason = errors.badConfiguration({ problem: 'the file is gone' })
    const { code, publicName: name, errorClass, message, hint } = reason
    await given.life(1).channel.worker.send({
      kind: 'unusable',
      error: { fields: { code, name, errorClass, message, hint } },
    })
    const outcome = await given.drive(run.ended)
    expect(outcome.state).toBe('failed')
    expect(outcome.error?.message).toContain('the file is gone')
  })

  test('because the file was edited meanwhile, ends the run before two meanings mix in one sink', async () => {
    const given = new GivenWorkers()
    given.appendOrders(0, 50)
    const edited = defineTopology('risky', (t) => {
      t.spout('events', log())
        .bolt('risky', rollup({ window: '1 hour', by: [], values: { orders: count() } }))
        .sink('totals', tableRows())
    })
    const run = await given.startWorkers(riskyTopology(), 1, {}, (life) =>
      life === given.lives[0] ? riskyTopology() : edited,
    )
    await given.pass(2_000)
    given.life(1).die('signal SIGKILL')
    const outcome = await given.drive(run.ended)
    expect(outcome.state).toBe('failed')
    expect(outcome.error?.message).toContain('totals')
  })
})
