/** Sinks that share a pass of a delete, one of which takes long or dies in it (I-3, I-9). */
import { remove, TestResult } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { DeleteWork } from '../../topology/model/ledger-document.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'

const knobs = { 'objects.ageMs': 1_000, 'epoch.schemaMs': 1_000, 'delete.coalesceMs': 0, 'delete.rewriteMs': 0 }
const key = { topology: 'every', spout: 'events', partition: 0 }

/** Rows whose notes cannot be emptied before they are let go. */
const holding = (rows: RowStore, gate: Promise<void>): RowStore => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  read: (table, keys) => rows.read(table, keys),
  scan: (table, range) => rows.scan(table, range),
  close: () => rows.close(),
  write: async (table, written, stamps) => {
    if (table.name === 'notes' && written[0]?.at(-1) === true) await gate
    return rows.write(table, written, stamps)
  },
})

class GivenHeld extends GivenPorts {
  readonly #gate = Promise.withResolvers<void>()

  async begin(): Promise<void> {
    this.append(orders(0, 40))
    this.resources = { ...this.resources, logs: { events: this.log, default: this.log } }
    await this.run(everySink, { knobs })
    this.append([remove({ id: 'first', project: 'ann' })])
  }

  /** Until `release`. */
  hold(): void {
    this.resources = { ...this.resources, rows: holding(this.resources.rows, this.#gate.promise) }
  }

  async release(): Promise<void> {
    this.#gate.resolve()
    await this.pass(5_000)
  }

  async works(): Promise<readonly Readonly<Record<string, DeleteWork>>[]> {
    return (await this.resources.ledger.read(key))!.deletes.map((entry) => entry.work)
  }
}

test('a sink that hangs in a delete holds up the deletes of no other sink', async () => {
  const given = new GivenHeld()
  await given.begin()
  given.hold()
  const run = await given.start(everySink, { knobs })
  await given.pass(10_000)
  given.append([...orders(41, 50), remove({ id: 'second', project: 'bob' })])
  await given.pass(30_000)
  const works = await given.works()
  expect(works).toHaveLength(2)
  for (const work of works) {
    expect(work).toMatchObject({ totals: { state: 'done' }, schemas: { state: 'done' }, archive: { state: 'done' } })
    expect(work['notes']?.state).not.toBe('done')
  }
  await given.release()
  await given.drive(run.stop())
  await given.run(everySink, { knobs })
  await expectTruth(new TestResult(everySink, given.resources, 0))
})

test('whoever goes on behind a dead owner finishes for one sink what another had committed', async () => {
  const given = new GivenHeld()
  await given.begin()
  const whole = given.resources
  given.hold()
  await given.start(everySink, { knobs })
  await given.pass(30_000)
  const [first] = await given.works()
  expect(first).toMatchObject({ totals: { state: 'done' }, notes: { state: 'running', declared: 40 } })
  // The first owner still waits for its store.
  given.resources = whole
  expect(await given.run(everySink, { knobs })).toMatchObject({ state: 'caughtUp' })
  await expectTruth(new TestResult(everySink, given.resources, 0))
  await given.release()
  await expectTruth(new TestResult(everySink, given.resources, 0))
})
