/**
 * The columns of a batch while the decoder fills them, one place per record of the log batch.
 *
 * They are made anew for each batch, a few hundred kilobytes at most, so a batch stays valid for as long as somebody
 * holds it.
 */
import type { Partition } from '../../model/position.ts'

export interface BatchColumns {
  length: number
  readonly partition: Partition
  readonly offsets: number[]
  readonly appendTimesMs: Float64Array
  readonly timesMs: Float64Array
  readonly projects: string[]
  readonly collections: string[]
  readonly clientIds: (string | undefined)[]
  readonly hasTimestamp: Uint8Array
  readonly keenAts: Int32Array
  readonly buffers: Uint8Array[]
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** Where the shape codes of an event begin; one place more than there are events. */
  readonly shapeStarts: Int32Array
  /** Values by slot of the wanted path. */
  readonly values: readonly unknown[][]
}

export const makeColumns = (partition: Partition, capacity: number, slots: number): BatchColumns => ({
  length: 0,
  partition,
  offsets: [],
  appendTimesMs: new Float64Array(capacity),
  timesMs: new Float64Array(capacity),
  projects: [],
  collections: [],
  clientIds: [],
  hasTimestamp: new Uint8Array(capacity),
  keenAts: new Int32Array(capacity),
  buffers: [],
  starts: new Int32Array(capacity),
  ends: new Int32Array(capacity),
  shapeStarts: new Int32Array(capacity + 1),
  values: Array.from({ length: slots }, () => new Array<unknown>(capacity)),
})
