import { TestResult } from 'spillway/testing'
import { afterEach, expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { everySink } from '../engine/every-sink.ts'
import { expectTruth } from '../engine/expect-truth.ts'
import { orders } from '../engine/orders.ts'
import { GivenWorkers } from './given-workers.ts'

afterEach(() => plantedFaults.clear())

/** What is open is finished, or abandoned at once. */
const knobs = (seed: number) => ({ 'shutdown.drainMs': seed % 2 === 0 ? 20_000 : 0 })

/** Starts, is asked to end at a random moment under load, and starts again. */
const stopAtRandom = async (seed: number, begin: (given: GivenWorkers) => Promise<EngineRun>): Promise<void> => {
  const random = seededRandom(seed)
  const given = new GivenWorkers()
  for (let moment = 0; moment < 10; moment++) {
    given.append(orders(moment * 40, moment * 40 + 40))
    const run = await begin(given)
    await given.pass(Math.floor(random.next() * 1_800))
    const outcome = await given.drive(run.stop())
    expect(outcome.state).toBe('stopped')
  }
  const last = await given.start(everySink, { untilCaughtUp: true })
  expect(await given.drive(last.ended)).toMatchObject({ state: 'caughtUp' })
  await expectTruth(new TestResult(everySink, { ...given.resources, logs: { events: given.log } }, 0))
}

test('B10: asked to end under load at 100 random moments, what is there after the restarts equals the oracle', async () => {
  for (let seed = 1; seed <= 10; seed++)
    await stopAtRandom(seed, (given) => given.start(everySink, { knobs: knobs(seed) }))
}, 30_000)

test('B10: the same finds an owner that counts again what it recovers', async () => {
  plantedFaults.add('counted-again-on-recovery')
  const all = async (): Promise<void> => {
    for (let seed = 1; seed <= 9; seed += 2)
      await stopAtRandom(seed, (given) => given.start(everySink, { knobs: knobs(seed) }))
  }
  await expect(all()).rejects.toThrow()
}, 30_000)

test('B10: the same with lanes in workers', async () => {
  for (let seed = 1; seed <= 4; seed++)
    await stopAtRandom(seed, (given) => given.startWorkers(everySink, 2, { knobs: knobs(seed) }))
}, 30_000)
