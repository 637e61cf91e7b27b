/** A store that hangs in every partition of its sink keeps no other sink from reading: the budget is for all (B1, I-6, I-9). */
import { defineTopology, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
import { createMemoryLog, type MemoryLog, put } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import { partition } from '../../topology/model/position.ts'
import { GivenPorts } from './given-ports.ts'
import { HoldingSink } from './holding-sink.ts'

const partitions = 12
const mebibyte = 1_048_576
// A lane that waits for its epoch may hold 8 MiB: twelve of them hold more than the budget.
const knobs = { 'memory.budgetBytes': 64 * mebibyte }

class GivenHung extends GivenPorts {
  readonly wide: MemoryLog
  readonly big: HoldingSink = new HoldingSink(65_536)
  sent = 0

  constructor() {
    super()
    this.wide = createMemoryLog({ clock: this.clock, partitions, topic: 'events', id: 'log' })
    this.resources = { ...this.resources, logs: { default: this.wide } }
  }

  begin(): Promise<EngineRun> {
    const topology = defineTopology('both', (t) => {
      const events = t.spout('events', log())
      events.sink('store', eventRows())
      events.sink('big', this.big.sink())
    })
    return this.start(topology, { knobs })
  }

  /** Ten records a second come to each partition. */
  async stream(seconds: number): Promise<void> {
    for (let step = 0; step < seconds * 10; step++) {
      for (let one = 0; one < partitions; one++) {
        const { record } = put({ number: this.sent++ }, { project: 'ann', collection: 'new', partition: one })
        this.wide.appendAt(this.clock.nowMs(), [{ ...record, partition: partition(one) }])
      }
      await this.pass(100)
    }
  }

  durableOf(run: EngineRun, sink: string): number {
    const lanes = run.status().lanes.filter((lane) => lane.sink === sink)
    return lanes.reduce((sum, { at }) => sum + at, 0)
  }
}

test('the other sink stays fresh for as long as it lasts, and what was given back is there once when it is over', async () => {
  const given = new GivenHung()
  const run = await given.begin()
  await given.stream(5)
  const { promise, resolve } = Promise.withResolvers<void>()
  given.big.gate = promise
  await given.stream(60)
  expect(given.sent - given.durableOf(run, 'store')).toBeLessThan(partitions * 10 * 3)
  resolve()
  await given.pass(20_000)
  expect([given.durableOf(run, 'store'), given.durableOf(run, 'big')]).toEqual([given.sent, given.sent])
  expect(given.big.written.reduce((sum, { events }) => sum + events, 0)).toBe(given.sent)
  await given.drive(run.stop())
})
