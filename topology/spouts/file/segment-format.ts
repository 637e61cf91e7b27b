/**
 * The bytes of a segment file, format version 1. All numbers are little-endian; offsets and times are doubles, exact
 * below 2^53.
 *
 * A segment is a header and frames. A frame holds consecutive records of one append and stands for itself: a checksum
 * over all of it, its first offset, its append time. A record that repeats the key or the headers of the record before
 * it in its frame says so in a bit, so that runs of one project cost neither bytes nor decoding.
 *
 * ```
 * segment   "SPILLWAY" | version u32 | partition u32 | base f64 | last append time before base f64 | crc u32 | 0 u32
 * frame     crc u32 | body bytes u32 | first offset f64 | append time f64 | records u32 | 0 u32 | body
 * record    bits u8 | [key bytes u32 | key] | [headers bytes u32 | headers] | [value bytes u32 | value]
 * headers   (name bytes u32 | name | value bytes u32 | value) repeated
 * ```
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { errors } from '../../model/errors.ts'

export const formatVersion = 1
export const segmentHeaderBytes = 40
export const frameHeaderBytes = 32
// Frames of about 64 KiB: small beside a fetch of 1 MiB, of which half a frame is read twice; large beside their header.
export const frameBytesTarget = 65_536
// A value and its key with headers have at most 1 MiB each; more than twice that is not a length but damage.
const frameBytesMax = 4_194_304

/** Bits of a record. Without its bit, key or headers are those of the record before it in the frame. */
export const recordBits = { key: 1, nullKey: 2, headers: 4, nullValue: 8 } as const

const magic = 'SPILLWAY'
const suffix = '.segment'

export interface SegmentHeader {
  readonly base: number
  /** Append time of the last record before this segment, ms; 0 when there is none. */
  readonly timeBeforeMs: number
}

/** Sixteen digits hold every offset, so that names sort as offsets do. */
export const segmentPath = (folder: string, base: number): string =>
  join(folder, `${String(base).padStart(16, '0')}${suffix}`)

/** First offsets of the segments among the names of a folder, ascending. */
export const segmentBases = (names: readonly string[]): number[] =>
  names.filter((name) => /^\d{16}\.segment$/.test(name)).map((name) => Number(name.slice(0, -suffix.length)))

export const encodeSegmentHeader = (partition: number, header: SegmentHeader): Buffer => {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  bytes.write(magic, 0, 'latin1')
  bytes.writeUInt32LE(formatVersion, 8)
  bytes.writeUInt32LE(partition, 12)
  bytes.writeDoubleLE(header.base, 16)
  bytes.writeDoubleLE(header.timeBeforeMs, 24)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 32)), 32)
  return bytes
}

/** `undefined` when the bytes are no whole header; throws `logFormat` for a version or place that is not this one. */
export const decodeSegmentHeader = (bytes: Buffer, path: string, partition: number): SegmentHeader | undefined => {
  if (bytes.length < segmentHeaderBytes || bytes.toString('latin1', 0, 8) !== magic) return undefined
  if (bytes.readUInt32LE(32) !== crc32(bytes.subarray(0, 32))) return undefined
  const version = bytes.readUInt32LE(8)
  if (version !== formatVersion) {
    throw errors.logFormat({ path, reason: `format version ${version}; this is version ${formatVersion}` })
  }
  const found = bytes.readUInt32LE(12)
  if (found !== partition) throw errors.logFormat({ path, reason: `a segment of partition ${found}, not ${partition}` })
  return { base: bytes.readDoubleLE(16), timeBeforeMs: bytes.readDoubleLE(24) }
}

/** Bytes of the frame at `at` by its header; 0 when what stands there cannot be a frame or is cut off by `end`. */
export const frameLength = (bytes: Buffer, at: number, end: number): number => {
  if (at + frameHeaderBytes > end) return 0
  const bodyBytes = bytes.readUInt32LE(at + 4)
  return bodyBytes === 0 || bodyBytes > frameBytesMax ? 0 : frameHeaderBytes + bodyBytes
}

/** Checksum of a frame: the body first, because it is known before the offset is. */
export const frameChecksum = (bytes: Buffer, at: number, bodyChecksum: number): number =>
  crc32(bytes.subarray(at + 4, at + frameHeaderBytes), bodyChecksum)

export const isFrameWhole = (bytes: Buffer, at: number, length: number): boolean => {
  const bodyChecksum = crc32(bytes.subarray(at + frameHeaderBytes, at + length))
  return bytes.readUInt32LE(at) === frameChecksum(bytes, at, bodyChecksum)
}

export const frameBase = (bytes: Buffer, at: number): number => bytes.readDoubleLE(at + 8)
export const frameTimeMs = (bytes: Buffer, at: number): number => bytes.readDoubleLE(at + 16)
export const frameRecords = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at + 24)
