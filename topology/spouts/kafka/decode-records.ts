/**
 * Records of one batch, the hot loop of every reader: they point into the buffer that came from the socket, and what
 * repeats from record to record (keys, headers) is made once.
 *
 * Keeps I-1: a record is the same whatever else stood in the answer that brought it.
 */
import { isStorable } from '../../model/event-time.ts'
import { offset } from '../../model/position.ts'
import type { Headers, LogRecord } from '../../model/record.ts'
import { afterVarint, type KeptTexts, varintAt } from './kept-texts.ts'

export interface RecordTexts {
  readonly keys: KeptTexts<string>
  readonly headers: KeptTexts<Headers>
}

/** A batch that is being read. */
export interface OpenBatch {
  readonly bytes: Buffer
  /** One behind the last byte of the batch. */
  readonly end: number
  /** Where the next record begins. */
  at: number
  /** Records not read yet. */
  left: number
  readonly base: number
  readonly lastOffset: number
  readonly baseTimeMs: number
  /** Of a batch that the broker has stamped: the time of all its records. */
  readonly logTimeMs: number | undefined
  readonly leaderEpoch: number
}

export interface Room {
  /** Bytes of records that may still be taken; the first is always taken. */
  bytes: number
  records: number
}

const noHeaders: Headers = []

/** A zigzag number of up to 64 bits, exact up to 2^53. */
const varlongAt = (bytes: Uint8Array, at: number): number => {
  let value = 0
  let factor = 1
  for (let place = at; ; place += 1) {
    const byte = bytes[place]!
    value += (byte & 0x7f) * factor
    if (byte < 0x80) break
    factor *= 128
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

/** Producers count from elsewhere or in other units, or say nothing at all. */
const timeOf = (timeMs: number): number => (timeMs >= 0 && isStorable(timeMs) ? timeMs : -1)

/** Appends records at or above `from` while there is room; false when room has run out before the batch. Throws RangeError for damage. */
export const decodeRecords = (
  batch: OpenBatch,
  from: number,
  room: Room,
  texts: RecordTexts,
  records: LogRecord[],
): boolean => {
  const { bytes, end, base, baseTimeMs, logTimeMs } = batch
  while (batch.left > 0) {
    let at = batch.at
    // Numbers are of one or two bytes nearly always.
    let low = bytes[at]!
    let length = low < 0x80 ? (low >>> 1) ^ -(low & 1) : varintAt(bytes, at)
    at = low < 0x80 ? at + 1 : afterVarint(bytes, at)
    const recordEnd = at + length
    if (length < 6 || recordEnd > end) throw new RangeError('a record ends behind its batch')
    if (records.length > 0 && (recordEnd - batch.at > room.bytes || room.records === 0)) return false
    // Attributes of a record have no meaning yet.
    at += 1
    const timeAt = at
    at = bytes[at]! < 0x80 ? at + 1 : afterVarint(bytes, at)
    low = bytes[at]!
    const place = base + (low < 0x80 ? low >>> 1 : varintAt(bytes, at))
    at = low < 0x80 ? at + 1 : afterVarint(bytes, at)
    if (place >= from) {
      low = bytes[at]!
      length = low < 0x80 ? (low >>> 1) ^ -(low & 1) : varintAt(bytes, at)
      at = low < 0x80 ? at + 1 : afterVarint(bytes, at)
      let key: string | null = null
      if (length >= 0) {
        key = length === 0 ? '' : texts.keys.at(bytes, at, at + length)
        at += length
      }
      low = bytes[at]!
      length = low < 0x80 ? (low >>> 1) ^ -(low & 1) : varintAt(bytes, at)
      at = low < 0x80 ? at + 1 : afterVarint(bytes, at)
      const start = length < 0 ? -1 : at
      if (length > 0) at += length
      if (at >= recordEnd) throw new RangeError('a value ends behind its record')
      records.push({
        offset: offset(place),
        appendTimeMs: timeOf(logTimeMs ?? baseTimeMs + varlongAt(bytes, timeAt)),
        key,
        headers: bytes[at] === 0 ? noHeaders : texts.headers.at(bytes, at, recordEnd),
        bytes,
        start,
        end: length < 0 ? -1 : at,
      })
      room.bytes -= recordEnd - batch.at
      room.records -= 1
    }
    batch.at = recordEnd
    batch.left -= 1
  }
  return true
}
