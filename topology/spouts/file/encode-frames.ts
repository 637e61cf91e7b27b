/**
 * Records to frames. The body and its checksum are made while the caller still waits its turn; only the offset and the
 * time are filled in under the write lock, so that the lock is held for little more than the write itself.
 *
 * All bytes are copied: the caller may use its buffers again as soon as `append` has returned its promise.
 */
import { crc32 } from 'node:zlib'
import type { Headers, NewRecord } from '../../model/record.ts'
import { frameBytesTarget, frameChecksum, frameHeaderBytes, recordBits } from './segment-format.ts'

interface Frame {
  readonly at: number
  readonly records: number
  readonly bodyChecksum: number
}

/** Frames of consecutive records of one partition, whose first offset and time are still open. */
export interface EncodedFrames {
  readonly bytes: Buffer
  readonly frames: readonly Frame[]
  readonly records: number
}

const lengthBytes = 4

const encodeHeaders = (headers: Headers): Buffer => {
  const parts: Buffer[] = []
  for (const texts of headers) {
    for (const text of texts) {
      const part = Buffer.from(text)
      const length = Buffer.alloc(lengthBytes)
      length.writeUInt32LE(part.length)
      parts.push(length, part)
    }
  }
  return Buffer.concat(parts)
}

class FrameEncoder {
  #bytes: Buffer
  #end = 0
  #frameAt = 0
  #frameRecords = 0
  readonly #frames: Frame[] = []
  // Of the record before, to tell what is repeated.
  #key: string | null = null
  #headers: Headers | undefined
  #headerBytes: Buffer = Buffer.alloc(0)

  constructor(bytesExpected: number) {
    this.#bytes = Buffer.allocUnsafeSlow(bytesExpected)
  }

  add(record: NewRecord): void {
    const isNewFrame = this.#frameRecords === 0
    const isNewHeaders = this.#turnTo(record.headers) || isNewFrame
    const isNewKey = isNewFrame || record.key !== this.#key
    this.#key = record.key
    // A UTF-16 code unit takes at most three bytes of UTF-8.
    const keyBytesMax = isNewKey && record.key !== null ? record.key.length * 3 : 0
    const valueBytes = record.value?.length ?? 0
    this.#makeRoom(frameHeaderBytes + 1 + 3 * lengthBytes + keyBytesMax + this.#headerBytes.length + valueBytes)
    if (isNewFrame) {
      this.#frameAt = this.#end
      this.#end += frameHeaderBytes
    }
    this.#put(record, isNewKey, isNewHeaders)
    this.#frameRecords += 1
    if (this.#end - this.#frameAt >= frameBytesTarget) this.#endFrame()
  }

  done(records: number): EncodedFrames {
    if (this.#frameRecords > 0) this.#endFrame()
    return { bytes: this.#bytes.subarray(0, this.#end), frames: this.#frames, records }
  }

  /** Whether these headers differ from those before; equal arrays are told by their identity, equal texts by their bytes. */
  #turnTo(headers: Headers): boolean {
    if (headers === this.#headers) return false
    this.#headers = headers
    const bytes = encodeHeaders(headers)
    if (bytes.equals(this.#headerBytes)) return false
    this.#headerBytes = bytes
    return true
  }

  #put(record: NewRecord, isNewKey: boolean, isNewHeaders: boolean): void {
    const bits =
      (isNewKey ? (record.key === null ? recordBits.nullKey : recordBits.key) : 0) |
      (isNewHeaders ? recordBits.headers : 0) |
      (record.value === null ? recordBits.nullValue : 0)
    this.#bytes[this.#end] = bits
    this.#end += 1
    if (isNewKey && record.key !== null) {
      const length = this.#bytes.write(record.key, this.#end + lengthBytes)
      this.#bytes.writeUInt32LE(length, this.#end)
      this.#end += lengthBytes + length
    }
    if (isNewHeaders) this.#putBytes(this.#headerBytes)
    if (record.value !== null) this.#putBytes(record.value)
  }

  #putBytes(bytes: Uint8Array): void {
    this.#bytes.writeUInt32LE(bytes.length, this.#end)
    this.#bytes.set(bytes, this.#end + lengthBytes)
    this.#end += lengthBytes + bytes.length
  }

  #makeRoom(bytes: number): void {
    const needed = this.#end + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }

  #endFrame(): void {
    const bodyAt = this.#frameAt + frameHeaderBytes
    this.#bytes.writeUInt32LE(this.#end - bodyAt, this.#frameAt + 4)
    this.#bytes.writeUInt32LE(this.#frameRecords, this.#frameAt + 24)
    this.#bytes.writeUInt32LE(0, this.#frameAt + 28)
    const bodyChecksum = crc32(this.#bytes.subarray(bodyAt, this.#end))
    this.#frames.push({ at: this.#frameAt, records: this.#frameRecords, bodyChecksum })
    this.#frameRecords = 0
  }
}

/** Encodes at least one record. */
export const encodeFrames = (records: readonly NewRecord[]): EncodedFrames => {
  // Room for values and little more is usually enough; the rest grows.
  let bytesExpected = 256
  for (const record of records) bytesExpected += (record.value?.length ?? 0) + 8
  const encoder = new FrameEncoder(bytesExpected + Math.ceil(bytesExpected / 512))
  for (const record of records) encoder.add(record)
  return encoder.done(records.length)
}

/** Gives the frames their place and time, and with them their checksums. */
export const sealFrames = (encoded: EncodedFrames, base: number, timeMs: number): void => {
  const { bytes } = encoded
  let next = base
  for (const frame of encoded.frames) {
    bytes.writeDoubleLE(next, frame.at + 8)
    bytes.writeDoubleLE(timeMs, frame.at + 16)
    bytes.writeUInt32LE(frameChecksum(bytes, frame.at, frame.bodyChecksum), frame.at)
    next += frame.records
  }
}
