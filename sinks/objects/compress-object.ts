/**
 * Turns blocks of plain lines into the bytes of an object, and back.
 *
 * The same lines give the same bytes: blocks have a fixed size, the gzip header names neither a clock nor a system, zstd is
 * one frame (Node reads no second one). Compressed bytes are kept in memory until the object is durable, so that a call
 * can be repeated; plain bytes are read from the spill again.
 */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import {
  constants,
  createGzip,
  createZstdCompress,
  gunzip,
  gunzipSync,
  gzipSync,
  type ZlibOptions,
  type ZstdOptions,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib'
import { isCompressedAtOnce } from '../../topology/formats/compress-at-once.ts'
import type { ObjectBody } from '../../topology/model/ports/object-store.ts'
import { bodyBytes } from './body-bytes.ts'

export const compressions = ['gzip', 'zstd', 'none'] as const
export type Compression = (typeof compressions)[number]

/** Behind `.ndjson` in a key. */
export const compressionSuffix: Readonly<Record<Compression, string>> = { gzip: '.gz', zstd: '.zst', none: '' }

export interface EncodedObject {
  readonly body: ObjectBody
  readonly byteLength: number
  /** Of the stored bytes, 64 hex digits. */
  readonly sha256: string
}

/** `plain` gives the same blocks each time; `plainBytes` is their length. */
export const encodeObject = async (
  plain: ObjectBody,
  plainBytes: number,
  compression: Compression,
): Promise<EncodedObject> => {
  if (compression === 'none') return hashObject(plain, false)
  return hashObject(() => compressed(plain, plainBytes, compression), true)
}

/** What the store is given of a body: as it was made once, if it is kept, else made again each time. */
export const hashObject = async (made: ObjectBody, isKept: boolean): Promise<EncodedObject> => {
  const hash = createHash('sha256')
  const kept: Uint8Array[] = []
  let byteLength = 0
  for await (const chunk of made()) {
    hash.update(chunk)
    byteLength += chunk.length
    if (isKept) kept.push(chunk)
  }
  return { body: isKept ? () => each(kept) : made, byteLength, sha256: hash.digest('hex') }
}

async function* each(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks
}

// Byte 9 of a gzip header is the system that made it (RFC 1952); 255 means unknown.
const systemAt = 9
const unknownSystem = 255

// DOMAIN section 9: level 1 costs little and NDJSON shrinks about tenfold already.
const gzipOptions: ZlibOptions = { level: 1, memLevel: 9, chunkSize: 65_536 }

async function* compressed(
  plain: ObjectBody,
  plainBytes: number,
  compression: 'gzip' | 'zstd',
): AsyncIterable<Uint8Array> {
  if (isCompressedAtOnce()) {
    yield compressedAtOnce(await bodyBytes(plain), compression)
    return
  }
  const compressor = compression === 'gzip' ? createGzip(gzipOptions) : zstdCompressor(plainBytes)
  const source = Readable.from(plain(), { objectMode: true })
  // pipe() does not pass errors on; the reader below must see that the source failed.
  source.on('error', (error) => compressor.destroy(error))
  const output: AsyncIterable<Buffer> = source.pipe(compressor)
  let position = 0
  for await (const chunk of output) {
    const place = systemAt - position
    if (compression === 'gzip' && place >= 0 && place < chunk.length) chunk[place] = unknownSystem
    position += chunk.length
    yield chunk
  }
}

const zstdOptions: ZstdOptions = {
  chunkSize: 65_536,
  params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
}

const zstdCompressor = (plainBytes: number): ReturnType<typeof createZstdCompress> =>
  createZstdCompress({ ...zstdOptions, pledgedSrcSize: plainBytes })

const compressedAtOnce = (plain: Uint8Array, compression: 'gzip' | 'zstd'): Uint8Array => {
  if (compression === 'zstd') return zstdCompressSync(plain, zstdOptions)
  const bytes = gzipSync(plain, gzipOptions)
  bytes[systemAt] = unknownSystem
  return bytes
}

const gunzipBytes = promisify<Uint8Array, { chunkSize: number }, Buffer>(gunzip)
const unzstdBytes = promisify<Uint8Array, { chunkSize: number }, Buffer>(zstdDecompress)
// Each piece of the result costs a call, and several pieces a copy of all.
const pieceBytesMin = 1_048_576
const pieceBytesMax = 67_108_864

/** The end of a gzip member tells its plain length (RFC 1952): then one piece holds all. */
const gzipPieceBytes = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const told = bytes.length < 4 ? 0 : view.getUint32(bytes.length - 4, true)
  return Math.min(pieceBytesMax, Math.max(pieceBytesMin, told + 1))
}

/** Plain bytes of lines; how it is compressed follows from its key. Throws when the bytes are damaged. */
export const decompress = async (key: string, bytes: Uint8Array): Promise<Uint8Array> => {
  // Node reports nothing at all for empty input.
  if (bytes.length === 0) return bytes
  const compression = compressionOf(key)
  if (compression === 'none') return bytes
  if (isCompressedAtOnce()) return compression === 'zstd' ? zstdDecompressSync(bytes) : gunzipSync(bytes)
  if (compression === 'zstd') return unzstdBytes(bytes, { chunkSize: pieceBytesMin })
  return gunzipBytes(bytes, { chunkSize: gzipPieceBytes(bytes) })
}

export const compressionOf = (key: string): Compression =>
  key.endsWith('.gz') ? 'gzip' : key.endsWith('.zst') ? 'zstd' : 'none'
