/** Memory has one budget, whatever the backlog: pressure closes the biggest epochs, and the work still ends (I-6, I-9). */
import { defineTopology, log } from 'spillway'
import { defineSink, type Sink } from 'spillway/sinks'
import { put } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { Event } from '../../topology/model/event.ts'
import type { OpenEpoch } from '../../topology/model/sink.ts'
import { GivenPorts } from './given-ports.ts'
import { startMs } from './orders.ts'

/** Counts the bytes of the events that its sinks hold in epochs that are not durable. */
class Holding {
  held = 0
  most = 0
  epochs = 0
  events = 0

  sink(): Sink<Event> {
    return defineSink<Event>({
      sinkKind: 'custom',
      name: 'holding',
      doc: 'holds what it is given',
      order: 'commutative',
      options: {},
      knobs: {},
      epochAge: 'epoch.ageMs',
      subtracts: false,
      tables: () => [],
      open: async () => ({ openEpoch: () => this.#epoch(), close: async () => {} }),
    })
  }

  #epoch(): OpenEpoch<Event> {
    let held = 0
    let count = 0
    return {
      add: (tuples) => {
        for (let index = 0; index < tuples.length; index++) {
          const { start, end } = tuples.events()!.bytes(index)
          held += end - start
          this.held += end - start
        }
        count += tuples.length
        this.most = Math.max(this.most, this.held)
      },
      heldBytes: () => held,
      spilledBytes: () => 0,
      write: async () => {
        this.epochs += 1
        this.events += count
        return 'written'
      },
      discard: () => {
        this.held -= held
        held = 0
      },
    }
  }
}

const mebibyte = 1_048_576
// Nothing but pressure closes an epoch.
const patient = { 'epoch.ageMs': 600_000, 'epoch.bytes': 1_073_741_824, 'epoch.records': 10_000_000 }
const budget = { 'memory.budgetBytes': 64 * mebibyte }

test('a backlog of three times the budget is worked off under it', async () => {
  const holding = new Holding()
  const topology = defineTopology('big', (t) => {
    const events = t.spout('events', log())
    events.sink('one', holding.sink())
    events.sink('two', holding.sink())
  })
  const given = new GivenPorts()
  const body = JSON.stringify({ text: 'x'.repeat(mebibyte / 2) })
  given.append(Array.from({ length: 200 }, () => put(body, { atMs: startMs })))
  const outcome = await given.run(topology, { knobs: { ...patient, ...budget } })
  expect(outcome).toMatchObject({ state: 'caughtUp', records: 200, deadLetters: 0 })
  expect(holding.events).toBe(400)
  // One fetch is on its way while another is asked for; each of the two sinks holds its own copy of it.
  expect(holding.most).toBeLessThanOrEqual(64 * mebibyte + 4 * mebibyte)
  expect(holding.epochs).toBeGreaterThan(5)
  expect(holding.held).toBe(0)
})

test('without pressure the same backlog is one epoch for each sink', async () => {
  const holding = new Holding()
  const topology = defineTopology('small', (t) => {
    t.spout('events', log()).sink('one', holding.sink())
  })
  const given = new GivenPorts()
  given.append(Array.from({ length: 200 }, (_, index) => put({ number: index }, { atMs: startMs })))
  await given.run(topology, { knobs: { ...patient, ...budget } })
  expect([holding.epochs, holding.events]).toEqual([1, 200])
})
