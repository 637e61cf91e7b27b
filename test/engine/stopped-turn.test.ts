import { concatMap } from 'rxjs'
import { defineTopology, type Event, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { createMemoryRows, cut, put, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import { errors } from '../../topology/model/errors.ts'
import { dieWhenDeclared } from './die-when-declared.ts'
import { GivenPorts } from './given-ports.ts'
import { order, orders } from './orders.ts'
import { withFetch } from './with-fetch.ts'

const totals = defineTopology('totals', (t) => {
  t.spout('events', log())
    .bolt('counts', rollup({ window: '1 day', values: { events: count() } }))
    .sink('totals', tableRows())
})

test('a lane that stops with the turn of a slot stops the lanes that wait for it, and the run ends (I-9)', async () => {
  const inner = createMemoryRows()
  const broken = errors.pathUnusable({ path: 'rows', reason: 'EIO' })
  const rows = {
    ...inner,
    write: (...call: Parameters<typeof inner.write>) =>
      call[0].name === 'totals' ? Promise.reject(broken) : inner.write(...call),
  }
  const steps = [...Array.from({ length: 12 }, (_, index) => put({ index }, { partition: 0 })), cut('totals', 5)]
  await expect(testTopology(totals, { partitions: 1, resources: { rows } }).run(steps)).rejects.toThrow('EIO')
})

test('a stop does not wait for a lane whose slot another holds, which the stop has kept from its recovery', async () => {
  const given = new GivenPorts()
  given.append(orders(0, 2))
  const cutting = await given.start(totals)
  const [runner] = cutting.engine.partitions
  await given.drive(runner!.propose({ kind: 'cut', lane: 0, at: 40, cuts: [], slots: [0] }))
  await given.drive(cutting.stop())
  // Three records to a fetch.
  given.append(Array.from({ length: 78 }, (_, index) => order(2 + index, { pad: 'x'.repeat(20_000) })))
  await dieWhenDeclared(given, totals)
  const slow = withFetch(given.log, async (fetch) => {
    await given.clock.sleep(300)
    return fetch()
  })
  given.resources = { ...given.resources, logs: { default: slow } }
  const run = await given.start(totals, { knobs: { 'epoch.ageMs': 600_000, 'fetch.partitionBytes': 65_536 } })
  expect(run.engine.partitions[0]!.doc.sinks['totals']!.slots[0]!.turn).toBe('L0')
  await given.pass(1_000)
  const beforeMs = given.clock.nowMs()
  await given.drive(run.stop())
  expect(given.clock.nowMs() - beforeMs).toBeLessThan(5_000)
})

test('a stop that has waited long enough is a stop, although a bolt comes back later', async () => {
  const given = new GivenPorts()
  const slow = defineTopology('slow', (t) => {
    const late = concatMap(async (event: Event) => {
      if (event.body['number'] === 1) await given.clock.sleep(60_000)
      return event
    })
    t.spout('events', log()).bolt('late', late).sink('store', eventRows())
  })
  given.append(orders(0, 3))
  const run = await given.start(slow, { knobs: { 'batch.records': 1, 'shutdown.drainMs': 1_000 } })
  await given.pass(5_000)
  const outcome = await given.drive(run.stop())
  await given.pass(120_000)
  expect([outcome.state, run.engine.error]).toEqual(['stopped', undefined])
})
