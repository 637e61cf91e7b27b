/**
 * What an object's bytes can be: lines of JSON in a compressed file, or an Avro container file. Both are written from the
 * lines of an epoch and can be read as lines again; which one an object is follows from its key.
 */
import type { AvroCodec } from '../../topology/formats/avro/avro-container.ts'
import type { ObjectBody } from '../../topology/model/ports/object-store.ts'
import { avroBody, avroLines, avroWithout } from './avro/avro-objects.ts'
import {
  type Compression,
  compressionOf,
  compressionSuffix,
  decompress,
  type EncodedObject,
  encodeObject,
  hashObject,
} from './compress-object.ts'
import { type KeptLines, LinesToKeep, linesWithout } from './lines-without.ts'

export type ObjectFormat =
  | { readonly format: 'ndjson'; readonly compression: Compression }
  | { readonly format: 'avro'; readonly compression: AvroCodec }

const avroSuffix = '.avro'

/** The end of the names of such objects. */
export const formatSuffix = ({ format, compression }: ObjectFormat): string =>
  format === 'avro' ? avroSuffix : `.ndjson${compressionSuffix[compression]}`

export interface PlainObject {
  readonly key: string
  readonly collection: string
  /** Lines; the same ones each time. */
  readonly plain: ObjectBody
  readonly plainBytes: number
}

export const formatObject = async (
  { format, compression }: ObjectFormat,
  { key, collection, plain, plainBytes }: PlainObject,
): Promise<EncodedObject> => {
  if (format === 'ndjson') return encodeObject(plain, plainBytes, compression)
  const body = await avroBody(plain, { key, collection, codec: compression })
  return hashObject(body, compression !== 'none')
}

/** The lines of an object. Throws when its bytes are damaged. */
export const decodeObject = (key: string, bytes: Uint8Array): Promise<Uint8Array> =>
  key.endsWith(avroSuffix) ? avroLines(bytes) : decompress(key, bytes)

export interface ReducedObject extends KeptLines {
  /** What the object becomes. */
  readonly encode: () => Promise<EncodedObject>
}

/** An object without the events at some offsets, which ascend. */
export const objectWithout = async (key: string, bytes: Uint8Array, offsets: Float64Array): Promise<ReducedObject> => {
  if (key.endsWith(avroSuffix)) return avroObjectWithout(bytes, offsets)
  const plain = await decompress(key, bytes)
  // Where nothing is compressed, these are the bytes that the store gave: not ours to change.
  const kept = linesWithout(plain === bytes ? new Uint8Array(plain) : plain, offsets)
  const encode = (): Promise<EncodedObject> =>
    encodeObject(() => blocksOf(kept.bytes), kept.bytes.length, compressionOf(key))
  return { count: kept.count, removed: kept.removed, encode }
}

const avroObjectWithout = async (bytes: Uint8Array, offsets: Float64Array): Promise<ReducedObject> => {
  let [count, removed] = [0, 0]
  const body = avroWithout(bytes, (lines) => {
    const keeper = new LinesToKeep(lines, offsets)
    return (start, end) => {
      const isKept = keeper.keeps(start, end)
      if (isKept) count++
      else removed++
      return isKept
    }
  })
  const encoded = await hashObject(body, true)
  return { count, removed, encode: async () => encoded }
}

// What a compressor makes of the bytes depends on how they are cut.
const blockBytes = 262_144

async function* blocksOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += blockBytes) yield bytes.subarray(from, from + blockBytes)
}
