/** What a sink or an operator throws while it collects is its own fault: it stops nobody else. */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { defineSink, eventRows, objects, type Sink, tableRows } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import type { Stream } from '../../topology/declare/stream.ts'
import { errors } from '../../topology/model/errors.ts'
import type { Event } from '../../topology/model/event.ts'
import type { RunOutcome } from '../../topology/model/run-handle.ts'
import type { OpenEpoch, SinkWriter } from '../../topology/model/sink.ts'
import { GivenPorts } from './given-ports.ts'
import { orders } from './orders.ts'

const size = 100
const problem = new TypeError('x is undefined')
const fail = (): never => {
  throw problem
}

const bombWith = (parts: Partial<OpenEpoch<Event>>): Sink<Event> =>
  defineSink<Event>({
    sinkKind: 'custom',
    name: 'bomb',
    doc: 'throws when it is asked something',
    order: 'commutative',
    options: {},
    knobs: {},
    epochAge: 'epoch.ageMs',
    subtracts: true,
    tables: () => [],
    open: async () => ({
      openEpoch: () => ({
        add: () => undefined,
        heldBytes: () => 0,
        spilledBytes: () => 0,
        write: async () => 'written',
        discard: () => undefined,
        ...parts,
      }),
      close: async () => {},
    }),
  })

/** Objects whose spill fails so many times. */
const spillFails = (times: number, error: Error): Sink<Event> => {
  let left = times
  const sink = objects({ compression: 'none' })
  const failing = (writer: SinkWriter<Event>): SinkWriter<Event> => ({
    close: () => writer.close(),
    openEpoch: () => {
      const epoch = writer.openEpoch()
      const settle = async (): Promise<void> => {
        if (left-- > 0) throw error
        await epoch.settle?.()
      }
      return {
        add: (tuples, weight) => epoch.add(tuples, weight),
        heldBytes: () => epoch.heldBytes(),
        spilledBytes: () => epoch.spilledBytes(),
        write: (declared, signal) => epoch.write(declared, signal),
        discard: () => epoch.discard(),
        settle,
      }
    },
  })
  return { ...sink, open: async (context) => failing(await sink.open(context)) }
}

interface Started {
  readonly outcome: RunOutcome
  /** Checkpoint of each sink. */
  readonly at: Readonly<Record<string, number>>
  /** What was told of trouble that may pass. */
  readonly told: readonly string[]
  /** Lines in objects. */
  readonly lines: number
}

const byKind = { window: '1 day', by: ['kind'], values: { orders: count() } } as const
const caughtUp = { store: size, totals: size }

/** Runs a topology with another sink among rows of events and totals. */
const start = async (sink: (t: Stream<Event>) => void): Promise<Started> => {
  const topology = defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    events.sink('store', eventRows())
    sink(events)
    events.bolt('by_kind', rollup(byKind)).sink('totals', tableRows())
  })
  const given = new GivenPorts()
  given.append(orders(0, size))
  const run = await given.start(topology, { untilCaughtUp: true, knobs: { 'batch.records': 10 } })
  const outcome = await given.drive(run.ended)
  const at = Object.fromEntries(run.status().lanes.map((lane) => [lane.sink, lane.at]))
  const told = (await Array.fromAsync(run)).filter((one) => one.kind === 'retrying').map((one) => one.text)
  const lines = Object.values(await given.read(topology).objects()).flat().length
  return { outcome, at, told, lines }
}

describe('something that no error of ours stands for, thrown', () => {
  test('by a sink that takes a batch, stops that sink; the others end caught up', async () => {
    const { outcome, at } = await start((events) => events.sink('odd', bombWith({ add: fail })))
    expect(outcome).toMatchObject({ state: 'failed', error: problem })
    expect(at).toEqual({ ...caughtUp, odd: 0 })
  })

  test('by a sink that is asked what it holds, stops that sink; the others end caught up', async () => {
    const { outcome, at } = await start((events) => events.sink('odd', bombWith({ heldBytes: fail })))
    expect(outcome).toMatchObject({ state: 'failed', error: problem })
    expect(at).toEqual({ ...caughtUp, odd: 0 })
  })

  test('by the fold of an operator, stops the sink below it; the others end caught up', async () => {
    const broken = { ...rollup(byKind), fold: fail }
    const { outcome, at } = await start((events) => events.bolt('broken', broken).sink('odd', tableRows()))
    expect(outcome).toMatchObject({ state: 'failed', error: problem })
    expect(at).toEqual({ ...caughtUp, odd: 0 })
  })
})

describe('a spill', () => {
  test('that finds no space is tried again, told in one line, and stops nobody', async () => {
    const full = errors.diskFull({ path: 'spill' })
    const { outcome, at, told, lines } = await start((events) => events.sink('odd', spillFails(7, full)))
    expect(outcome).toMatchObject({ state: 'caughtUp', error: undefined })
    expect(at).toEqual({ ...caughtUp, odd: size })
    expect(told).toEqual([`sink odd: ${full.message}`])
    expect(lines).toBe(size)
  })

  test('that fails for good stops its sink alone', async () => {
    const broken = errors.pathUnusable({ path: 'spill', reason: 'EACCES' })
    const { outcome, at, lines } = await start((events) => events.sink('odd', spillFails(1, broken)))
    expect(outcome).toMatchObject({ state: 'failed', error: broken })
    expect(at).toEqual({ ...caughtUp, odd: 0 })
    expect(lines).toBe(0)
  })
})
