/** Pausing, resuming, tuning and stopping a run at any moment loses nothing and applies nothing twice (I-1, I-2). */
import { put, remove } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { everySink, everythingIn } from './every-sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders, startMs } from './orders.ts'

const plainRun = async (count: number): Promise<Record<string, unknown>> => {
  const given = new GivenPorts()
  given.append(orders(0, count))
  await given.run(everySink)
  return viewsOf(given)
}

/** Where epochs ended depends on when the run was stopped; what readers see of them does not. */
const viewsOf = async (given: GivenPorts): Promise<Record<string, unknown>> => {
  const { objects, manifest, ...views } = await everythingIn(given.resources)
  const lines = Object.values(await given.read(everySink).objects()).flat()
  expect([objects, manifest]).toBeDefined()
  return { ...views, lines: lines.map((line) => JSON.stringify(line)).sort() }
}

const laneOf = (run: EngineRun, sink: string): number => run.status().lanes.find((lane) => lane.sink === sink)?.at ?? -1

describe('stop', () => {
  test.each([0, 1, 2, 3, 5, 8, 13, 50, 300, 1_500])('after %i ms, then another run: exact', async (ms) => {
    const given = new GivenPorts()
    given.append(orders(0, 12))
    const knobs = { 'batch.records': 2, 'epoch.ageMs': 100 }
    const run = await given.start(everySink, { knobs })
    if (ms > 0) await given.pass(ms)
    expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped' })
    given.append(orders(12, 20))
    expect(await given.run(everySink)).toMatchObject({ state: 'caughtUp' })
    expect(await viewsOf(given)).toEqual(await plainRun(20))
  })

  test('finishes what is open, so that a live run loses no progress', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    given.append(orders(0, 6))
    await given.pass(600)
    expect(laneOf(run, 'archive')).toBe(0)
    await given.drive(run.stop())
    expect(Object.values(await given.read(everySink).objects()).flat()).toHaveLength(6)
  })

  test('by an abort signal is the same', async () => {
    const given = new GivenPorts()
    const abort = new AbortController()
    const run = await given.start(everySink, { signal: abort.signal })
    given.append(orders(0, 3))
    abort.abort()
    expect(await given.drive(run.ended)).toMatchObject({ state: 'stopped', error: undefined })
  })
})

describe('pause', () => {
  test('stops one sink at its own place; resumed, it goes on there', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    run.pause('totals')
    given.append(orders(0, 6))
    await given.pass(3_000)
    expect([laneOf(run, 'totals'), laneOf(run, 'store')]).toEqual([0, 6])
    expect(run.status().sinks['totals']).toMatchObject({ paused: true })
    given.append(orders(6, 9))
    run.resume('totals')
    await given.pass(3_000)
    expect(laneOf(run, 'totals')).toBe(9)
    await given.drive(run.stop())
    expect(await viewsOf(given)).toEqual(await plainRun(9))
  })

  test('holds the deletes of the sink and of the event store, which goes last; resumed, they go on', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 6))
    await given.run(everySink)
    const run = await given.start(everySink)
    run.pause('totals')
    given.append([remove({ id: 'forget', project: 'ann' })])
    await given.pass(12_000)
    expect(run.status().deletes).toMatchObject([{ id: 'forget', state: 'partial', remaining: 12 }])
    run.resume('totals')
    await given.pass(12_000)
    expect(run.status().deletes).toMatchObject([{ id: 'forget', state: 'done', remaining: 0 }])
    await given.drive(run.stop())
  })

  test('in the middle of an open epoch makes durable what was read', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    given.append(orders(0, 6))
    await given.pass(600)
    run.pause('archive')
    await given.pass(600)
    expect(laneOf(run, 'archive')).toBe(6)
    run.resume('archive')
    given.append(orders(6, 8))
    await given.drive(run.stop())
  })

  test('of a bolt and of a sink below it hold apart: the sink goes on when both are taken back', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    const paused = (): string[] =>
      Object.entries(run.status().sinks).flatMap(([name, sink]) => (sink.paused ? [name] : []))
    run.pause('picky')
    run.pause('totals')
    given.append(orders(0, 6))
    await given.pass(3_000)
    expect(paused().sort()).toEqual(['notes', 'totals'])
    expect(run.snapshot()!.branches.filter(({ state }) => state === 'paused')).toMatchObject([
      { branch: 'totals', pausedBy: ['picky', 'totals'] },
      { branch: 'notes', pausedBy: ['picky'] },
    ])
    run.resume('picky')
    expect(paused()).toEqual(['totals'])
    run.pause('picky')
    run.resume('totals')
    expect(paused().sort()).toEqual(['notes', 'totals'])
    run.resume('picky')
    expect(paused()).toEqual([])
    await given.drive(run.stop())
  })

  test('of a sink that is not there is refused', async () => {
    const run = await new GivenPorts().start(everySink)
    expect(() => run.pause('nobody')).toThrow('no sink is named nobody')
  })
})

describe('a bounded run', () => {
  test('ends at the end of the log that it saw at its start', async () => {
    const given = new GivenPorts()
    given.append(orders(0, 4))
    const run = await given.start(everySink, { untilCaughtUp: true })
    given.append(orders(4, 9))
    expect(await given.drive(run.ended)).toMatchObject({ state: 'caughtUp' })
    expect(laneOf(run, 'store')).toBe(4)
  })

  test('ends although a person lets a delete rest; the next one finishes it', async () => {
    const given = new GivenPorts()
    given.append([...orders(0, 6), remove({ id: 'forget', project: 'ann' })])
    given.append(orders(6, 8))
    await given.run(everySink)
    given.append([remove({ id: 'later', project: 'bob' })])
    const run = await given.start(everySink, { untilCaughtUp: true })
    run.pauseDelete('later')
    expect(await given.drive(run.ended)).toMatchObject({ state: 'caughtUp' })
    expect(run.status().deletes.at(-1)?.state).not.toBe('done')
    const told = (await Array.fromAsync(run)).filter(({ kind, level }) => kind === 'delete' && level === 'warn')
    expect(told.at(-1)?.text).toBe('not done, because paused: later')
    const left = async (): Promise<number> => (await given.read(everySink).events('store', 'new', 'bob')).length
    expect(await left()).toBeGreaterThan(0)
    await given.run(everySink)
    expect(await left()).toBe(0)
  })

  test('of an empty log is done at once', async () => {
    expect(await new GivenPorts().run(everySink)).toMatchObject({ state: 'caughtUp', records: 0 })
  })

  test('counts what it has read', async () => {
    const given = new GivenPorts()
    given.append([...orders(0, 4), put('no json', { atMs: startMs })])
    expect(await given.run(everySink)).toMatchObject({ records: 5, deadLetters: 1 })
  })
})

describe('tune', () => {
  test('changes a knob of the running engine', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink, { knobs: { 'epoch.ageMs': 600_000 } })
    given.append(orders(0, 3))
    await given.pass(5_000)
    expect(laneOf(run, 'store')).toBe(0)
    run.tune('epoch.ageMs', 100)
    await given.pass(2_000)
    expect(laneOf(run, 'store')).toBe(3)
    expect(() => run.tune('epoch.ageMs', 1)).toThrow('it is a whole number of ms from 100 to 600,000')
    expect(() => run.tune('no.such', 1)).toThrow('no knob is named no.such')
    await given.drive(run.stop())
  })
})
