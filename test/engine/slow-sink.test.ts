/** A sink that is slow, or whose store hangs on the data of one tenant, delays nobody else; it catches up when it can (B1, A9). */
import { describe, expect, test } from 'vitest'
import { askRun } from '../../topology/ask-run.ts'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { errors } from '../../topology/model/errors.ts'
import type { RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import { errorAbout } from '../../topology/model/spillway-error.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenBacklog, placesOf } from './given-backlog.ts'
import { planted } from './planted.ts'

const knobs = {
  'fetch.partitionBytes': 65_536,
  'lane.inFlightBytes': 65_536,
  'catchUp.afterMs': 10_000,
  'epoch.records': 1_000,
  'objects.ageMs': 1_000,
  'start.rampMs': 0,
  'rows.deadlineMs': 1_000,
}

type Write = RowStore['write']

class GivenSlow extends GivenBacklog {
  /** What is done before a write of a table. */
  before: (table: TableSpec, rows: Parameters<Write>[1]) => Promise<void> = async () => undefined

  constructor() {
    super()
    this.fetchMs = () => 10
    const { rows } = this.resources
    const write: Write = async (table, written, stamps) => {
      await this.before(table, written)
      return rows.write(table, written, stamps)
    }
    this.resources = { ...this.resources, rows: { ...rowsOf(rows), write } }
  }

  /** Records come steadily; gives by sink how far it was behind at the most, in records. */
  async lags(run: EngineRun, ms: number): Promise<Readonly<Record<string, number>>> {
    const most: Record<string, number> = {}
    for (let passed = 0; passed < ms; passed += 100) {
      this.fresh(10)
      await this.pass(100)
      for (const sink of ['store', 'totals', 'archive', 'notes'])
        most[sink] = Math.max(most[sink] ?? 0, this.end - Math.max(...placesOf(run, sink)))
    }
    return most
  }
}

const rowsOf = (rows: RowStore): RowStore => ({
  name: rows.name,
  ensureTable: (table) => rows.ensureTable(table),
  read: (table, keys) => rows.read(table, keys),
  scan: (table, range) => rows.scan(table, range),
  write: (table, written, stamps) => rows.write(table, written, stamps),
  close: () => rows.close(),
})

describe('a sink that is 100 times slower than the others', () => {
  /** Each note takes 10 ms, so a second of records takes ten. */
  const slowNotes = (given: GivenSlow) => async (table: TableSpec) => {
    if (table.name === 'notes') await given.clock.sleep(1_000)
  }

  test('B1: falls behind alone: the delay of the others is as it was', async () => {
    const calm = new GivenSlow()
    const before = await calm.lags(await calm.start(everySink, { knobs }), 30_000)
    const given = new GivenSlow()
    given.before = slowNotes(given)
    const run = await given.start(everySink, { knobs })
    const after = await given.lags(run, 60_000)
    await given.drive(run.stop())
    for (const sink of ['store', 'totals', 'archive']) expect(after[sink]).toBeLessThan(before[sink]! + 40)
    expect(after['notes']).toBeGreaterThan(before['notes']! * 5)
  })

  test('B1: would hold up all of them, did nobody let it go', async () => {
    const given = new GivenSlow()
    given.before = slowNotes(given)
    const run = await given.start(everySink, { knobs })
    const after = await planted('slow-sink-holds-all', () => given.lags(run, 60_000))
    expect(after['store']).toBeGreaterThan(1_000)
    await given.drive(run.stop())
  })

  test('B1: catches up in ranges beside its live lane when its store is well again: everything is there once', async () => {
    const given = new GivenSlow()
    given.before = slowNotes(given)
    const run = await given.start(everySink, { knobs })
    await given.lags(run, 30_000)
    given.before = async () => undefined
    await given.lags(run, 10_000)
    expect(Math.max(...placesOf(run, 'notes'))).toBeGreaterThan(given.end - 300)
    await given.lags(run, 60_000)
    await given.drive(run.stop())
    await given.run(everySink, { knobs })
    await expectTruth(given.truth(everySink))
  })
})

test('A9: a store that takes seconds for each epoch of a lane is not stuck: the lane is not cut', async () => {
  const given = new GivenSlow()
  given.before = async (table, rows) => {
    if (table.name === 'store' && rows.some((row) => row.includes('bob'))) await given.clock.sleep(3_700)
  }
  const run = await given.start(everySink, { knobs: { ...knobs, 'catchUp.afterMs': 300_000 } })
  const wish = { kind: 'tenant', tenant: 'ann', branch: 'store', eventsPerSecond: 1_000 } as const
  await askRun(given.resources.rows, everySink.name, wish, { author: 'eve', reason: '', nowMs: given.clock.nowMs() })
  void given.watch(run)
  await given.lags(run, 60_000)
  expect(run.status().lanes.filter(({ sink }) => sink === 'store')).toHaveLength(2)
  await given.drive(run.stop())
  const changes = given.happenings.filter(({ kind }) => kind === 'lanes').map(({ fields }) => fields?.['kinds'])
  expect(changes).toEqual(['divert'])
})

describe('a store that hangs on the data of one tenant', () => {
  const ofAnn = (table: TableSpec, rows: Parameters<Write>[1]): boolean =>
    table.name.startsWith('totals') && rows.some((row) => row.includes('ann'))

  const hung = (given: GivenSlow) => async (table: TableSpec, rows: Parameters<Write>[1]) => {
    if (!ofAnn(table, rows)) return
    await given.clock.sleep(1_000)
    throw errorAbout(
      errors.storeUnavailable({ store: 'memory:', reason: 'the statement did not end within 1000 ms' }),
      'ann',
    )
  }

  test('A9: holds up that tenant alone: the others keep their pace', async () => {
    const given = new GivenSlow()
    const run = await given.start(everySink, { knobs })
    await given.lags(run, 5_000)
    given.before = hung(given)
    await given.lags(run, 20_000)
    const late = await given.lags(run, 20_000)
    expect(late['totals']).toBeLessThan(300)
    const lanes = run.status().lanes.filter(({ sink }) => sink === 'totals')
    expect(lanes.some(({ tenants }) => tenants.kind === 'only')).toBe(true)
    given.before = async () => undefined
    await given.lags(run, 40_000)
    await given.drive(run.stop())
    await given.run(everySink, { knobs })
    await expectTruth(given.truth(everySink))
  })

  test('A9: would hold up all of them, did it not wait alone', async () => {
    const given = new GivenSlow()
    const run = await given.start(everySink, { knobs })
    given.before = hung(given)
    const late = await planted('stuck-tenant-holds-all', () => given.lags(run, 40_000))
    expect(late['totals']).toBeGreaterThan(3_000)
    await given.drive(run.stop())
  })
})
