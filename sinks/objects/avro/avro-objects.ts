/**
 * Objects as Avro container files: lines in, a file out, and back.
 *
 * A file carries the schema of exactly the events that it is written from, and keeps it when a delete takes some of them
 * out: its name, and the deletes, determine its bytes (I-7). Two readings of the lines, one for the schema and one for
 * the values; a block and the schema are all that is in memory beside what the store is given (I-6).
 */
import {
  type AvroBlock,
  type AvroCodec,
  type AvroFile,
  type AvroValues,
  avroFile,
  avroHead,
  readAvroFile,
} from '../../../topology/formats/avro/avro-container.ts'
import { AvroInput } from '../../../topology/formats/avro/avro-input.ts'
import { compileAvro } from '../../../topology/formats/avro/compile-avro.ts'
import { JsonOutput } from '../../../topology/formats/avro/json-output.ts'
import type { Transcode } from '../../../topology/formats/avro/logical-text.ts'
import type { JsonValue } from '../../../topology/model/json.ts'
import type { ObjectBody } from '../../../topology/model/ports/object-store.ts'
import { EventShape } from './value-shape.ts'
import { eventWriter } from './value-writer.ts'

export interface AvroObjectName {
  readonly key: string
  readonly collection: string
  readonly codec: AvroCodec
}

/** The file of some lines. `plain` gives the same lines each time. */
export const avroBody = async (plain: ObjectBody, { key, collection, codec }: AvroObjectName): Promise<ObjectBody> => {
  const shape = new EventShape()
  for await (const events of eventsIn(plain)) for (const event of events) shape.add(event)
  const writer = eventWriter(shape.root, collection)
  const head = avroHead(JSON.stringify(writer.schema), codec, key)
  const values: AvroValues = async function* (output) {
    for await (const events of eventsIn(plain))
      yield (function* () {
        for (const event of events) yield writer.write(output, event, 0)
      })()
  }
  return () => avroFile(head, values)
}

/** Events of the lines, block by block: those whose line ends there. */
async function* eventsIn(plain: ObjectBody): AsyncGenerator<Iterable<JsonValue>, void> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const block of plain()) {
    const end = block.lastIndexOf(lineFeed) + 1
    if (end === 0) {
      rest = Buffer.concat([rest, block])
      continue
    }
    yield parsedLines(Buffer.concat([rest, block.subarray(0, end)]))
    rest = block.slice(end)
  }
  if (rest.length > 0) yield parsedLines(Buffer.from(rest))
}

const lineFeed = 0x0a

function* parsedLines(bytes: Buffer): Generator<JsonValue, void> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start)
    const end = found < 0 ? bytes.length : found
    yield JSON.parse(bytes.toString('utf8', start, end))
    start = end + 1
  }
}

/** Values of a block as lines, and where each ends in both forms. */
interface BlockLines {
  readonly lines: Uint8Array
  readonly lineEnds: readonly number[]
  readonly valueEnds: readonly number[]
}

// A block holds one event beyond its size at most; names that repeat make lines longer than values.
const linesBytesMax = 1_073_741_824

const linesOf = ({ count, bytes }: AvroBlock, read: Transcode): BlockLines => {
  const input = new AvroInput()
  const output = new JsonOutput(linesBytesMax)
  const [lineEnds, valueEnds]: [number[], number[]] = [[], []]
  input.use(bytes, 0, bytes.length)
  output.begin()
  for (let value = 0; value < count; value++) {
    read(input, output, 0)
    output.byte(lineFeed)
    lineEnds.push(output.end - output.start)
    valueEnds.push(input.at)
  }
  if (input.at < bytes.length) throw new Error('bytes are left behind the values of a block')
  return { lines: output.bytes.subarray(output.start, output.end), lineEnds, valueEnds }
}

const readerOf = ({ head }: AvroFile): Transcode => compileAvro(JSON.parse(head.schema), { isOwn: true })

/** All of a file as lines. Throws when it is damaged. */
export const avroLines = async (bytes: Uint8Array): Promise<Uint8Array> => {
  const file = readAvroFile(bytes)
  const read = readerOf(file)
  const all: Uint8Array[] = []
  for await (const block of file.blocks()) all.push(linesOf(block, read).lines)
  return Buffer.concat(all)
}

/** Says of the line `[start, end)` of some bytes whether it stays. */
export type KeepsLine = (start: number, end: number) => boolean

/** The same file with the values that stay, in the bytes that they have; `lookAt` is given the lines of each block. */
export const avroWithout = (bytes: Uint8Array, lookAt: (lines: Uint8Array) => KeepsLine): ObjectBody => {
  const file = readAvroFile(bytes)
  const read = readerOf(file)
  const values: AvroValues = async function* (output) {
    for await (const block of file.blocks()) {
      const { lines, lineEnds, valueEnds } = linesOf(block, read)
      const keeps = lookAt(lines)
      yield (function* () {
        for (const [index, end] of valueEnds.entries()) {
          if (!keeps(index === 0 ? 0 : lineEnds[index - 1]!, lineEnds[index]!)) continue
          yield output.raw(block.bytes.subarray(index === 0 ? 0 : valueEnds[index - 1]!, end))
        }
      })()
    }
  }
  return () => avroFile(file.head, values)
}
