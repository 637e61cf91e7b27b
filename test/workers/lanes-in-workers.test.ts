import { TestResult } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { EventLog } from '../../topology/model/ports/event-log.ts'
import { everySink } from '../engine/every-sink.ts'
import { expectTruth } from '../engine/expect-truth.ts'
import { orders } from '../engine/orders.ts'
import { GivenWorkers } from './given-workers.ts'

const truth = (given: GivenWorkers): Promise<void> =>
  expectTruth(new TestResult(everySink, { ...given.resources, logs: { events: given.log } }, 0))

test('lanes in workers give what lanes in one process give, and the outcome says the same', async () => {
  const given = new GivenWorkers()
  given.append(orders(0, 400))
  const run = await given.startWorkers(everySink, 2, { untilCaughtUp: true })
  const outcome = await given.drive(run.ended)
  expect(outcome).toMatchObject({ state: 'caughtUp', error: undefined, records: 400, deadLetters: 0 })
  await truth(given)
})

test('C20: a process takes partitions from others when a worker of it can serve them, and not before', async () => {
  const given = new GivenWorkers(4, true)
  const { log, joinedMs } = withJoins(given)
  given.resources = { ...given.resources, logs: { default: log } }
  const first = await given.startWorkers(everySink, 1)
  given.appendOrders(0, 40)
  await given.pass(2_000)
  given.loadMs = 3_000
  const beganMs = given.clock.nowMs()
  const second = await given.startWorkers(everySink, 1)
  expect(joinedMs[1]! - beganMs).toBeGreaterThanOrEqual(3_000)
  await given.pass(2_000)
  expect(second.engine.partitions).toHaveLength(2)
  await given.drive(Promise.all([first.stop(), second.stop()]))
})

/** The log, and when groups were joined. */
const withJoins = (given: GivenWorkers): { readonly log: EventLog; readonly joinedMs: readonly number[] } => {
  const log = given.resources.logs['default']!
  const { join } = log
  const joinedMs: number[] = []
  const noted: EventLog['join'] = (...asked) => {
    joinedMs.push(given.clock.nowMs())
    return join!(...asked)
  }
  return { log: Object.assign(log, { join: noted }), joinedMs }
}
