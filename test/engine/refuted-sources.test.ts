/** Refuted variants of PROTOCOL section 11 that show only when the log has dropped what a delete has to read again. */
import { remove } from 'spillway/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { shop, totalOf } from './single-ids.ts'

afterEach(() => plantedFaults.clear())

const ann = remove({ id: 'ann', project: 'ann', allowScan: true })

const expire = (given: GivenPorts): void => given.log.expire(partition(0), offset(10))

/** Ten orders, four of them ann's, are in the totals; the event store comes to them after her delete is listed. */
const storeBehind = async (): Promise<number> => {
  const given = new GivenPorts()
  const run = await given.start(shop)
  run.pause('store')
  run.pauseDelete('ann')
  given.append(orders(0, 10))
  await given.pass(5_000)
  given.append([ann])
  await given.pass(5_000)
  run.resume('store')
  await given.pass(5_000)
  expire(given)
  run.resumeDelete('ann')
  await given.pass(15_000)
  expect((await given.drive(run.stop())).error).toBeUndefined()
  return totalOf(given)
}

/** The totals rest while the event store could already be emptied. */
const totalsBehind = async (): Promise<number> => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  await given.run(shop)
  const run = await given.start(shop)
  run.pause('totals')
  given.append([ann])
  await given.pass(15_000)
  expire(given)
  run.resume('totals')
  await given.pass(15_000)
  expect((await given.drive(run.stop())).error).toBeUndefined()
  return totalOf(given)
}

describe.each([
  ['source-own-cover', storeBehind],
  ['release-early', totalsBehind],
])('%s', (fault, play) => {
  test('is not what happens', async () => {
    expect(await play()).toBe(6)
  })

  test('planted, is caught', async () => {
    plantedFaults.add(fault)
    expect(await play()).toBe(10)
  })
})
