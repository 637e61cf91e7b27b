/**
 * Frames to records, the hot loop of every reader: one buffer per fetch, records that point into it, a string only
 * where the key changes, headers from a table of those already seen.
 *
 * Keeps I-1: a damaged frame is an error, never a shorter or different answer.
 */
import { errors } from '../../model/errors.ts'
import { offset } from '../../model/position.ts'
import type { Headers, LogRecord } from '../../model/record.ts'
import {
  frameBase,
  frameHeaderBytes,
  frameLength,
  frameRecords,
  frameTimeMs,
  isFrameWhole,
  recordBits,
} from './segment-format.ts'

// Headers are few (project, collection, kind); a producer that never repeats them must not fill the memory.
const headersKeptMax = 1_024

const readHeaders = (bytes: Buffer, from: number, to: number): Headers => {
  const texts: string[] = []
  for (let at = from; at < to; ) {
    const textAt = at + 4
    at = textAt + bytes.readUInt32LE(at)
    texts.push(bytes.toString('utf8', textAt, at))
  }
  const headers: (readonly [string, string])[] = []
  for (let index = 0; index + 1 < texts.length; index += 2) headers.push([texts[index]!, texts[index + 1]!])
  return headers
}

/** Gives equal headers as the same array, so that a reader can look them up by identity. */
export class HeaderTable {
  readonly #known = new Map<string, Headers>()

  at(bytes: Buffer, from: number, to: number): Headers {
    const text = bytes.toString('latin1', from, to)
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size === headersKeptMax) this.#known.clear()
    const headers = readHeaders(bytes, from, to)
    this.#known.set(text, headers)
    return headers
  }
}

/** What was decoded, and where to go on: the position (in the buffer) of the frame that holds `next`, or would. */
export interface Decoded {
  readonly records: LogRecord[]
  readonly position: number
  readonly next: number
}

export interface DecodeWanted {
  /** Records below are passed over. */
  readonly from: number
  /** Bytes of values after which no further record is taken; the first is always taken. */
  readonly maxBytes: number
  readonly headers: HeaderTable
}

/** Appends the wanted records of one frame and gives the offset behind the last; below `end` when `room` was used up. */
const decodeFrame = (
  bytes: Buffer,
  at: number,
  end: number,
  wanted: DecodeWanted,
  room: number,
  records: LogRecord[],
): number => {
  const appendTimeMs = frameTimeMs(bytes, at)
  let cursor = at + frameHeaderBytes
  let left = room
  let key: string | null = null
  let headers: Headers = []
  for (let place = frameBase(bytes, at); place < end; place += 1) {
    const bits = bytes[cursor]!
    cursor += 1
    if ((bits & recordBits.key) !== 0) {
      const keyAt = cursor + 4
      cursor = keyAt + bytes.readUInt32LE(cursor)
      key = bytes.toString('utf8', keyAt, cursor)
    } else if ((bits & recordBits.nullKey) !== 0) key = null
    if ((bits & recordBits.headers) !== 0) {
      const headersAt = cursor + 4
      cursor = headersAt + bytes.readUInt32LE(cursor)
      headers = wanted.headers.at(bytes, headersAt, cursor)
    }
    let start = -1
    if ((bits & recordBits.nullValue) === 0) {
      start = cursor + 4
      cursor = start + bytes.readUInt32LE(cursor)
    }
    if (place < wanted.from) continue
    if (start !== -1) left -= cursor - start
    if (left < 0 && records.length > 0) return place
    records.push({ offset: offset(place), appendTimeMs, key, headers, bytes, start, end: start === -1 ? -1 : cursor })
  }
  return end
}

/** Decodes the whole frames in `bytes[0, length)` until `maxBytes` of values are reached. Throws `logFormat` for a damaged one. */
export const decodeFrames = (bytes: Buffer, length: number, path: string, wanted: DecodeWanted): Decoded => {
  const records: LogRecord[] = []
  let position = 0
  let next = wanted.from
  let room = wanted.maxBytes
  for (;;) {
    const frame = frameLength(bytes, position, length)
    if (frame === 0 || position + frame > length) break
    const end = frameBase(bytes, position) + frameRecords(bytes, position)
    if (end > wanted.from) {
      if (!isFrameWhole(bytes, position, frame)) {
        throw errors.logFormat({ path, reason: `the frame of offset ${next} is damaged` })
      }
      next = decodeFrame(bytes, position, end, wanted, room, records)
      if (next < end) break
      // Values and what surrounds them: never more than is asked for, and no second look at each record.
      room -= frame
      if (room < 0) {
        position += frame
        break
      }
    }
    position += frame
  }
  return { records, position, next }
}
