/** Refuted variants of PROTOCOL section 11 about the delete list that random histories seldom meet, each planted. */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { remove } from 'spillway/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { applyProposal } from '../../topology/engine/ledger/apply-proposal.ts'
import { deletesTable } from '../../topology/engine/shell/delete-rows.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'
import { docOf, forget, shop, totalOf } from './single-ids.ts'

afterEach(() => plantedFaults.clear())

const withAgain: Topology = defineTopology('shop', (t) => {
  const events = t.spout('events', log())
  const by = events.bolt('by', rollup({ window: '1 year', values: { orders: count() } }))
  by.sink('totals', tableRows())
  by.sink('again', tableRows())
  events.sink('store', eventRows())
})

const againOf = async (given: GivenPorts): Promise<number> =>
  (await given.read(withAgain).rows('again')).reduce((sum, row) => sum + Number(row['orders']), 0)

const ann = remove({ id: 'ann', project: 'ann', allowScan: true })

/** Lists the delete of ann's orders at an offset, as a lane would that has read further than the others. */
const listBefore = async (given: GivenPorts, at: number): Promise<void> => {
  const { rows, ledger } = given.resources
  const text = { records: [{ offset: at, request: { id: 'ann', project: 'ann', allowScan: true } }], refused: [] }
  await rows.write(deletesTable, [['shop', 'events', 0, 'ahead', JSON.stringify(text)]], 1)
  const doc = await docOf(given)
  const place = { offsets: [[at, at + 1]], records: 1, stored: 'ahead', isById: false, eventStore: 'store' } as const
  const next = applyProposal(doc, { kind: 'registerDeletes', ...place })
  if (typeof next === 'string') throw new Error(next)
  const key = { topology: 'shop', spout: 'events', partition: 0 }
  await ledger.compareAndSet(key, doc.ver, { ...next, ver: doc.ver + 1 })
}

/** The delete at 11 is listed and done before the one at 10 is met; both match ann's four orders. */
const listedOutOfOrder = async (): Promise<number> => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  await given.run(shop)
  await listBefore(given, 11)
  await given.run(shop)
  given.append([ann, ann])
  await given.run(shop)
  return totalOf(given)
}

/** A sink is added while the work of a delete on another one rests. */
const addedMeanwhile = async (): Promise<number> => {
  const given = new GivenPorts()
  given.append(orders(0, 10))
  await given.run(shop)
  given.append([ann])
  await listBefore(given, 10)
  const run = await given.start(withAgain)
  run.pause('totals')
  await given.pass(3_000)
  run.resume('totals')
  await given.pass(15_000)
  await given.drive(run.stop())
  expect(await totalOf(given)).toBe(6)
  return againOf(given)
}

/** A sink is added when forty deletes are done and archived. */
const addedLater = async (): Promise<number> => {
  const given = new GivenPorts()
  given.append(orders(0, 50))
  const knobs = { 'delete.coalesceMs': 0, 'epoch.ageMs': 100, 'ledger.tickMs': 50 }
  const run = await given.start(shop, { knobs })
  for (let index = 0; index < 40; index++) {
    given.append([forget(index)])
    await given.pass(300)
  }
  given.append(orders(50, 51))
  await given.pass(2_000)
  await given.drive(run.stop())
  await given.run(withAgain)
  return againOf(given)
}

describe.each([
  ['exclude-by-offset', listedOutOfOrder, 6],
  ['newborn-uses-old-cover', addedMeanwhile, 6],
  ['forget-done-deletes', addedLater, 11],
])('%s', (fault, play, wanted) => {
  test('is not what happens', async () => {
    expect(await play()).toBe(wanted)
  })

  test('planted, is caught', async () => {
    plantedFaults.add(fault)
    expect(await play()).not.toBe(wanted)
  })
})
