import { TestResult } from 'spillway/testing'
import { expect, test } from 'vitest'
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
