/**
 * The events of one log batch, over the columns that the decoder filled; and a selection of them.
 *
 * Both are the same to a reader. A selection gathers a column when it is asked for, and shares the event objects of its
 * batch, so that a body is built once however often events are selected.
 */
import type { EventBatch } from '../../model/decoder.ts'
import type { Event } from '../../model/event.ts'
import { eventId } from '../../model/event-id.ts'
import type { JsonObject } from '../../model/json.ts'
import { type Path, valueAt } from '../../model/path.ts'
import { type Offset, offset, type Partition, partition } from '../../model/position.ts'
import type { Column, EventColumns, Shapes } from '../../model/tuples.ts'
import { BatchEvent, type EventOrigin } from './batch-event.ts'
import type { BatchColumns } from './event-columns.ts'
import { gather, gatherShapes } from './gather.ts'
import { keenColumn, PathColumns } from './path-columns.ts'

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

  column(path: Path): Column {
    return this.#byPath.of(path, () => {
      const kept = keenColumn(path, this)
      if (kept !== undefined) return kept
      const slot = this.#source.slotOf(path)
      if (slot >= 0) return this.#columns.values[slot]!
      return Array.from({ length: this.length }, (_, i) => valueAt(this.event(i).body, path))
    })
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

const isEverything = (indices: readonly number[], length: number): boolean => {
  if (indices.length !== length) return false
  for (let i = 0; i < length; i += 1) if (indices[i] !== i) return false
  return true
}

export class SelectedEvents implements EventBatch {
  readonly length: number
  readonly partition: Partition
  readonly #origin: EventOrigin
  readonly #rows: readonly number[]
  readonly #byPath = new PathColumns()
  #offsets: ArrayLike<Offset> | undefined
  #appendTimesMs: ArrayLike<number> | undefined
  #hasTimestamp: ArrayLike<boolean | number> | undefined
  #timesMs: ArrayLike<number> | undefined
  #projects: ArrayLike<string> | undefined
  #collections: ArrayLike<string> | undefined
  #shapes: Shapes | undefined

  constructor(origin: EventOrigin, rows: readonly number[]) {
    this.length = rows.length
    this.partition = origin.partition
    this.#origin = origin
    this.#rows = rows
  }

  get offsets(): ArrayLike<Offset> {
    this.#offsets ??= gather(this.#origin.offsets, this.#rows)
    return this.#offsets
  }

  get appendTimesMs(): ArrayLike<number> {
    this.#appendTimesMs ??= gather(this.#origin.appendTimesMs, this.#rows)
    return this.#appendTimesMs
  }

  get hasTimestamp(): ArrayLike<boolean | number> {
    this.#hasTimestamp ??= gather(this.#origin.hasTimestamp, this.#rows)
    return this.#hasTimestamp
  }

  timesMs(): ArrayLike<number> {
    this.#timesMs ??= gather(this.#origin.timesMs(), this.#rows)
    return this.#timesMs
  }

  projects(): ArrayLike<string> {
    this.#projects ??= gather(this.#origin.projects(), this.#rows)
    return this.#projects
  }

  collections(): ArrayLike<string> {
    this.#collections ??= gather(this.#origin.collections(), this.#rows)
    return this.#collections
  }

  column(path: Path): Column {
    return this.#byPath.of(path, () => keenColumn(path, this) ?? gather(this.#origin.column(path), this.#rows))
  }

  shapes(): Shapes {
    this.#shapes ??= gatherShapes(this.#origin.shapes(), this.#rows)
    return this.#shapes
  }

  events(): EventColumns {
    return this
  }

  event(index: number): Event {
    return this.#origin.event(this.#rows[index]!)
  }

  tuple(index: number): Event {
    return this.event(index)
  }

  bytes(index: number): { readonly buffer: Uint8Array; readonly start: number; readonly end: number } {
    return this.#origin.bytes(this.#rows[index]!)
  }

  keenAt(index: number): number {
    return this.#origin.keenAt(this.#rows[index]!)
  }

  id(index: number): string {
    return this.#origin.id(this.#rows[index]!)
  }

  select(indices: readonly number[]): EventBatch {
    return isEverything(indices, this.length) ? this : new SelectedEvents(this.#origin, gather(this.#rows, indices))
  }
}
