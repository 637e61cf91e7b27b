/** A run that is watched: what its snapshot says while a store hangs, and beside it in the table of runs. */
import { expect, test } from 'vitest'
import { readRunPositions } from '../sinks/rows/run-positions.ts'
import type { EngineRun } from '../topology/engine/shell/run-engine.ts'
import { errors } from '../topology/model/errors.ts'
import type { RunSnapshot } from '../topology/model/run-snapshot.ts'
import { mergeSnapshots } from '../topology/observe/merge-snapshots.ts'
import { everySink } from './engine/every-sink.ts'
import { GivenPorts } from './engine/given-ports.ts'
import { order } from './engine/orders.ts'

const padded = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => order(from + index, { pad: 'x'.repeat(200) }))

const knobs = { 'epoch.bytes': 65_536, 'fetch.partitionBytes': 65_536, 'lane.inFlightBytes': 65_536 }

/** A user's sink writes notes into rows, whose store does not answer for that table alone. */
class GivenHung extends GivenPorts {
  readonly #answer = Promise.withResolvers<void>()

  constructor() {
    super()
    const { rows } = this.resources
    const write: typeof rows.write = async (table, written, stamps) => {
      if (table.name === 'notes') await this.#answer.promise
      return rows.write(table, written, stamps)
    }
    const scan: typeof rows.scan = (table, range) => rows.scan(table, range)
    this.resources = {
      ...this.resources,
      rows: {
        ...{ name: rows.name, write, scan, close: () => rows.close() },
        ...{ ensureTable: (table) => rows.ensureTable(table), read: (table, keys) => rows.read(table, keys) },
      },
    }
  }

  /** Steady input, and nothing of the notes is ever written. */
  async hung(seconds: number): Promise<EngineRun> {
    const run = await this.start(everySink, { knobs })
    this.append(padded(0, 10))
    await this.pass(2_000)
    for (let second = 0; second < seconds; second += 5) {
      this.append(padded(10 + second * 100, 10 + (second + 5) * 100))
      await this.pass(5_000)
    }
    return run
  }

  async end(run: EngineRun): Promise<void> {
    this.#answer.resolve()
    await this.drive(run.stop())
  }
}

const stateOf = (snapshot: RunSnapshot, branch: string): string | undefined =>
  snapshot.branches.find((one) => one.branch === branch)?.state

test('A1: steady input and a store that hangs give a stall of that sink, with the call that it waits for', async () => {
  const given = new GivenHung()
  const run = await given.hung(60)
  const snapshot = run.snapshot()!
  expect(snapshot.verdict.kind).toBe('stalled')
  expect(snapshot.verdict.text).toMatch(
    /^stalled: notes: nothing has moved for \d+ s .*; oldest call: write epoch \[0, 10\) of notes\/0, 6\d s$/,
  )
  await given.end(run)
})

test('A3: the sink that hangs is stalled, the others are what they are', async () => {
  const given = new GivenHung()
  const run = await given.hung(60)
  const states = run.snapshot()!.branches.map(({ branch }) => [branch, stateOf(run.snapshot()!, branch)])
  expect(Object.fromEntries(states)).toMatchObject({ notes: 'stalled', store: 'ok', totals: 'ok', schemas: 'ok' })
  await given.end(run)
})

test('A18: the operation that hangs is the first in flight, with its operator, partition and statement', async () => {
  const given = new GivenHung()
  const run = await given.hung(40)
  const [first, second] = run.snapshot()!.calls
  expect(first).toMatchObject({ stage: 'write', name: 'notes', partition: 0, what: 'epoch [0, 10) of notes/0' })
  expect(second!.what).toBe('write 1 rows into notes, first log_partition 0, offset 0')
  await given.end(run)
})

test('what is seen is told beside the rows, for whoever looks from elsewhere', async () => {
  const given = new GivenHung()
  const run = await given.hung(40)
  const { snapshots } = await given.drive(readRunPositions(given.resources.rows, 'every', given.clock.nowMs()))
  const told = mergeSnapshots(snapshots)!
  expect(told.process).toMatch(/#1$/)
  expect(stateOf(told, 'notes')).toBe('stalled')
  expect(told.lag.find(({ branch }) => branch === 'notes')!.lagEvents).toBeGreaterThan(1_000)
  await given.end(run)
})

test('sinks that have stopped for different reasons each tell their own', async () => {
  const given = new GivenPorts()
  const { rows } = given.resources
  const write: typeof rows.write = async (table, written, stamps) => {
    const sink = ['notes', 'totals'].find((name) => table.name.includes(name))
    if (sink !== undefined) throw errors.badConfiguration({ problem: `nothing takes ${sink}` })
    return rows.write(table, written, stamps)
  }
  given.resources = { ...given.resources, rows: { ...rows, write } }
  const run = await given.start(everySink)
  given.append(padded(0, 10))
  await given.pass(5_000)
  const failed = run.snapshot()!.branches.filter(({ state }) => state === 'failed')
  expect(failed.map(({ branch, reason }) => [branch, reason])).toEqual([
    ['totals', expect.stringContaining('nothing takes totals')],
    ['notes', expect.stringContaining('nothing takes notes')],
  ])
  await given.drive(run.stop())
})

test('a run that ends by itself is watched as well', async () => {
  const given = new GivenPorts()
  given.append(padded(0, 100))
  const run = await given.start(everySink, { untilCaughtUp: true })
  await given.drive(run.ended)
  expect(run.snapshot()!.branches.length).toBeGreaterThan(0)
})

/** Producers gather for half a second, and then a fetch brings much at once. */
class GivenGathered extends GivenPorts {
  constructor() {
    super()
    const { log, clock } = this
    const fetch: typeof log.fetch = async (place, from, options) => {
      const { end } = await log.bounds(place)
      if (from === end) await clock.sleep(500 - (clock.nowMs() % 500), options.signal)
      return log.fetch(place, from, options)
    }
    const gathered = { id: log.id, topic: log.topic, partitions: log.partitions, fetch, close: () => log.close() }
    const offsetAt: typeof log.offsetAt = (place, timeMs) => log.offsetAt(place, timeMs)
    const append: typeof log.append = (records) => log.append(records)
    const release: typeof log.release = (place, before) => log.release(place, before)
    const bounds: typeof log.bounds = (place) => log.bounds(place)
    this.resources = { ...this.resources, logs: { default: { ...gathered, offsetAt, append, release, bounds } } }
  }
}

test('a log that is waited for between large batches does not answer late', async () => {
  const given = new GivenGathered()
  const run = await given.start(everySink)
  for (let batch = 0; batch < 40; batch++) {
    given.append(padded(batch * 500, (batch + 1) * 500))
    await given.pass(500)
  }
  const { dependencies, profile } = run.snapshot()!
  expect(dependencies.find(({ kind }) => kind === 'log')).toMatchObject({ state: 'ok', latencyMs: 0 })
  expect(profile).toMatchObject({ name: 'realtime' })
  await given.drive(run.stop())
})
