/** A slot that moves while its store takes longer than anybody waits for it. */
import { TestResult } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { everySink } from '../engine/every-sink.ts'
import { expectTruth } from '../engine/expect-truth.ts'
import { orders } from '../engine/orders.ts'
import { GivenWorkers } from './given-workers.ts'

const slowly = (rows: RowStore, rest: () => Promise<void>): RowStore => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  write: async (table, written, stamps) => {
    await rest()
    await rows.write(table, written, stamps)
    await rest()
  },
  read: (table, keys) => rows.read(table, keys),
  scan: (table, range) => rows.scan(table, range),
  close: () => rows.close(),
})

test('lanes whose epoch is under way when their slot goes elsewhere end there, and stop no sink', async () => {
  const given = new GivenWorkers()
  let writeMs = 0
  const { rows } = given.resources
  given.resources = { ...given.resources, rows: slowly(rows, () => given.clock.sleep(writeMs)) }
  given.append(orders(0, 60))
  const run = await given.startWorkers(everySink, 2)
  await given.pass(3_000)
  for (const worker of [1, 2, 1]) {
    writeMs = 4_000
    given.append(orders(60 * worker, 60 * worker + 30))
    await given.pass(1_500)
    run.drain(worker)
    await given.pass(9_000)
    run.undrain(worker)
    writeMs = 0
    await given.pass(3_000)
    expect(run.engine.error).toBeUndefined()
  }
  await given.drive(run.stop())
  const last = await given.startWorkers(everySink, 1, { untilCaughtUp: true })
  expect(await given.drive(last.ended)).toMatchObject({ state: 'caughtUp' })
  given.resources = { ...given.resources, rows }
  await expectTruth(new TestResult(everySink, { ...given.resources, logs: { events: given.log } }, 0))
}, 30_000)
