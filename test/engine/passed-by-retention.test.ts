/** A log that drops records while an owner stands still: what others have committed meanwhile is no loss (I-9). */
import { expect, test } from 'vitest'
import { offset, partition } from '../../topology/model/position.ts'
import type { MemoryLog } from '../../topology/spouts/memory/memory-log.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { shop, totalOf } from './single-ids.ts'
import { withFetch } from './with-fetch.ts'

/** An owner whose first fetches wait until they are let go, when the log has dropped its first six records. */
const heldUp = async (given: GivenPorts, meanwhile: () => Promise<unknown>) => {
  const held = Promise.withResolvers<void>()
  const log: MemoryLog = given.log
  const slow = withFetch(log, (fetch) => held.promise.then(fetch))
  const own = given.resources
  given.resources = { ...own, logs: { default: slow } }
  const run = await given.start(shop)
  given.resources = own
  await meanwhile()
  given.log.expire(partition(0), offset(6))
  held.resolve()
  await given.pass(500)
  return run
}

test('an owner that others have overtaken meanwhile reads on where they are', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  const run = await heldUp(given, () => given.run(shop))
  given.append(orders(10, 12))
  await given.pass(5_000)
  expect(run.status().state).toBe('running')
  expect(await totalOf(given)).toBe(12)
  expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped', error: undefined })
})

test('where nobody has committed them, the records are lost and the sinks stop', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  const run = await heldUp(given, async () => undefined)
  await given.pass(5_000)
  expect((await given.drive(run.stop())).error).toMatchObject({ code: 'SPW-0201' })
  expect(await totalOf(given)).toBe(0)
})
