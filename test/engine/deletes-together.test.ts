/** What deletes cost when several sinks, or several deletes, have the same work to do. */
import { remove, TestResult, type TestStep } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { eventId } from '../../topology/model/event-id.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { order, orders, startMs } from './orders.ts'
import { WatchedPorts } from './watched-ports.ts'

const knobs = { 'objects.ageMs': 1_000, 'objects.idleMs': 1_000, 'epoch.schemaMs': 1_000 }

const byId = (...indices: readonly number[]): TestStep => {
  const ids = indices.map((index) => eventId(startMs + index * 7_000, partition(0), offset(index)))
  const project = indices[0]! % 3 === 0 ? 'ann' : 'bob'
  return remove({ project, filters: [{ property_name: 'keen.id', operator: 'in', property_value: ids }] })
}
const byKind = (kind: string, project = 'ann'): TestStep =>
  remove({ project, filters: [{ property_name: 'kind', operator: 'eq', property_value: kind }] })

/** Some orders, durable in every sink. */
const given = async (count: number, more: JsonObject = {}): Promise<WatchedPorts> => {
  const ports = new WatchedPorts()
  ports.append(Array.from({ length: count }, (_, index) => order(index, more)))
  await ports.run(everySink, { knobs })
  ports.forget()
  return ports
}

const truthOf = (ports: WatchedPorts): Promise<void> => expectTruth(new TestResult(everySink, ports.resources, 0))
const readBelow = (ports: WatchedPorts, end: number): typeof ports.fetched =>
  ports.fetched.filter(({ from }) => from < end)

describe('deletes by id', () => {
  test('B19: one touches one record, one row of each table and one object', async () => {
    const ports = await given(300)
    ports.append([byId(42)])
    await ports.run(everySink, { knobs })
    expect(readBelow(ports, 300)).toEqual([{ from: 42, records: 1 }])
    const { store, notes, totals } = Object.fromEntries(ports.written)
    expect({ store, notes, totals }).toEqual({ store: 1, notes: 1, totals: 1 })
    expect([ports.taken.length, ports.replaced.length]).toEqual([1, 1])
    await truthOf(ports)
  })

  test('B13: 1,000 of them read no more often than there are ids, for all sinks together', async () => {
    const ports = await given(4_000)
    const ids = Array.from({ length: 1_000 }, (_, index) => 3 * index + (index % 7 === 0 ? 900 : 0))
    ports.append(ids.map((one) => byId(one)))
    await ports.run(everySink, { knobs })
    const reads = readBelow(ports, 4_000)
    expect(reads.length).toBeLessThanOrEqual(new Set(ids).size)
    // Neighbours are read together.
    expect(reads.length).toBeLessThan(300)
    expect(ports.replaced.length).toBe(new Set(ports.replaced).size)
    await truthOf(ports)
  })

  test('far from one another they cost one small read each', async () => {
    const ports = await given(2_000)
    ports.append([byId(3, 600, 1_203, 1_800)])
    await ports.run(everySink, { knobs })
    expect(readBelow(ports, 2_000)).toEqual([3, 600, 1_203, 1_800].map((from) => ({ from, records: 1 })))
  })
})

describe('sinks whose work on a delete stands at the same offset', () => {
  test('B17: read the log once together, and so do those that are swept later', async () => {
    const ports = await given(2_000)
    ports.append([byKind('a')])
    await ports.run(everySink, { knobs })
    expect(readBelow(ports, 2_000).map(({ from }) => from)).toEqual([0])
    await truthOf(ports)
  })

  test('may have taken it to different ends: each loses what it had taken, once', async () => {
    const ports = await given(60)
    const run = await ports.start(everySink, { knobs: { ...knobs, 'epoch.schemaMs': 60_000, 'delete.coalesceMs': 0 } })
    // Totals are taken within a second; the schema has not been declared when the delete is listed.
    ports.append(orders(60, 90))
    await ports.pass(5_000)
    ports.append([byKind('a'), byKind('b', 'bob')])
    await ports.pass(20_000)
    await ports.drive(run.stop())
    await ports.run(everySink, { knobs })
    await truthOf(ports)
  })
})

describe('objects', () => {
  const live = { ...knobs, 'delete.coalesceMs': 0 }

  test('are rewritten once for all deletes of some seconds, in a run that goes on', async () => {
    const ports = await given(300)
    const run = await ports.start(everySink, { knobs: live })
    for (const kind of ['a', 'b']) {
      ports.append([byKind(kind)])
      await ports.pass(3_000)
    }
    expect(ports.written.get('totals')).toBeGreaterThan(0)
    expect(ports.replaced).toEqual([])
    await ports.pass(15_000)
    // Orders of ann, of one hour, in two collections; none of bob's is touched.
    expect(ports.replaced.map((key) => key.split('/')[0])).toEqual(['ann', 'ann'])
    expect(ports.taken).toEqual(ports.replaced)
    await ports.drive(run.stop())
    await ports.run(everySink, { knobs })
    await truthOf(ports)
  })

  test('are swept when their time has come, although it was put off while they were waiting', async () => {
    const ports = await given(30)
    const run = await ports.start(everySink, { knobs: live })
    ports.append([byKind('a')])
    await ports.pass(5_000)
    run.tune('delete.rewriteMs', 60_000)
    await ports.pass(50_000)
    expect(ports.replaced).toEqual([])
    await ports.pass(20_000)
    expect(ports.replaced).toHaveLength(2)
    await ports.drive(run.stop())
  })

  test('are swept at once where no further delete can come', async () => {
    const ports = await given(30)
    ports.append([byKind('a')])
    const beganMs = ports.clock.nowMs()
    await ports.run(everySink, { knobs: { ...live, 'delete.rewriteMs': 3_600_000 } })
    expect(ports.clock.nowMs() - beganMs).toBeLessThan(60_000)
    expect(ports.replaced).toHaveLength(2)
  })
})

describe('a delete that is paused', () => {
  const scan = { ...knobs, 'fetch.partitionBytes': 65_536, 'delete.coalesceMs': 0, 'delete.epochMs': 10 }

  test('B9: reads no more within a second, and goes on where it was', async () => {
    const ports = await given(4_000)
    const run = await ports.start(everySink, { knobs: scan })
    run.pauseDelete('slow')
    // Listed together they would wait together.
    for (const [id, project] of [['slow', 'ann'] as const, ['quick', 'bob'] as const]) {
      ports.append([remove({ id, project })])
      await ports.pass(20_000)
    }
    const stateOf = (): unknown => run.status().deletes.map(({ id, state }) => [id, state])
    expect(stateOf()).toEqual([
      ['slow', 'accepted'],
      ['quick', 'done'],
    ])
    ports.forget()
    await ports.pass(20_000)
    expect(readBelow(ports, 4_000)).toEqual([])
    run.resumeDelete('slow')
    await ports.pass(30_000)
    expect(stateOf()).toContainEqual(['slow', 'done'])
    await ports.drive(run.stop())
    await truthOf(ports)
  })

  test('B9: in the middle of a pass lets it go', async () => {
    const ports = await given(4_000, { pad: 'x'.repeat(300) })
    const run = await ports.start(everySink, { knobs: { ...scan, 'delete.epochMs': 5_000 } })
    ports.onFetch = (from) => {
      if (from > 500 && from < 4_000) run.pauseDelete('slow')
    }
    ports.append([remove({ id: 'slow', project: 'ann' })])
    await ports.pass(20_000)
    const reads = readBelow(ports, 4_000).length
    expect(reads).toBeGreaterThan(0)
    expect(reads).toBeLessThan(6)
    ports.onFetch = undefined
    run.resumeDelete('slow')
    await ports.pass(30_000)
    await ports.drive(run.stop())
    await truthOf(ports)
  })
})
