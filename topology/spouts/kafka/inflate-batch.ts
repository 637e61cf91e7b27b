/** The records of a compressed batch, off this thread, bounded. What Node cannot undo is class `stop`. */
import { promisify } from 'node:util'
import { gunzip, type ZlibOptions, type ZstdOptions, zstdDecompress } from 'node:zlib'
import { errors } from '../../model/errors.ts'

export interface PlaceInLog {
  readonly log: string
  readonly partition: number
  readonly offset: number
}

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
// A batch of the largest size that a broker takes by default (1 MiB) holds this when it is all one letter.
const inflatedBytesMax = 1_073_741_824

const gunzipped = promisify<Buffer, ZlibOptions, Buffer>(gunzip)

/** The bytes of one frame and how many bytes it took. */
const zstdFrame = (bytes: Buffer): Promise<{ readonly buffer: Buffer; readonly taken: number }> =>
  new Promise((resolve, reject) => {
    const options: ZstdOptions = { info: true, maxOutputLength: inflatedBytesMax }
    zstdDecompress(bytes, options, (error, result) => {
      if (error !== null) return reject(error)
      const { buffer, engine } = result as unknown as { buffer: Buffer; engine: { bytesWritten: number } } // what `info` gives
      resolve({ buffer, taken: engine.bytesWritten })
    })
  })

/** Node ends at the first frame; writers that flush leave several. */
const unzstd = async (bytes: Buffer): Promise<Buffer> => {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const { buffer, taken } = await zstdFrame(bytes.subarray(at))
    if (taken <= 0) break
    parts.push(buffer)
    at += taken
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

export const inflateBatch = async (codec: number, bytes: Buffer, place: PlaceInLog): Promise<Buffer> => {
  const name = codecs[codec] ?? `codec ${codec}`
  if (name !== 'gzip' && name !== 'zstd') throw errors.logCodec({ ...place, codec: name })
  try {
    return name === 'gzip' ? await gunzipped(bytes, { maxOutputLength: inflatedBytesMax }) : await unzstd(bytes)
  } catch (cause) {
    const reason = `the batch of offset ${place.offset} cannot be decompressed (${name})`
    throw errors.logFormat({ path: `${place.log}/${place.partition}`, reason }, cause)
  }
}
