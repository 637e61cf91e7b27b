/**
 * Avro object container files: a head that holds the schema, then blocks of values with their number and size.
 *
 * The same head and values give the same bytes: blocks end by size alone, the sync marker is derived from the head, the
 * codec writes neither a clock nor a system (I-7).
 */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib'
import { isCompressedAtOnce } from '../compress-at-once.ts'
import { AvroInput } from './avro-input.ts'
import { AvroOutput } from './avro-output.ts'
import { MalformedAvro } from './malformed-avro.ts'

export const avroCodecs = ['deflate', 'none'] as const
export type AvroCodec = (typeof avroCodecs)[number]

export interface AvroHead {
  /** JSON text. */
  readonly schema: string
  readonly codec: AvroCodec
  readonly sync: Uint8Array
}

const magic = Buffer.from('Obj\x01', 'latin1')
const syncBytes = 16
// Plain bytes of a block: a reader holds one, and a compressor finds what repeats.
const blockBytes = 262_144
// A block of ours ends behind the value that fills it.
const plainBlockMax = 67_108_864

const deflateOnThread = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw)
const inflateOnThread = promisify<Uint8Array, ZlibOptions, Buffer>(inflateRaw)
const deflateOptions: ZlibOptions = { level: 1, memLevel: 9 }
const inflateOptions: ZlibOptions = { maxOutputLength: plainBlockMax }

const deflated = async (plain: Uint8Array): Promise<Uint8Array> =>
  isCompressedAtOnce() ? deflateRawSync(plain, deflateOptions) : deflateOnThread(plain, deflateOptions)

const inflated = async (stored: Uint8Array): Promise<Uint8Array> =>
  isCompressedAtOnce() ? inflateRawSync(stored, inflateOptions) : inflateOnThread(stored, inflateOptions)

/** `name`: of the file; two files of one schema have different markers. */
export const avroHead = (schema: string, codec: AvroCodec, name: string): AvroHead => ({
  schema,
  codec,
  sync: createHash('sha256').update(`${name}\n${schema}`).digest().subarray(0, syncBytes),
})

const codecNames: Readonly<Record<AvroCodec, string>> = { deflate: 'deflate', none: 'null' }

const headBytes = ({ schema, codec, sync }: AvroHead): Uint8Array => {
  const output = new AvroOutput()
  output.raw(magic)
  output.long(2)
  output.string('avro.schema')
  output.string(schema)
  output.string('avro.codec')
  output.string(codecNames[codec])
  output.long(0)
  output.raw(sync)
  return Uint8Array.from(output.bytes)
}

/** Writes values into an output, and yields after each: a block can end there. They come as they are at hand, in runs. */
export type AvroValues = (output: AvroOutput) => AsyncIterable<Iterable<void>>

/** The pieces of a file. */
export async function* avroFile(head: AvroHead, values: AvroValues): AsyncGenerator<Uint8Array, void> {
  yield headBytes(head)
  const output = new AvroOutput()
  let count = 0
  for await (const run of values(output)) {
    for (const _written of run) {
      count++
      if (output.length < blockBytes) continue
      yield await block(head, output.bytes, count)
      output.clear()
      count = 0
    }
  }
  if (count > 0) yield await block(head, output.bytes, count)
}

const block = async ({ codec, sync }: AvroHead, plain: Uint8Array, count: number): Promise<Uint8Array> => {
  const stored = codec === 'none' ? plain : await deflated(plain)
  const output = new AvroOutput()
  output.long(count)
  output.long(stored.length)
  output.raw(stored)
  output.raw(sync)
  return Uint8Array.from(output.bytes)
}

export interface AvroBlock {
  readonly count: number
  readonly bytes: Uint8Array
}

export interface AvroFile {
  readonly head: AvroHead
  /** One after the other. Throws where the file is damaged. */
  blocks(): AsyncIterable<AvroBlock>
}

/** Throws `MalformedAvro` when the bytes begin with no such file. */
export const readAvroFile = (bytes: Uint8Array): AvroFile => {
  const input = new AvroInput()
  input.use(bytes, 0, bytes.length)
  const at = input.take(magic.length)
  if (!magic.equals(bytes.subarray(at, input.at))) throw new MalformedAvro('it is no Avro container file')
  const head = readHead(input)
  return { head, blocks: () => blocksOf(bytes, input.at, head) }
}

const readHead = (input: AvroInput): AvroHead => {
  const text = (): string => {
    const length = input.length()
    const at = input.take(length)
    return Buffer.from(input.bytes.subarray(at, at + length)).toString()
  }
  const values = new Map<string, string>()
  for (let count = input.blockCount(); count > 0; count = input.blockCount())
    for (; count > 0; count--) values.set(text(), text())
  const at = input.take(syncBytes)
  const schema = values.get('avro.schema')
  const name = values.get('avro.codec') ?? 'null'
  const codec = avroCodecs.find((one) => codecNames[one] === name)
  if (schema === undefined) throw new MalformedAvro('its head holds no schema')
  if (codec === undefined) throw new MalformedAvro(`codec ${name} is not known`)
  return { schema, codec, sync: input.bytes.slice(at, at + syncBytes) }
}

async function* blocksOf(bytes: Uint8Array, from: number, { codec, sync }: AvroHead): AsyncIterable<AvroBlock> {
  const input = new AvroInput()
  input.use(bytes, from, bytes.length)
  while (input.at < bytes.length) {
    const count = Number(input.long())
    const length = input.length()
    const at = input.take(length)
    const stored = bytes.subarray(at, at + length)
    const end = input.take(syncBytes)
    if (Buffer.compare(bytes.subarray(end, end + syncBytes), sync) !== 0)
      throw new MalformedAvro('a block does not end with the marker of the file')
    yield { count, bytes: codec === 'none' ? stored : await inflated(stored) }
  }
}
