/** Record batches of Kafka's format version 2, made by hand, and what reads them. */
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { crc32c } from '../../../topology/spouts/kafka/crc32c.ts'
import type { AbortedTransaction, FetchedBytes } from '../../../topology/spouts/kafka/fetch-records.ts'
import { createKeptHeaders, createKeptKeys } from '../../../topology/spouts/kafka/kept-texts.ts'
import { RecordBatches } from '../../../topology/spouts/kafka/record-batches.ts'

export interface GivenRecord {
  /** Distance from the batch's base offset. */
  readonly delta: number
  readonly value: string | null
  readonly key?: string | null
  readonly headers?: readonly (readonly [string, string | null])[]
  readonly timeDelta?: number
}

export interface GivenBatch {
  readonly base: number
  readonly records: readonly GivenRecord[]
  readonly lastDelta?: number
  readonly codec?: 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly leaderEpoch?: number
  readonly logTime?: boolean
  readonly control?: boolean
  readonly transactional?: boolean
  readonly producerId?: number
  readonly magic?: number
}

export const baseTimeMs = 1_700_000_000_000
export const maxTimeMs = baseTimeMs + 5_000

const codecs = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const

const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value >= 0 ? BigInt(value) * 2n : BigInt(-value) * 2n - 1n
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

const text = (value: string | null): Buffer => {
  if (value === null) return varint(-1)
  const bytes = Buffer.from(value)
  return Buffer.concat([varint(bytes.length), bytes])
}

const encodeRecord = ({ delta, value, key = null, headers = [], timeDelta = 0 }: GivenRecord): Buffer => {
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(timeDelta),
    varint(delta),
    text(key),
    text(value),
    varint(headers.length),
    ...headers.flatMap(([name, each]) => [text(name), text(each)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

const compress = (codec: GivenBatch['codec'], bytes: Buffer): Buffer => {
  if (codec === 'gzip') return gzipSync(bytes)
  if (codec !== 'zstd') return bytes
  // As a writer that flushes leaves it: two frames.
  const middle = bytes.length >> 1
  return Buffer.concat([zstdCompressSync(bytes.subarray(0, middle)), zstdCompressSync(bytes.subarray(middle))])
}

export const encodeBatch = (batch: GivenBatch): Buffer => {
  const records = compress(batch.codec, Buffer.concat(batch.records.map(encodeRecord)))
  const bytes = Buffer.alloc(61 + records.length)
  const attributes =
    (batch.codec === undefined ? 0 : codecs[batch.codec]) |
    (batch.logTime === true ? 8 : 0) |
    (batch.transactional === true ? 16 : 0) |
    (batch.control === true ? 48 : 0)
  bytes.writeBigInt64BE(BigInt(batch.base), 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt32BE(batch.leaderEpoch ?? 0, 12)
  bytes.writeInt8(batch.magic ?? 2, 16)
  bytes.writeInt16BE(attributes, 21)
  bytes.writeInt32BE(batch.lastDelta ?? batch.records.at(-1)?.delta ?? 0, 23)
  bytes.writeBigInt64BE(BigInt(baseTimeMs), 27)
  bytes.writeBigInt64BE(BigInt(maxTimeMs), 35)
  bytes.writeBigInt64BE(BigInt(batch.producerId ?? -1), 43)
  bytes.writeInt32BE(batch.records.length, 57)
  records.copy(bytes, 61)
  bytes.writeUInt32BE(crc32c(bytes, 21), 17)
  return bytes
}

/** An answer with these batches; `cutBytes` are missing at its end. */
export const fetched = (
  batches: readonly GivenBatch[],
  { cutBytes = 0, aborted = [] }: { cutBytes?: number; aborted?: readonly AbortedTransaction[] } = {},
): FetchedBytes => {
  const front = Buffer.from('what stands before the batches in the answer')
  const bytes = Buffer.concat([front, ...batches.map(encodeBatch)])
  return { bytes, start: front.length, end: bytes.length - cutBytes, logEnd: 0, aborted }
}

export const reading = (given: FetchedBytes, from = 0): RecordBatches => {
  const texts = { keys: createKeptKeys(), headers: createKeptHeaders() }
  return new RecordBatches(given, from, { log: 'events', partition: 3 }, texts)
}

export const values = (
  records: readonly { readonly bytes: Uint8Array; readonly start: number; readonly end: number }[],
): readonly (string | null)[] =>
  records.map(({ bytes, start, end }) => (start === -1 ? null : Buffer.from(bytes.subarray(start, end)).toString()))

export const offsets = (records: readonly { readonly offset: number }[]): readonly number[] =>
  records.map((record) => record.offset)

/** `count` records one behind the other. */
export const run = (count: number, prefix = 'v'): readonly GivenRecord[] =>
  Array.from({ length: count }, (_, delta) => ({ delta, value: `${prefix}${delta}` }))
