/**
 * Tuples that outlive their batch. Events are copied as records and decoded again when they are wanted, so that whoever
 * gets them has true events, with columns and bytes; other objects are kept as they are.
 */
import { formatTime } from '../../../model/event-time.ts'
import type { StateOperator } from '../../../model/operator.ts'
import { type Offset, offset, type Partition, partition } from '../../../model/position.ts'
import type { LogRecord } from '../../../model/record.ts'
import type { EventColumns, Tuples } from '../../../model/tuples.ts'
import { createDecoder } from '../../../spouts/decode/create-decoder.ts'

export class KeptTuples {
  readonly #operator: StateOperator
  readonly #most: number
  readonly #records = new Map<string, LogRecord>()
  readonly #others: unknown[] = []
  #partition: Partition = partition(0)

  /** At most `most`: those that come first. */
  constructor(operator: StateOperator, most: number) {
    this.#operator = operator
    this.#most = most
  }

  get length(): number {
    return this.#records.size + this.#others.length
  }

  add(tuples: Tuples): void {
    if (this.length >= this.#most) return
    const events = tuples.events()
    for (let index = 0; index < tuples.length && this.length < this.#most; index++) {
      if (events === undefined) this.#others.push(tuples.tuple(index))
      else this.#keep(events, index)
    }
  }

  /** All of them, events first. */
  objects(): readonly unknown[] {
    const { reads, readsShapes } = this.#operator
    const decoder = createDecoder({
      spout: { project: { header: 'project' }, collection: { header: 'collection' } },
      topic: 'seen',
      wanted: { paths: reads, shapes: readsShapes },
    })
    const records = [...this.#records.values()].sort((left, right) => left.offset - right.offset)
    const to = offset((records.at(-1)?.offset ?? 0) + 1)
    const batch = { partition: this.#partition, from: offset(0), to, records, byteLength: 0 }
    const { events } = decoder.decode(batch)
    return [...Array.from({ length: events.length }, (_, index) => events.event(index)), ...this.#others]
  }

  /** An event that is read again, after a crash, is kept once. */
  #keep(events: EventColumns, index: number): void {
    const { buffer, start, end } = events.bytes(index)
    const bytes = Buffer.from(buffer.subarray(start, end))
    const at: Offset = events.offsets[index]!
    const clientId = events.clientIds()[index]
    this.#partition = events.partition
    this.#records.set(`${at} ${bytes.toString('latin1')}`, {
      offset: at,
      appendTimeMs: events.appendTimesMs[index]!,
      key: null,
      headers: [
        ['project', events.projects()[index]!],
        ['collection', events.collections()[index]!],
        ['spillway-time', formatTime(events.timesMs()[index]!)],
        ...(clientId === undefined ? [] : [['spillway-id', clientId] as const]),
      ],
      bytes,
      start: 0,
      end: bytes.length,
    })
  }
}
