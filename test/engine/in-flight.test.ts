/** What is in flight stays under its caps whatever the backlog: after a restart, with oversized events, with a log in trouble (A2, B7, D5, I-6). */
import { defineTopology, log } from 'spillway'
import { eventRows, objects } from 'spillway/sinks'
import { put } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { GivenBacklog } from './given-backlog.ts'
import { planted } from './planted.ts'

const archived = defineTopology('archived', (t) => {
  t.spout('events', log()).sink('archive', objects())
})

const stored = defineTopology('stored', (t) => {
  t.spout('events', log()).sink('store', eventRows())
})

const knobs = {
  'fetch.partitionBytes': 65_536,
  'fetch.totalBytes': 1_048_576,
  'catchUp.afterMs': 10_000,
  'catchUp.perPartitionRanges': 16,
  'epoch.records': 1_000,
  'objects.ageMs': 1_000,
  'profile.mode': 'realtime',
}

/** Fetches of backlog lanes that are under way, once a second; whoever only looks reads less. */
const curveOf = async (given: GivenBacklog, seconds: number): Promise<readonly number[]> => {
  const curve: number[] = []
  for (let second = 0; second < seconds; second++) {
    let most = 0
    for (let part = 0; part < 10; part++) {
      await given.stream(100)
      most = Math.max(
        most,
        given.open.filter(
          ({ options }) => options.isBacklog === true && options.maxBytes === knobs['fetch.partitionBytes'],
        ).length,
      )
    }
    curve.push(most)
  }
  return curve
}

const afterRestart = async (more: Readonly<Record<string, number | string>> = {}): Promise<readonly number[]> => {
  const given = new GivenBacklog()
  given.backlog(60_000)
  given.fetchMs = () => 900
  const own = { ...knobs, ...more }
  // What has been cut before is there at once.
  const first = await given.start(archived, { knobs: { ...own, 'backlog.activeLanes': 16 } })
  await given.stream(4_000)
  await given.drive(first.stop())
  const run = await given.start(archived, { knobs: { ...own, 'backlog.activeLanes': 16 } })
  const curve = await curveOf(given, 40)
  await given.drive(run.stop())
  return curve
}

describe('a restart on a long backlog', () => {
  test('A2: opens its lanes one after the other, and never has more in flight than the cap', async () => {
    const curve = await afterRestart()
    // Half of 16 fetches: the rest is kept for live lanes.
    expect(Math.max(...curve)).toBe(8)
    expect(Math.max(...curve.slice(0, 3))).toBeLessThanOrEqual(2)
    expect(Math.max(...curve.slice(0, 15))).toBeLessThanOrEqual(5)
    expect(Math.max(...curve.slice(32))).toBe(8)
  })

  test('A2: would be full again at once without the ramp and the cap', async () => {
    const curve = await planted('fetches-unbounded', () => afterRestart({ 'start.rampMs': 0 }))
    expect(Math.max(...curve.slice(0, 3))).toBeGreaterThan(8)
  })
})

describe('a log whose latency rises while a backlog is read', () => {
  const readingOf = async (given: GivenBacklog, run: EngineRun): Promise<number> => {
    const curve = await curveOf(given, 5)
    return run === undefined ? 0 : curve.reduce((left, right) => left + right, 0) / curve.length
  }

  const catchUp = async (): Promise<{
    readonly before: number
    readonly after: number
    readonly given: GivenBacklog
  }> => {
    const given = new GivenBacklog()
    given.backlog(150_000)
    given.fetchMs = () => 500
    const run = await given.start(archived, { knobs: { ...knobs, 'start.rampMs': 0, 'backlog.probeMs': 1_000 } })
    await given.stream(8_000)
    const before = await readingOf(given, run)
    given.boundsMs = 600
    await given.stream(3_000)
    const after = await readingOf(given, run)
    await given.drive(run.stop())
    return { before, after, given }
  }

  test('D5: is read by fewer lanes, and nothing is produced to it', async () => {
    const { before, after, given } = await catchUp()
    expect(before).toBeGreaterThan(2)
    expect(after).toBeLessThanOrEqual(before / 2)
    expect(given.appends).toBe(0)
  })

  test('D5: would be read as before, did nobody look at its latency', async () => {
    const { before, after } = await planted('latency-ignored', catchUp)
    expect(after).toBeGreaterThan(before * 0.7)
  })
})

describe('a backlog with a limit', () => {
  const readIn = async (seconds: number, more: Readonly<Record<string, number>>): Promise<number> => {
    const given = new GivenBacklog()
    given.backlog(40_000)
    const run = await given.start(archived, { knobs: { ...knobs, 'start.rampMs': 0, ...more } })
    const cutAt = async (): Promise<number> => {
      while (run.status().lanes.length < 3) await given.stream(100)
      return left()
    }
    const left = (): number =>
      run
        .status()
        .lanes.filter(({ to }) => to !== null)
        .reduce((sum, { position, to }) => sum + to! - position, 0)
    const before = await cutAt()
    await given.stream(seconds * 1_000)
    const read = before - left()
    await given.drive(run.stop())
    return read
  }

  test('reads so many records a second, in all of its ranges together', async () => {
    const read = await readIn(20, { 'backlog.recordsPerSecond': 400 })
    expect(read).toBeGreaterThan(400 * 15)
    // What the lane had read ahead of its cut, and a burst.
    expect(read).toBeLessThan(400 * 21 + 4_000)
  })

  test('fetches so many bytes a second', async () => {
    const read = await readIn(20, { 'fetch.backlogBytesPerSecond': 100_000 })
    expect(read).toBeGreaterThan((100_000 / 300) * 15)
    expect(read).toBeLessThan((100_000 / 200) * 21 + 4_000)
  })
})

describe('events ten times as big as usual', () => {
  const mebibyte = 1_048_576

  /** The store takes nothing for a while, then everything. */
  const heldWith = async (
    textBytes: number,
  ): Promise<{ readonly most: number; readonly durable: number; readonly position: number }> => {
    const given = new GivenBacklog()
    const gate = Promise.withResolvers<void>()
    let isHung = false
    const { rows } = given.resources
    given.resources = {
      ...given.resources,
      rows: {
        name: rows.name,
        ensureTable: (table) => rows.ensureTable(table),
        read: (table, keys) => rows.read(table, keys),
        scan: (table, range) => rows.scan(table, range),
        write: async (table, written, stamps) => {
          if (isHung) await gate.promise
          return rows.write(table, written, stamps)
        },
        close: () => rows.close(),
      },
    }
    const text = 'x'.repeat(textBytes)
    const steps = Array.from({ length: 300 }, (_, number) =>
      put({ number, kind: 'a', value: 1, text }, { project: 'ann', collection: 'new', partition: 0 }),
    )
    for (const { record } of steps) given.log.appendAt(given.clock.nowMs(), [record])
    const run = await given.start(stored, {
      // So that nothing but the budget bounds what is held.
      knobs: { 'memory.budgetBytes': 64 * mebibyte, 'lane.inFlightBytes': 256 * mebibyte },
    })
    isHung = true
    const held = (): number =>
      run.engine.runners.flatMap(({ lanes }) => [...lanes.values()]).reduce((sum, lane) => sum + lane.heldBytes(), 0)
    let most = 0
    for (let second = 0; second < 10; second++) {
      await given.pass(1_000)
      most = Math.max(most, held())
    }
    const position = Math.min(...run.status().lanes.map((lane) => lane.position))
    gate.resolve()
    await given.pass(20_000)
    const durable = Math.min(...run.status().lanes.map(({ at }) => at))
    await given.drive(run.stop())
    return { most, durable, position }
  }

  test('B7: pause the reading under the budget; it goes on when the store does', async () => {
    const { most, durable, position } = await heldWith(400_000)
    expect(position).toBeLessThan(200)
    expect(most).toBeLessThanOrEqual(64 * mebibyte)
    expect(most).toBeGreaterThan(4 * mebibyte)
    expect(durable).toBe(300)
  })

  test('B7: would fill the memory, did nobody ask for room', async () => {
    const { most } = await planted('budget-ignored', () => heldWith(400_000))
    expect(most).toBeGreaterThan(64 * mebibyte)
  })
})
