/**
 * Some of the events of a batch. To a reader it is a batch like any other.
 *
 * A column is gathered when it is asked for. The event objects are those of the batch, so that a body is built once however
 * often events are selected.
 */
import type { EventBatch } from '../../model/decoder.ts'
import type { Event } from '../../model/event.ts'
import type { Path } from '../../model/path.ts'
import type { Offset, Partition } from '../../model/position.ts'
import type { Column, EventColumns, Shapes } from '../../model/tuples.ts'
import type { EventOrigin } from './batch-event.ts'
import { gather, gatherShapes, isEverything } from './gather.ts'
import { keenColumn, PathColumns } from './path-columns.ts'

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
  #clientIds: ArrayLike<string | undefined> | undefined
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

  clientIds(): ArrayLike<string | undefined> {
    this.#clientIds ??= gather(this.#origin.clientIds(), this.#rows)
    return this.#clientIds
  }

  column(path: Path): Column {
    return this.#byPath.of(path, () => keenColumn(path, this) ?? gather(this.#origin.column(path), this.#rows))
  }

  lifted(path: Path): Column | undefined {
    return this.#origin.lifted?.(path) === undefined ? undefined : this.column(path)
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
