/** A store that hangs holds up its own sink, and the others for a few seconds only (I-9). */
import { TestResult, type TestStep } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import type { RecordBatch } from '../../topology/model/record.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenPorts } from './given-ports.ts'
import { order } from './orders.ts'
import { withFetch } from './with-fetch.ts'

const count = 1_400
// An epoch of notes is full at 1,024 of them; a fetch reads about 250.
const knobs = {
  'epoch.bytes': 65_536,
  'fetch.partitionBytes': 65_536,
  'objects.ageMs': 1_000,
  'lane.inFlightBytes': 65_536,
}
const padded = (from: number, to: number): readonly TestStep[] =>
  Array.from({ length: to - from }, (_, index) => order(from + index, { pad: 'x'.repeat(200) }))

/** Rows whose table of notes does not answer before it is let go. */
const hanging = (rows: RowStore, gate: Promise<void>): RowStore => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  read: (table, keys) => rows.read(table, keys),
  scan: (table, range) => rows.scan(table, range),
  close: () => rows.close(),
  write: async (table, written, stamps) => {
    if (table.name === 'notes') await gate
    return rows.write(table, written, stamps)
  },
})

class GivenHanging extends GivenPorts {
  readonly #gate = Promise.withResolvers<void>()
  /** First offsets of the fetches that have found something. */
  readonly fetched: number[] = []

  constructor() {
    super()
    const note = async (fetch: () => Promise<RecordBatch>): Promise<RecordBatch> => {
      const batch = await fetch()
      if (batch.records.length > 0) this.fetched.push(batch.from)
      return batch
    }
    const log = withFetch(this.log, note)
    const rows = hanging(this.resources.rows, this.#gate.promise)
    this.resources = { ...this.resources, rows, logs: { events: log, default: log } }
  }

  /** The store of the notes hangs in the first epoch; behind it comes more than the next can hold. */
  async hang(): Promise<EngineRun> {
    const run = await this.start(everySink, { knobs })
    this.append(padded(0, 10))
    await this.pass(2_000)
    this.append(padded(10, count))
    return run
  }

  async answer(): Promise<void> {
    this.#gate.resolve()
    await this.pass(5_000)
  }
}

const placesOf = (run: EngineRun): Readonly<Record<string, number>> =>
  Object.fromEntries(run.status().lanes.map((lane) => [lane.sink, lane.at]))

const ahead = ['store', 'schemas', 'totals', 'archive']
const others = { store: count, totals: count, archive: count }

describe('a sink whose store hangs', () => {
  test('holds up the other sinks for a moment, and no longer', async () => {
    const given = new GivenHanging()
    const run = await given.hang()
    await given.pass(500)
    expect(placesOf(run)['store']).toBeLessThan(count)
    await given.pass(2_000)
    expect(placesOf(run)).toMatchObject({ ...others, notes: 0 })
    await given.answer()
    await given.drive(run.stop())
  })

  test('catches up alone when its store returns: everything is there once (I-1, I-2)', async () => {
    const given = new GivenHanging()
    const run = await given.hang()
    await given.pass(60_000)
    given.append(padded(count, count + 10))
    await given.pass(2_000)
    await given.answer()
    expect(placesOf(run)).toMatchObject({ store: count + 10, notes: count + 10 })
    expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped', error: undefined, records: count + 10 })
    await expectTruth(new TestResult(everySink, given.resources, 0))
  })

  test('is read together with the others again when it has reached them', async () => {
    const given = new GivenHanging()
    const run = await given.hang()
    await given.pass(10_000)
    await given.answer()
    given.fetched.length = 0
    given.append(padded(count, count + 5))
    await given.pass(3_000)
    expect(given.fetched).toEqual([count])
    expect(placesOf(run)).toMatchObject({ store: count + 5, notes: count + 5 })
    await given.drive(run.stop())
  })

  test('does not keep a stop longer than the drain may take; the next run finishes its work', async () => {
    const given = new GivenHanging()
    const run = await given.hang()
    await given.pass(10_000)
    expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped', error: undefined })
    await given.answer()
    expect(await given.run(everySink, { knobs })).toMatchObject({ state: 'caughtUp', error: undefined })
    await expectTruth(new TestResult(everySink, given.resources, 0))
  })

  test('holds up sinks that stand ahead and wait for its cursor for a few seconds, and no longer', async () => {
    const given = new GivenHanging()
    const run = await given.start(everySink, { knobs })
    run.pause('notes')
    given.append(padded(0, 2 * count))
    await given.pass(5_000)
    for (const name of ahead) run.pause(name)
    run.resume('notes')
    await given.pass(5_000)
    for (const name of ahead) run.resume(name)
    given.append(padded(2 * count, 2 * count + 10))
    await given.pass(10_000)
    const end = 2 * count + 10
    expect(placesOf(run)).toMatchObject({ store: end, totals: end, archive: end, notes: 0 })
    await given.answer()
    expect(placesOf(run)).toMatchObject({ store: end, notes: end })
    await given.drive(run.stop())
    await expectTruth(new TestResult(everySink, given.resources, 0))
  })
})
