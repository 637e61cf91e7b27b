/** What a process measures of its own work. */
import { from, map, mergeMap, of } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, inferSchema, rollup } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'
import { expect, test } from 'vitest'
import { Meters } from '../../../topology/engine/shell/meters.ts'
import type { StageReport } from '../../../topology/model/work-report.ts'
import { createVirtualClock } from '../../../topology/testing/virtual-clock.ts'
import { GivenPorts } from '../given-ports.ts'
import { orders } from '../orders.ts'

const nothing = { worker: 0, heldBytes: 0, budgetBytes: 0, lanes: [], tenants: [] }

const given = () => {
  const clock = createVirtualClock()
  let ms = 0
  const measures = { pid: 1, stopwatch: () => ms, rssBytes: () => 0, loopDelayMs: () => 0 }
  const pass = (by: number): void => {
    ms += by
    clock.advance(by)
  }
  return { clock, pass, meters: new Meters(clock, measures) }
}

test('C18: time on the processor and time waited are told apart, per stage', () => {
  const { meters, pass } = given()
  const call = meters.begin('bolt', 'look up', 'live', { what: 'records' })
  call.run(() => pass(30))
  pass(70)
  call.end(10, 1_000)
  expect(meters.report(nothing).stages).toMatchObject([
    { calls: 1, records: 10, cpuMs: 30, waitMs: 70, recentMaxMs: 100 },
  ])
  expect(meters.report(nothing).stages).toMatchObject([{ calls: 1, cpuMs: 30, recentMaxMs: 0 }])
})

test('A18: calls that have not ended are told, the oldest first', () => {
  const { meters, pass, clock } = given()
  const atMs = clock.nowMs()
  const old = meters.begin('write', 'archive', 'live', { what: 'epoch [0, 5)', partition: 2, lane: 3, tenant: 'ann' })
  pass(1_000)
  meters.begin('fetch', 'shop', 'live', { what: () => 'shop/0 from 7' })
  const { calls, stages } = meters.report(nothing)
  expect(calls).toEqual([
    { stage: 'write', name: 'archive', what: 'epoch [0, 5)', partition: 2, lane: 3, tenant: 'ann', sinceMs: atMs },
    { stage: 'fetch', name: 'shop', what: 'shop/0 from 7', sinceMs: atMs + 1_000 },
  ])
  expect(stages.find(({ stage }) => stage === 'write')).toMatchObject({ inFlight: 1, oldestSinceMs: atMs })
  old.fail(new Error('late'))
  expect(meters.report(nothing).calls).toHaveLength(1)
})

test('a fetch that brings nothing was no waiting for work', () => {
  const { meters, pass } = given()
  const call = meters.begin('fetch', 'shop', 'live', { what: '' })
  pass(500)
  call.idle()
  expect(meters.report(nothing).stages).toMatchObject([{ calls: 1, waitMs: 0 }])
})

const stagesOf = async (build: Parameters<typeof defineTopology>[1]): Promise<readonly StageReport[]> => {
  const ports = new GivenPorts()
  ports.append(orders(0, 50))
  const run = await ports.start(defineTopology('measured', build))
  // As long as a schema is kept.
  await ports.pass(70_000)
  const [report] = run.workReports()
  await ports.drive(run.stop())
  return report!.stages
}

test('C19: CPU time and latency stand there for every component: log, decoder, bolts, operators, sinks, ledger', async () => {
  const stages = await stagesOf((t) => {
    const events = t.spout('events', log())
    events.sink('rows', eventRows())
    events.bolt('schema', inferSchema()).sink('schemas', tableRows())
    events
      .bolt(
        'asked',
        mergeMap((event) => from(Promise.resolve(event))),
      )
      .bolt('totals', rollup({ window: '1 day', values: { orders: count() } }))
      .sink('totals', tableRows())
    events.sink('archive', objects({ rotate: { age: '1 second' } }))
  })
  const names = new Set(stages.filter(({ records }) => records > 0).map(({ stage, name }) => `${stage} ${name}`))
  for (const name of ['fetch events', 'decode events', 'bolt asked', 'bolt schema', 'bolt totals'])
    expect(names).toContain(name)
  for (const sink of ['rows', 'schemas', 'totals', 'archive']) expect(names).toContain(`write ${sink}`)
  expect(stages.some(({ stage, calls }) => stage === 'ledger' && calls > 0)).toBe(true)
})

test('C18: the profile names the operator that burns the processor, not the one that waits', async () => {
  const ports = new GivenPorts()
  const burn = (ms: number): void => {
    const { clock } = ports
    clock.advance(ms)
  }
  ports.append(orders(0, 20))
  const topology = defineTopology('burning', (t) => {
    const events = t.spout('events', log())
    const total = rollup({ window: '1 day', values: { orders: count() } })
    events
      .bolt(
        'burns',
        map((event) => {
          burn(5)
          return event
        }),
      )
      .bolt('one', total)
      .sink('one', tableRows())
    events
      .bolt(
        'waits',
        mergeMap((event) => from(ports.clock.sleep(50)).pipe(mergeMap(() => of(event)))),
      )
      .bolt('two', total)
      .sink('two', tableRows())
  })
  const run = await ports.start(topology)
  await ports.pass(5_000)
  const bolts = run.workReports()[0]!.stages.filter(({ stage }) => stage === 'bolt')
  await ports.drive(run.stop())
  const [most] = [...bolts].sort((left, right) => right.cpuMs - left.cpuMs)
  expect(most).toMatchObject({ name: 'burns', cpuMs: 100, waitMs: 0 })
  expect(bolts.find(({ name }) => name === 'waits')).toMatchObject({ cpuMs: 0, waitMs: 50 })
})

test('D5: what a fetch may have waited for new records is no latency of the log; the rest of its time is', () => {
  const { meters, pass } = given()
  const call = meters.begin('fetch', 'shop', 'live', { what: '' })
  pass(700)
  call.end(1, 100, 500)
  expect(meters.report(nothing).stages).toMatchObject([{ calls: 1, records: 1, waitMs: 200 }])
})
