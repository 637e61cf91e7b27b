/** Memory has one budget, whatever the backlog: pressure closes the biggest epochs, and the work still ends (I-6, I-9). */
import { defineTopology, log } from 'spillway'
import { defineSink, type Sink } from 'spillway/sinks'
import { put } from 'spillway/testing'
import { expect, test } from 'vitest'
import type { Event } from '../../topology/model/event.ts'
import { GivenPorts } from './given-ports.ts'
import { startMs } from './orders.ts'

/** Holds bytes as a sink of big events does, and tells how much at most and in how many epochs. */
class Holding {
  most = 0
  epochs = 0
  events = 0
  #held = 0

  sink(): Sink<Event> {
    return defineSink<Event>({
      sinkKind: 'custom',
      name: 'holding',
      doc: 'holds bytes',
      order: 'commutative',
      options: {},
      knobs: {},
      epochAge: 'epoch.ageMs',
      subtracts: false,
      tables: () => [],
      open: async () => ({ openEpoch: () => this.#epoch(), close: async () => {} }),
    })
  }

  #epoch(): ReturnType<Awaited<ReturnType<Sink['open']>>['openEpoch']> {
    let held = 0
    let count = 0
    return {
      add: (tuples) => {
        const events = tuples.events()
        for (let index = 0; index < tuples.length; index++) {
          const { start, end } = events!.bytes(index)
          held += end - start
        }
        count += tuples.length
        this.#note(tuples.length === 0 ? 0 : held - this.#last(held))
      },
      heldBytes: () => held,
      spilledBytes: () => 0,
      write: async () => {
        this.epochs += 1
        this.events += count
        return 'written'
      },
      discard: () => {
        this.#held -= held
        held = 0
      },
    }
  }
}
