/**
 * Reads one partition: finds the place of an offset, reads the bytes of a batch in one call, decodes them.
 *
 * Gives nothing behind the bounds that the writer has published, so a record that could still be lost is never seen
 * (I-1, I-2: what was read once can be read again).
 */
import { errors } from '../../model/errors.ts'
import { type Offset, offset, type Partition } from '../../model/position.ts'
import type { RecordBatch } from '../../model/record.ts'
import { checkOffset } from '../place-records.ts'
import type { BoundsFile, PartitionBounds } from './bounds-file.ts'
import { type Decoded, decodeFrames, HeaderTable } from './decode-frames.ts'
import type { OpenSegment, SegmentFiles } from './segment-files.ts'
import { frameBytesTarget, frameHeaderBytes, frameLength, segmentHeaderBytes } from './segment-format.ts'

interface Place {
  readonly segment: number
  readonly position: number
}

// One place per lane that reads the partition; a lane that loses its place pays one look-up.
const placesMax = 64
// A frame is read whole, whatever is asked for: one of the usual size, then, by one call.
const readBytesMin = frameBytesTarget + 4_096

export class PartitionReader {
  readonly #topic: string
  readonly #partition: Partition
  readonly #bounds: BoundsFile
  readonly #segments: SegmentFiles
  readonly #headers = new HeaderTable()
  /** Where the next read of a lane begins, by its offset. */
  readonly #places = new Map<number, Place>()

  constructor(topic: string, partition: Partition, bounds: BoundsFile, segments: SegmentFiles) {
    this.#topic = topic
    this.#partition = partition
    this.#bounds = bounds
    this.#segments = segments
  }

  /** Published bounds; throws when `from` is outside of them. */
  boundsAround(from: Offset): PartitionBounds {
    const bounds = this.#bounds.read()
    checkOffset(this.#topic, this.#partition, from, bounds)
    return bounds
  }

  /** Whether `bytes` or more stand behind `from`, as far as that is known without reading. */
  hasBytes(from: Offset, bytes: number, bounds: PartitionBounds): boolean {
    if (from === bounds.end) return false
    const place = from === bounds.segment ? segmentHeaderBytes : this.#places.get(from)?.position
    // A segment lies between, or it is not known where the offset is: then there is no reason to wait.
    if (place === undefined || from < bounds.segment) return true
    return bounds.position - place >= bytes
  }

  /** The records from `from` on, which is below the end of `bounds`: at least one, or none and a `to` behind a gap. */
  async read(from: Offset, maxBytes: number, bounds: PartitionBounds): Promise<RecordBatch> {
    const base = this.#segments.baseOf(from, bounds.segment)
    const batch =
      base === undefined
        ? undefined
        : await this.#segments.using(base, (segment) => this.#readSegment(segment, from, maxBytes, bounds))
    if (batch !== undefined) return batch
    // The segment is gone: dropped since the bounds were read, or taken away by hand.
    this.boundsAround(from)
    throw errors.logExpired({
      log: this.#topic,
      partition: this.#partition,
      offset: from,
      start: this.#segments.list().find((first) => first > from) ?? bounds.end,
    })
  }

  async offsetAt(timeMs: number): Promise<Offset> {
    const bounds = this.#bounds.read()
    if (bounds.lastTimeMs < timeMs) return bounds.end
    const bases = this.#segments.list().filter((base) => base >= bounds.start && base <= bounds.segment)
    // The last segment before which all records are older holds the first one that is not.
    const base = bases.findLast((candidate) => (this.#segments.timeBeforeMs(candidate) ?? 0) < timeMs)
    if (base === undefined) return bounds.start
    const limit = this.#limit(base, bounds)
    const found = await this.#segments.using(base, ({ file, marks }) => marks.offsetAtTime(file, limit, timeMs))
    return offset(found ?? bases.find((next) => next > base) ?? bounds.end)
  }

  #limit(base: number, bounds: PartitionBounds): number {
    return base === bounds.segment ? bounds.position : this.#segments.size(base)
  }

  async #readSegment(
    segment: OpenSegment,
    from: Offset,
    maxBytes: number,
    bounds: PartitionBounds,
  ): Promise<RecordBatch | undefined> {
    const limit = this.#limit(segment.base, bounds)
    let position = await this.#positionOf(segment, limit, from)
    while (position < limit) {
      const bytes = await this.#readBytes(segment, position, limit, maxBytes)
      const wanted = { from, maxBytes, headers: this.#headers }
      const decoded = decodeFrames(bytes, bytes.length, segment.file.path, wanted)
      if (decoded.records.length > 0) return this.#batch(segment, from, position, decoded, bytes)
      if (decoded.position === 0) break
      position += decoded.position
    }
    if (limit === 0) return undefined
    if (position < limit) {
      throw errors.logFormat({ path: segment.file.path, reason: `the frame at byte ${position} is damaged` })
    }
    // A gap: records that the disk has lost, or none were given these offsets.
    const to = offset(segment.base === bounds.segment ? bounds.end : this.#segments.after(segment.base, bounds.segment))
    return { partition: this.#partition, from, to, records: [], byteLength: 0 }
  }

  async #positionOf({ base, file, marks }: OpenSegment, limit: number, from: Offset): Promise<number> {
    if (from === base) return segmentHeaderBytes
    const place = this.#places.get(from)
    if (place?.segment === base) return place.position
    return await marks.atOffset(file, limit, from)
  }

  async #readBytes({ file }: OpenSegment, position: number, limit: number, maxBytes: number): Promise<Buffer> {
    const room = limit - position
    const bytes = Buffer.allocUnsafeSlow(Math.min(room, Math.max(maxBytes, readBytesMin)))
    const got = await file.read(bytes, position)
    const first = frameLength(bytes, 0, got)
    if (first <= got || first > room || got < frameHeaderBytes) return bytes.subarray(0, got)
    const whole = Buffer.allocUnsafeSlow(first)
    return whole.subarray(0, await file.read(whole, position))
  }

  #batch(segment: OpenSegment, from: Offset, position: number, decoded: Decoded, bytes: Buffer): RecordBatch {
    this.#places.delete(from)
    if (this.#places.size === placesMax) {
      for (const oldest of this.#places.keys()) {
        this.#places.delete(oldest)
        break
      }
    }
    this.#places.set(decoded.next, { segment: segment.base, position: position + decoded.position })
    return {
      partition: this.#partition,
      from,
      to: offset(decoded.next),
      records: decoded.records,
      byteLength: bytes.buffer.byteLength,
    }
  }
}
