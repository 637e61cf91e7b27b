/** Deletes that the document has forgotten, for they stand below the start of the log: what was theirs stays theirs (I-3). */
import { remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import { eventId } from '../../topology/model/event-id.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { GivenPorts } from './given-ports.ts'
import { orders, startMs } from './orders.ts'
import { docOf, forgetMany, shop, totalOf } from './single-ids.ts'

const first = eventId(startMs, partition(0), offset(0))
const again = remove({
  id: 'again',
  project: 'ann',
  filters: [{ property_name: 'keen.id', operator: 'eq', property_value: first }],
})

test('an event that a forgotten delete has taken out is not taken out again by one that was listed before', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 40))
  const run = await given.start(shop, { knobs: { 'delete.coalesceMs': 0 } })
  run.pauseDelete('again')
  await given.pass(3_000)
  // One entry each, until the archive takes them.
  for (const one of forgetMany(0, 34)) {
    given.append([one])
    await given.pass(1_500)
  }
  given.append([again])
  await given.pass(3_000)
  expect((await docOf(given)).archive).toMatchObject([{ from: 40 }])
  given.log.expire(partition(0), offset(75))
  await given.pass(20_000)
  expect((await docOf(given)).archive).toEqual([])
  run.resumeDelete('again')
  await given.pass(10_000)
  await given.drive(run.stop())
  expect((await docOf(given)).deletes.at(-1)).toMatchObject({ work: { totals: { state: 'done', retracted: 0 } } })
  expect(await totalOf(given)).toBe(6)
})
