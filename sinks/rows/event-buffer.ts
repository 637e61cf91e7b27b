/**
 * Events that wait for the write of their epoch, as columns: a few numbers per event and one copy of its bytes.
 *
 * A batch is valid only during `add`, and a range of a shared buffer would keep the whole fetch alive; so the bytes are
 * copied into chunks outside the heap. Texts are made at the write, a few hundred at a time, and die young. Client ids are
 * texts already; there is a list of them once an event has one.
 */
import type { EventColumns } from '../../topology/model/tuples.ts'
import { giveBackChunk, takeChunk } from './event-chunks.ts'
import { blockOf, hourOf } from './event-table.ts'

/** Where events of one (project, collection, hour, block) of the partition go. */
export interface EventBucket {
  readonly project: string
  readonly collection: string
  readonly hour: number
  readonly block: number
}

const rowsInitial = 256
// Of a client id: its place in the list, and its head. It has two bytes a character besides, at most.
const placeBytes = 8
const textBytes = 24

export class EventBuffer {
  readonly buckets: EventBucket[] = []
  length = 0
  offsets = new Float64Array(rowsInitial)
  timesMs = new Float64Array(rowsInitial)
  createdMs = new Float64Array(rowsInitial)
  bucketOf = new Int32Array(rowsInitial)
  readonly #keepsBodies: boolean
  readonly #chunks: Buffer[] = []
  /** Indexes of buckets by their hour, for each project, collection and block. */
  readonly #hoursByKey = new Map<string, Map<number, number>>()
  #chunkOf = new Int32Array(rowsInitial)
  #starts = new Int32Array(rowsInitial)
  #ends = new Int32Array(rowsInitial)
  #clientIds: (string | undefined)[] | undefined
  #used = 0
  #bytes = 0
  #last: { readonly bucket: EventBucket; readonly index: number; readonly hours: Map<number, number> } | undefined

  /** Without bodies only positions are kept: what is to be emptied. */
  constructor(keepsBodies: boolean) {
    this.#keepsBodies = keepsBodies
  }

  /** Bytes of memory held, the rest of the last chunk included. */
  get heldBytes(): number {
    // Three doubles and four 32-bit integers a row; a bucket's object, hour and place; a map's key and itself.
    return this.#bytes + this.offsets.length * 40 + this.buckets.length * 120 + this.#hoursByKey.size * 400
  }

  add(events: EventColumns): void {
    const { length, offsets, appendTimesMs } = events
    const times = events.timesMs()
    const projects = events.projects()
    const collections = events.collections()
    this.#reserve(this.length + length)
    if (this.#keepsBodies) this.#keepClientIds(events.clientIds(), length)
    for (let index = 0; index < length; index++) {
      const row = this.length++
      const offset = offsets[index]!
      const timeMs = times[index]!
      this.offsets[row] = offset
      this.timesMs[row] = timeMs
      this.createdMs[row] = appendTimesMs[index]!
      this.bucketOf[row] = this.#bucket(projects[index]!, collections[index]!, hourOf(timeMs), blockOf(offset))
      if (this.#keepsBodies) this.#copy(row, events.bytes(index))
    }
  }

  /** The record's own bytes as text. Throws when they were released. */
  body(row: number): string {
    const chunk = this.#chunks[this.#chunkOf[row]!]
    if (chunk === undefined) throw new Error('the epoch was discarded while it was written')
    return chunk.toString('utf8', this.#starts[row]!, this.#ends[row]!)
  }

  /** Null where there is none, or none that a store keeps as it is: what is no well-formed text is in the body alone. */
  clientId(row: number): string | null {
    const id = this.#clientIds?.[row]
    return id?.isWellFormed() === true ? id : null
  }

  /**
   * Rows ordered by bucket, within a bucket as they came: neighbours in the store are written together. Small buckets come
   * first: nobody waits for the many events of another tenant that came in the same epoch.
   */
  rowsByBucket(): Int32Array {
    const sizes = new Int32Array(this.buckets.length)
    for (let row = 0; row < this.length; row++) sizes[this.bucketOf[row]!]! += 1
    const bySize = Array.from(sizes.keys()).sort((left, right) => sizes[left]! - sizes[right]!)
    const starts = new Int32Array(this.buckets.length)
    let start = 0
    for (const bucket of bySize) {
      starts[bucket] = start
      start += sizes[bucket]!
    }
    const ordered = new Int32Array(this.length)
    for (let row = 0; row < this.length; row++) {
      const bucket = this.bucketOf[row]!
      ordered[starts[bucket]!++] = row
    }
    return ordered
  }

  /** Gives its memory to other epochs; the last call. A write that is still under way finds no bodies any more. */
  release(): void {
    for (const chunk of this.#chunks.splice(0)) giveBackChunk(chunk)
  }

  #bucket(project: string, collection: string, hour: number, block: number): number {
    const last = this.#last
    const isNear =
      last !== undefined &&
      last.bucket.block === block &&
      last.bucket.collection === collection &&
      last.bucket.project === project
    if (isNear && last.bucket.hour === hour) return last.index
    // Late events fall into many hours of the same block.
    const hours = isNear ? last.hours : this.#hoursOf(project, collection, block)
    let index = hours.get(hour)
    if (index === undefined) {
      index = this.buckets.length
      this.buckets.push({ project, collection, hour, block })
      hours.set(hour, index)
    }
    this.#last = { bucket: this.buckets[index]!, index, hours }
    return index
  }

  #hoursOf(project: string, collection: string, block: number): Map<number, number> {
    // Names cannot hold a control character (DOMAIN section 2), so the joined key is unambiguous.
    const key = `${project}\n${collection}\n${block}`
    let hours = this.#hoursByKey.get(key)
    if (hours === undefined) {
      hours = new Map()
      this.#hoursByKey.set(key, hours)
    }
    return hours
  }

  #copy(row: number, bytes: { readonly buffer: Uint8Array; readonly start: number; readonly end: number }): void {
    const length = bytes.end - bytes.start
    let chunk = this.#chunks.at(-1)
    if (chunk === undefined || this.#used + length > chunk.length) {
      chunk = takeChunk(length)
      this.#chunks.push(chunk)
      this.#bytes += chunk.length
      this.#used = 0
    }
    chunk.set(bytes.buffer.subarray(bytes.start, bytes.end), this.#used)
    this.#chunkOf[row] = this.#chunks.length - 1
    this.#starts[row] = this.#used
    this.#used += length
    this.#ends[row] = this.#used
  }

  /** Of the rows that come next. */
  #keepClientIds(ids: ArrayLike<string | undefined>, length: number): void {
    let from = 0
    while (from < length && ids[from] === undefined) from += 1
    if (from === length && this.#clientIds === undefined) return
    this.#clientIds ??= new Array<undefined>(this.length).fill(undefined)
    for (let index = 0; index < length; index++) {
      const id = ids[index]
      this.#clientIds.push(id)
      this.#bytes += id === undefined ? placeBytes : placeBytes + textBytes + id.length * 2
    }
  }

  #reserve(rows: number): void {
    if (rows <= this.offsets.length) return
    const size = Math.max(rows, this.offsets.length * 2)
    this.offsets = grown(this.offsets, new Float64Array(size))
    this.timesMs = grown(this.timesMs, new Float64Array(size))
    this.createdMs = grown(this.createdMs, new Float64Array(size))
    this.bucketOf = grown(this.bucketOf, new Int32Array(size))
    this.#chunkOf = grown(this.#chunkOf, new Int32Array(size))
    this.#starts = grown(this.#starts, new Int32Array(size))
    this.#ends = grown(this.#ends, new Int32Array(size))
  }
}

const grown = <Numbers extends Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(
  before: Numbers,
  after: Numbers,
): Numbers => {
  after.set(before)
  return after
}
