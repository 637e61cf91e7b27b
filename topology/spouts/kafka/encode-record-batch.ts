/** Records as one batch of Kafka's format version 2, uncompressed; who sends it is stamped in before each sending. */
import type { Headers, NewRecord } from '../../model/record.ts'
import { crc32c } from './crc32c.ts'

const headerBytes = 61
// Length, attributes, two deltas, and the lengths of key, value and headers: at most five bytes each.
const frameBytesMax = 32

const sizeOfNumber = (value: number): number => (value < 64 ? 1 : value < 8_192 ? 2 : value < 1_048_576 ? 3 : 5)

/** Writes a number of at least -1 as zigzag; gives the place behind it. */
const putNumber = (bytes: Buffer, at: number, value: number): number => {
  let place = at
  // Lengths stay far below 2^30.
  let rest = value < 0 ? 1 : value * 2
  for (; rest > 0x7f; rest >>>= 7) bytes[place++] = (rest & 0x7f) | 0x80
  bytes[place] = rest
  return place + 1
}

const numberLength = (value: number): number => {
  let length = 1
  for (let rest = value < 0 ? 1 : value * 2; rest > 0x7f; rest >>>= 7) length += 1
  return length
}

const encodeHeaders = (headers: Headers): Buffer => {
  const texts = headers.flat().map((text) => Buffer.from(text))
  const size = texts.reduce((sum, text) => sum + sizeOfNumber(text.length) + text.length, 5)
  const bytes = Buffer.allocUnsafe(size)
  let at = putNumber(bytes, 0, headers.length)
  for (const text of texts) {
    at = putNumber(bytes, at, text.length)
    at += text.copy(bytes, at)
  }
  return bytes.subarray(0, at)
}

/** Keys and headers as bytes; a run of equal ones is encoded once. */
class TextBytes {
  #key: string | null = null
  #keyBytes: Buffer | undefined
  #headers: Headers = []
  #headerBytes: Buffer = encodeHeaders([])

  key(key: string | null): Buffer | undefined {
    if (key !== this.#key) {
      this.#key = key
      this.#keyBytes = key === null ? undefined : Buffer.from(key)
    }
    return this.#keyBytes
  }

  headers(headers: Headers): Buffer {
    if (headers !== this.#headers) {
      if (!isSame(headers, this.#headers)) this.#headerBytes = encodeHeaders(headers)
      this.#headers = headers
    }
    return this.#headerBytes
  }
}

const isSame = (left: Headers, right: Headers): boolean =>
  left.length === right.length &&
  left.every(([name, value], index) => name === right[index]![0] && value === right[index]![1])

/** Bytes that the record takes in a batch, or a few more. */
export const encodedBytesMost = ({ key, headers, value }: NewRecord): number => {
  let bytes = frameBytesMax + (value?.length ?? 0) + (key === null ? 0 : key.length * 3)
  for (const [name, text] of headers) bytes += (name.length + text.length) * 3 + 10
  return bytes
}

export interface Sender {
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Number of the first record among all that this producer has sent to the partition. */
  readonly sequence: number
}

export const encodeRecordBatch = (records: readonly NewRecord[], timeMs: number): Buffer => {
  const bytes = Buffer.allocUnsafe(records.reduce((sum, record) => sum + encodedBytesMost(record), headerBytes))
  const texts = new TextBytes()
  let at = headerBytes
  records.forEach(({ key, headers, value }, index) => {
    const keyBytes = texts.key(key)
    const headersBytes = texts.headers(headers)
    const [keyLength, valueLength] = [keyBytes?.length ?? -1, value?.length ?? -1]
    const length =
      2 +
      numberLength(index) +
      numberLength(keyLength) +
      Math.max(0, keyLength) +
      numberLength(valueLength) +
      Math.max(0, valueLength) +
      headersBytes.length
    at = putNumber(bytes, at, length)
    bytes[at] = 0
    bytes[at + 1] = 0
    at = putNumber(bytes, at + 2, index)
    at = putNumber(bytes, at, keyLength)
    if (keyBytes !== undefined) at += keyBytes.copy(bytes, at)
    at = putNumber(bytes, at, valueLength)
    if (value !== null) {
      bytes.set(value, at)
      at += value.length
    }
    at += headersBytes.copy(bytes, at)
  })
  const batch = bytes.subarray(0, at)
  batch.writeBigInt64BE(0n, 0)
  batch.writeInt32BE(at - 12, 8)
  batch.writeInt32BE(-1, 12)
  batch.writeInt8(2, 16)
  batch.writeInt16BE(0, 21)
  batch.writeInt32BE(records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(timeMs), 27)
  batch.writeBigInt64BE(BigInt(timeMs), 35)
  batch.writeInt32BE(records.length, 57)
  return batch
}

/** Says who sends the batch; its bytes are then ready. */
export const stampBatch = (batch: Buffer, { producerId, producerEpoch, sequence }: Sender): void => {
  batch.writeBigInt64BE(producerId, 43)
  batch.writeInt16BE(producerEpoch, 51)
  batch.writeInt32BE(sequence, 53)
  batch.writeUInt32BE(crc32c(batch, 21), 17)
}
