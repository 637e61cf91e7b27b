/** A user's sink that says it holds a lot: what is told of big epochs can be shown with small ones. */
import { defineSink, type Sink } from 'spillway/sinks'
import type { Event } from '../../topology/model/event.ts'
import type { DeclaredEpoch, OpenEpoch } from '../../topology/model/sink.ts'

export class HoldingSink {
  /** Ranges and events of the epochs that were written. */
  readonly written: { readonly from: number; readonly to: number; readonly events: number }[] = []
  discarded = 0
  /** Until then nothing is written. */
  gate: Promise<void> | undefined
  readonly #bytesPerEvent: number

  constructor(bytesPerEvent: number) {
    this.#bytesPerEvent = bytesPerEvent
  }

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
    let events = 0
    return {
      add: (tuples) => {
        events += tuples.length
      },
      heldBytes: () => events * this.#bytesPerEvent,
      spilledBytes: () => 0,
      write: async ({ from, to }: DeclaredEpoch) => {
        if (this.gate !== undefined) await this.gate
        this.written.push({ from, to, events })
        return 'written'
      },
      discard: () => {
        this.discarded += 1
      },
    }
  }
}
