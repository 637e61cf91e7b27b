/** Supervisors that do it wrongly: what the tests of lost workers show would be missed, and is not. */
import { afterEach, describe, expect, test } from 'vitest'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import { GivenWorkers, type Life } from './given-workers.ts'
import { riskyTopology } from './risky-topology.ts'

afterEach(() => plantedFaults.clear())

const deadly = (life: Life) =>
  riskyTopology((offset) => {
    if (life.isOver) return true
    if (offset === 31) life.die('signal SIGSEGV')
    return offset === 31
  })

/** Lives that a deadly record takes within a minute. */
const livesTaken = async (): Promise<number> => {
  const given = new GivenWorkers()
  given.appendOrders(0, 120)
  const run = await given.startWorkers(riskyTopology(), 1, { untilCaughtUp: true }, deadly)
  await given.drive(Promise.race([run.ended, given.clock.sleep(60_000)]))
  await given.drive(run.stop())
  return given.lives.filter(({ isOver }) => isOver).length
}

test('C10: a record takes three lives, and more where losses are not charged, or suspects are read together', async () => {
  expect(await livesTaken()).toBe(3)
  for (const fault of ['loss-not-charged', 'suspects-read-together']) {
    plantedFaults.add(fault)
    expect(await livesTaken(), fault).toBeGreaterThan(3)
    plantedFaults.clear()
  }
})

describe('where nobody listens to silence', () => {
  const silent = async () => {
    plantedFaults.add('silence-not-heard')
    const given = new GivenWorkers()
    const run = await given.startWorkers(riskyTopology(), 1, { knobs: { 'worker.heartbeatMs': 1_000 } })
    await given.pass(3_000)
    given.life(1).channel.isMute = true
    await given.pass(10_000)
    return { given, run }
  }

  test('C13, C16: a worker that is blocked stays for ever, and looks well', async () => {
    const { given, run } = await silent()
    expect(given.lives).toHaveLength(1)
    expect(run.engine.house.lines()[0]!.state).toBe('running')
    await given.drive(run.stop())
  })

  test('C7: a call that does not end is never ended', async () => {
    plantedFaults.add('silence-not-heard')
    const given = new GivenWorkers()
    given.appendOrders(0, 60)
    const run = await given.startWorkers(riskyTopology(), 1, {}, () => riskyTopology((offset) => offset === 31))
    await given.pass(60_000)
    expect(run.status().sinks['totals']!.counters.received).toBe(0)
    await given.drive(run.stop())
  })
})

test('B8: a drained worker keeps its lanes where nobody takes them', async () => {
  plantedFaults.add('drain-ignored')
  const given = new GivenWorkers(4)
  const run = await given.startWorkers(riskyTopology(), 2)
  await given.pass(2_000)
  run.drain(2)
  await given.pass(6_000)
  expect(run.engine.house.lines()[1]).toMatchObject({ state: 'draining', lanes: 6 })
  await given.drive(run.stop())
})

test('C12: lanes of a worker that dies over and over stand still where it keeps them', async () => {
  const behind = async (): Promise<number> => {
    const given = new GivenWorkers(2)
    const run = await given.startWorkers(riskyTopology(), 2, { knobs: { 'worker.heartbeatMs': 1_000 } })
    given.appendOrders(0, 40)
    for (let step = 0; step < 400; step++) {
      for (const life of given.lives) life.channel.isMute = life.worker === 2
      await given.pass(50)
    }
    const left = run.status().lanes.filter(({ sink, at }) => sink === 'store' && at < 20).length
    await given.drive(run.stop())
    return left
  }
  expect(await behind()).toBe(0)
  plantedFaults.add('resting-keeps-slots')
  expect(await behind()).toBe(1)
})
