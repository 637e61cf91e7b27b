/**
 * The events of one log batch, over the columns that the decoder filled.
 */
import type { EventBatch } from '../../model/decoder.ts'
import type { Event } from '../../model/event.ts'
import { eventId } from '../../model/event-id.ts'
import type { JsonObject } from '../../model/json.ts'
import { type Path, valueAt } from '../../model/path.ts'
import { type Offset, offset, type Partition, partition } from '../../model/position.ts'
import type { Column, EventColumns, Shapes } from '../../model/tuples.ts'
import type { BatchColumns } from './batch-columns.ts'
import { BatchEvent, type EventOrigin } from './batch-event.ts'
import { isEverything } from './gather.ts'
import { keenColumn, PathColumns } from './path-columns.ts'
import { SelectedEvents } from './selected-events.ts'

/** What a batch needs of its decoder. */
export interface BatchSource {
  /** Slot of a lifted path, -1 when the path was not lifted. */
  slotOf(path: Path): number
  /** Shapes of events whose shapes were not noted while they were scanned. */
  shapesOf(batch: EventOrigin): Shapes
}

const noBuffer = Buffer.alloc(0)

export class DecodedEvents implements EventOrigin {
  readonly length: number
  readonly partition: Partition
  readonly offsets: ArrayLike<Offset>
  readonly appendTimesMs: ArrayLike<number>
  readonly hasTimestamp: ArrayLike<number>
  readonly #columns: BatchColumns
  readonly #source: BatchSource
  readonly #timesMs: ArrayLike<number>
  readonly #byPath = new PathColumns()
  readonly #events: BatchEvent[] = []
  #shapes: Shapes | undefined
  #read: Uint8Array | undefined
  #buffer: Buffer = noBuffer

  constructor(columns: BatchColumns, source: BatchSource, shapes: Shapes | undefined) {
    this.length = columns.length
    this.partition = columns.partition
    this.offsets = columns.offsets as ArrayLike<number> as ArrayLike<Offset> // the decoder fills them from records
    this.appendTimesMs = columns.appendTimesMs.subarray(0, columns.length)
    this.hasTimestamp = columns.hasTimestamp.subarray(0, columns.length)
    this.#timesMs = columns.timesMs.subarray(0, columns.length)
    this.#columns = columns
    this.#source = source
    this.#shapes = shapes
  }

  event(index: number): Event {
    let event = this.#events[index]
    if (event === undefined) {
      // Filled in order, so that the list stays dense.
      for (let i = this.#events.length; i <= index; i += 1) this.#events.push(new BatchEvent(this, i))
      event = this.#events[index]!
    }
    return event
  }

  tuple(index: number): Event {
    return this.event(index)
  }

  timesMs(): ArrayLike<number> {
    return this.#timesMs
  }

  projects(): ArrayLike<string> {
    return this.#columns.projects
  }

  collections(): ArrayLike<string> {
    return this.#columns.collections
  }

  clientIds(): ArrayLike<string | undefined> {
    return this.#columns.clientIds
  }

  column(path: Path): Column {
    return this.#byPath.of(path, () => {
      const kept = keenColumn(path, this)
      if (kept !== undefined) return kept
      const slot = this.#source.slotOf(path)
      if (slot >= 0) return this.#columns.values[slot]!
      return Array.from({ length: this.length }, (_, i) => valueAt(this.event(i).body, path))
    })
  }

  lifted(path: Path): Column | undefined {
    const slot = this.#source.slotOf(path)
    return slot < 0 ? undefined : this.#columns.values[slot]
  }

  shapes(): Shapes {
    this.#shapes ??= this.#source.shapesOf(this)
    return this.#shapes
  }

  events(): EventColumns {
    return this
  }

  bytes(index: number): { readonly buffer: Uint8Array; readonly start: number; readonly end: number } {
    const { buffers, starts, ends } = this.#columns
    return { buffer: buffers[index]!, start: starts[index]!, end: ends[index]! }
  }

  keenAt(index: number): number {
    return this.#columns.keenAts[index]!
  }

  id(index: number): string {
    return eventId(this.#timesMs[index]!, partition(this.partition), offset(this.offsets[index]!))
  }

  body(index: number): JsonObject {
    const { buffer, start, end } = this.bytes(index)
    // Events of one fetch share their buffer.
    if (buffer !== this.#read) {
      this.#read = buffer
      this.#buffer = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    }
    return JSON.parse(this.#buffer.toString('utf8', start, end))
  }

  select(indices: readonly number[]): EventBatch {
    return isEverything(indices, this.length) ? this : new SelectedEvents(this, indices)
  }
}
