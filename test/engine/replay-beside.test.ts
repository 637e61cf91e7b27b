/** A replay beside a running topology, and what becomes of it when the topology changes. */
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { remove } from 'spillway/testing'
import { expect, test } from 'vitest'
import { beginReplay } from '../../topology/begin-replay.ts'
import { cut } from '../../topology/engine/ledger/lane-transitions.ts'
import { replayProgress } from '../../topology/engine/ledger/replay-progress.ts'
import { systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { errors } from '../../topology/model/errors.ts'
import type { LedgerDocument } from '../../topology/model/ledger-document.ts'
import type { Ledger } from '../../topology/model/ports/ledger.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { Topology } from '../../topology/model/topology.ts'
import type { ReplayPlan } from '../../topology/plan-replay.ts'
import { GivenPorts } from './given-ports.ts'
import { orders, startMs } from './orders.ts'
import { numbersIn } from './seen-in-namespace.ts'

const shop = (...sinks: readonly ('store' | 'totals')[]): Topology =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    if (sinks.includes('store')) events.sink('store', eventRows())
    const operator = rollup({ window: '1 day', by: ['kind'], values: { orders: count() } })
    if (sinks.includes('totals')) events.bolt('count', operator).sink('totals', tableRows())
  })
const both = shop('store', 'totals')

const begin = (
  given: GivenPorts,
  topology: Topology = both,
  into = 'shadow',
  more: { readonly ledger?: Ledger; readonly onTrouble?: (text: string) => void } = {},
): Promise<ReplayPlan> => {
  const request = { namespace: into, fromMs: startMs, toMs: startMs + 3_600_000 }
  const ports = { ...given.resources, clock: given.clock, random: systemRandom, ...more }
  return given.drive(beginReplay(topology, ports, request, new AbortController().signal))
}

const key = { topology: 'shop', spout: 'events', partition: 0 }
const documentOf = async (given: GivenPorts): Promise<LedgerDocument> => (await given.resources.ledger.read(key))!

const replayed = async (given: GivenPorts, into = 'shadow'): Promise<readonly number[]> =>
  numbersIn(
    (await Promise.all(['new', 'old'].map((name) => given.read(both).events('store', name, undefined, into)))).flat(),
  )
const deleted = remove({ project: 'bob', filters: [{ property_name: 'number', operator: 'eq', property_value: 4 }] })

test('a replay begins although the store does not answer at first, and it is told', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.start(both)
  await given.pass(3_000)
  const real = given.resources.ledger
  const told: string[] = []
  let failures = 3
  const ledger: Ledger = {
    ...real,
    read: (asked) =>
      failures-- > 0
        ? Promise.reject(errors.storeUnavailable({ store: 'rows', reason: 'no reply' }))
        : real.read(asked),
  }
  await begin(given, both, 'shadow', { ledger, onTrouble: (text) => told.push(text) })
  expect(told).toEqual(['tried again: rows: no reply'])
  await given.pass(5_000)
  expect(await replayed(given)).toEqual([0, 1, 2, 3, 4, 5])
})

test('C20: fresh events of a run that begins wait for no table of a replay', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(both)
  await begin(given)
  const { rows } = given.resources
  const ensure = rows.ensureTable.bind(rows)
  rows.ensureTable = async (table) => {
    if (table.name.includes('shadow')) await given.clock.sleep(30_000)
    return ensure(table)
  }
  const run = await given.start(both)
  given.append(orders(6, 8))
  await given.pass(5_000)
  expect(run.status().sinks['store']).toMatchObject({ lagEvents: 0 })
  expect(await replayed(given)).toEqual([])
  await given.pass(120_000)
  expect(await replayed(given)).toEqual([0, 1, 2, 3, 4, 5])
  expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped' })
})

test('a running topology takes a replay up without being told', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  const run = await given.start(both)
  await given.pass(3_000)
  const { parts } = await begin(given)
  await given.pass(5_000)
  const progress = replayProgress(await documentOf(given), 'shadow', parts[0]!.end)
  expect(progress.map(({ of, isDone }) => [of, isDone])).toEqual([
    ['store', true],
    ['totals', true],
  ])
  expect(await replayed(given)).toEqual([0, 1, 2, 3, 4, 5])
  given.append([deleted])
  await given.pass(10_000)
  expect(await replayed(given)).toEqual([0, 1, 2, 3, 5])
  expect(run.status().sinks['totals@shadow']).toMatchObject({ namespace: 'shadow', retired: false, lagEvents: 0 })
  expect(await given.drive(run.stop())).toMatchObject({ state: 'stopped' })
})

test('a lane of a replay is cut like any other', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 9))
  await given.run(both)
  await begin(given)
  const doc = await documentOf(given)
  const [lane] = Object.entries(doc.lanes).find(([, { sink }]) => sink === 'totals@shadow')!
  const next = cut(doc, { kind: 'cut', lane: Number(lane), at: 3, cuts: [6], slots: [1, 2] })
  if (typeof next === 'string') throw new Error(next)
  await given.resources.ledger.compareAndSet(key, doc.ver, { ...next, ver: doc.ver + 1 })
  await given.run(both)
  expect(await given.read(both).rows('totals', 'shadow')).toEqual(await given.read(both).rows('totals'))
})

test('a replay of a sink that is taken out is retired with it, and goes on when it comes back', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(both)
  await begin(given)
  await given.run(shop('store'))
  const { sinks } = await documentOf(given)
  expect(sinks['totals@shadow']).toMatchObject({ retired: true })
  expect(sinks['store@shadow']).toMatchObject({ retired: false })
  expect(await replayed(given)).toEqual([0, 1, 2, 3, 4, 5])
  await given.run(both)
  expect(await given.read(both).rows('totals', 'shadow')).toEqual(await given.read(both).rows('totals'))
})

test('a sink that never ran here is not replayed', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(shop('store'))
  await expect(begin(given)).rejects.toThrow('sink totals has not run here yet')
})

test('a range of which the log has lost the beginning is replayed from where the log begins', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 6))
  await given.run(both)
  given.log.expire(partition(0), offset(4))
  const { parts } = await begin(given)
  expect(parts[0]).toMatchObject({ from: 4, to: 6, isCut: true })
  await given.run(both)
  expect(await replayed(given)).toEqual([4, 5])
})
