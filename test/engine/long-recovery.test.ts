/** A declared epoch is read again to its end, whatever it holds; who pauses or stops in between loses nothing (I-2, I-9). */
import { defineTopology, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
import { expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { knobValue } from '../../topology/model/knobs.ts'
import { offset, partition } from '../../topology/model/position.ts'
import type { LaneStatus } from '../../topology/model/run-handle.ts'
import type { Topology } from '../../topology/model/topology.ts'
import { dieWhenDeclared } from './die-when-declared.ts'
import { GivenPorts } from './given-ports.ts'
import { HoldingSink } from './holding-sink.ts'
import { order } from './orders.ts'
import { withFetch } from './with-fetch.ts'

const count = 40
// Three records to a fetch; only the end of the log closes an epoch.
const pad = 'x'.repeat(20_000)
const patient = { 'fetch.partitionBytes': 65_536, 'epoch.ageMs': 600_000, 'epoch.bytes': 1_073_741_824 }
const roomy = { knobs: { ...patient, 'memory.budgetBytes': 1_073_741_824 } }
const narrow = { knobs: { ...patient, 'memory.budgetBytes': 67_108_864 } }
const whole = { from: 0, to: count, events: count }

/** A log whose whole content, 160 MiB as the sink tells it, an owner has declared before it died. */
class GivenDeclared extends GivenPorts {
  readonly holding = new HoldingSink(4 * 1_048_576)
  readonly topology: Topology = defineTopology('big', (t) => {
    const events = t.spout('events', log())
    events.sink('store', eventRows())
    events.sink('holding', this.holding.sink())
  })

  async declare(): Promise<void> {
    this.append(Array.from({ length: count }, (_, index) => order(index, { pad })))
    await dieWhenDeclared(this, this.topology, { untilCaughtUp: true, ...roomy })
    this.holding.discarded = 0
  }

  /** From now on each fetch takes 100 ms. */
  slowDown(): void {
    const slow = withFetch(this.log, async (fetch) => {
      await this.clock.sleep(100)
      return fetch()
    })
    this.resources = { ...this.resources, logs: { default: slow } }
  }

  async stored(): Promise<number> {
    const result = this.read(this.topology)
    return (await result.events('store', 'new')).length + (await result.events('store', 'old')).length
  }
}

const given = async (): Promise<GivenDeclared> => {
  const made = new GivenDeclared()
  await made.declare()
  return made
}

/** A log that shows nothing from `hidden` on for ten seconds; counts how often it is asked for it meanwhile. */
const lagging = (ports: GivenPorts, hidden: number): { asked: number } => {
  const count = { asked: 0 }
  const untilMs = ports.clock.nowMs() + 10_000
  const log = withFetch(ports.log, async (fetch, from, waitMs) => {
    if (from < hidden || ports.clock.nowMs() >= untilMs) return fetch()
    if (++count.asked > 1_000) throw new Error('asked without a pause')
    await ports.clock.sleep(waitMs)
    return { partition: partition(0), from: offset(from), to: offset(from), records: [], byteLength: 0 }
  })
  ports.resources = { ...ports.resources, logs: { default: log } }
  return count
}

const laneOf = (run: EngineRun): LaneStatus => run.status().lanes.find((lane) => lane.sink === 'holding')!

test('a declared epoch that is larger than the memory budget is recovered', async () => {
  const ports = await given()
  expect(await ports.run(ports.topology, narrow)).toMatchObject({ state: 'caughtUp', error: undefined })
  expect(ports.holding.written).toEqual([whole])
  expect(await ports.stored()).toBe(count)
})

test('a recovery waits for a log that lags behind, however old its epoch is', async () => {
  const ports = await given()
  const count = lagging(ports, 20)
  const knobs = { ...narrow.knobs, 'epoch.ageMs': 100 }
  expect(await ports.run(ports.topology, { knobs })).toMatchObject({ state: 'caughtUp', error: undefined })
  expect(ports.holding.written).toEqual([whole])
  // Two lanes, a fetch waits for half a second, and a cursor that is opened anew asks at once.
  expect(count.asked).toBeLessThanOrEqual(3 * 22)
})

// While a fetch is under way, and at the very moment when one ends.
test.each([350, 400, 430])('a pause %i ms into a recovery discards it; resumed, it begins again', async (ms) => {
  const ports = await given()
  ports.slowDown()
  const run = await ports.start(ports.topology, narrow)
  await ports.pass(ms)
  expect(laneOf(run)).toMatchObject({ at: 0, declared: count })
  run.pause('holding')
  await ports.pass(5_000)
  expect(laneOf(run)).toMatchObject({ at: 0, declared: count })
  expect(ports.holding.discarded).toBe(1)
  expect([ports.holding.written, await ports.stored()]).toEqual([[], count])
  run.resume('holding')
  await ports.pass(5_000)
  expect(laneOf(run)).toMatchObject({ at: count, declared: null })
  expect(ports.holding.written).toEqual([whole])
  expect(await ports.drive(run.stop())).toMatchObject({ state: 'stopped', error: undefined })
})

test.each([350, 400, 430])(
  'a stop %i ms into a recovery does not wait for it; the next run finishes it',
  async (ms) => {
    const ports = await given()
    ports.slowDown()
    const run = await ports.start(ports.topology, narrow)
    await ports.pass(ms)
    const askedMs = ports.clock.nowMs()
    expect(await ports.drive(run.stop())).toMatchObject({ state: 'stopped', error: undefined })
    expect(ports.clock.nowMs() - askedMs).toBeLessThan(knobValue('shutdown.drainMs') / 10)
    expect(ports.holding).toMatchObject({ written: [] })
    expect(ports.holding.discarded).toBeGreaterThan(0)
    expect(await ports.run(ports.topology, narrow)).toMatchObject({ state: 'caughtUp' })
    expect(ports.holding.written).toEqual([whole])
    expect(await ports.stored()).toBe(count)
  },
)
