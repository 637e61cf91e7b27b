/** Refuted variants of PROTOCOL section 11 that act in the work of a delete alone, planted where they would be caught. */
import { remove, TestResult } from 'spillway/testing'
import { afterEach, expect, test } from 'vitest'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenPorts } from './given-ports.ts'
import { order, orders } from './orders.ts'

afterEach(() => plantedFaults.clear())

/** A record that a bolt rejects for some sinks, and a delete that matches it. */
const poisonDeleted = async (): Promise<TestResult> => {
  const given = new GivenPorts()
  given.resources = { ...given.resources, logs: { events: given.log, default: given.log } }
  given.append([...orders(0, 6), order(6, { poison: true }), ...orders(7, 10)])
  await given.run(everySink)
  given.append([remove({ project: 'ann' })])
  await given.run(everySink)
  return new TestResult(everySink, given.resources, 0)
}

test('what was dead-lettered for a sink is not taken out of it', async () => expectTruth(await poisonDeleted()))

test('retract-dead-lettered, planted, is caught', async () => {
  plantedFaults.add('retract-dead-lettered')
  await expect(poisonDeleted().then(expectTruth)).rejects.toThrow()
})
