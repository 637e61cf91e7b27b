/** A ledger that was restored from a copy, so that rows are ahead of it: nobody may go on, also not with a delete (I-4). */
import { remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { docOf, shop } from './single-ids.ts'

const key = { topology: 'shop', spout: 'events', partition: 0 }

test('work on a delete that meets rows ahead of the ledger stops its sink, and says so', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  await given.run(shop)
  given.append([remove({ id: 'ann', project: 'ann' })])
  const run = await given.start(shop)
  run.pauseDelete('ann')
  await given.pass(5_000)
  const copy = await docOf(given)
  run.resumeDelete('ann')
  given.append(orders(10, 13))
  await given.pass(5_000)
  await given.drive(run.stop())
  const { ver } = await docOf(given)
  await given.resources.ledger.compareAndSet(key, ver, { ...copy, ver: ver + 1 })
  const again = await given.start(shop, { untilCaughtUp: true })
  expect(await given.drive(again.ended)).toMatchObject({ state: 'failed', error: { publicName: 'rowsAhead' } })
})
