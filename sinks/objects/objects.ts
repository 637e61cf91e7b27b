/**
 * Archives events as objects of NDJSON or Avro by project, hour of append time and collection.
 *
 * Lines are the records' own bytes, Avro is made of them. Outputs are spilled plain and compressed at close; the names, bounds and parts of
 * objects follow from what the ledger declared, so each event is in one object whatever crashes (I-1, I-2).
 */
import { type AvroCodec, avroCodecs } from '../../topology/formats/avro/avro-container.ts'
import { errors } from '../../topology/model/errors.ts'
import type { Event } from '../../topology/model/event.ts'
import { knobs } from '../../topology/model/knobs.ts'
import { encodeKeyPart } from '../../topology/model/names.ts'
import type { SpillFile } from '../../topology/model/ports/spill-disk.ts'
import { parseBytes, parseDuration } from '../../topology/model/quantity.ts'
import { orStandIn } from '../../topology/model/refusal.ts'
import { defineSink, type Sink, type SinkContext, type SinkWriter } from '../../topology/model/sink.ts'
import { blockLevel } from '../rows/block-catalogue.ts'
import { KnownPartitions } from '../rows/known-partitions.ts'
import { catalogueOfPartitions } from '../rows/partition-catalogue.ts'
import { type Compression, compressions } from './compress-object.ts'
import type { ObjectFormat } from './object-formats.ts'
import { manifestTable, objectTable } from './object-manifest.ts'
import { OpenObjectEpoch } from './open-object-epoch.ts'
import { openSpillFile } from './spill-file.ts'
import { spillRoomOf } from './spill-room.ts'

export interface ObjectsOptions {
  /** Default `ndjson`. `avro`: container files with the schema of their own events. */
  readonly format?: 'ndjson' | 'avro'
  /** Of NDJSON `gzip` (default), `zstd` or `none`; of Avro `deflate` (default) or `none`. */
  readonly compression?: Compression | AvroCodec
  /** When outputs close. Texts with a unit (`"32 MiB"`, `"5 minutes"`), or numbers of bytes and ms. */
  readonly rotate?: {
    /** Size of a part, before compression. Default 32 MiB. */
    readonly bytes?: string | number
    /** Age of the oldest record of an epoch. Default 5 minutes. */
    readonly age?: string | number
    /** Quiet time of a lane. Default 1 minute. */
    readonly idle?: string | number
  }
}

/** Declares an archive. Throws `badConfiguration` with all problems of the options. */
export const objects = (options: ObjectsOptions = {}): Sink<Event<unknown>> =>
  orStandIn(
    () => objectsOf(options),
    () => objectsOf({}),
  )

const objectsOf = (options: ObjectsOptions): Sink<Event<unknown>> => {
  const problems: string[] = []
  const format = readFormat(options, problems)
  problems.push(...unknownNames('objects()', options, ['format', 'compression', 'rotate']))
  const rotation = readRotation(options.rotate ?? {}, problems)
  if (problems.length > 0) throw errors.badConfiguration({ problem: problems.join('; ') })
  return defineSink<Event<unknown>>({
    sinkKind: 'objects',
    name: 'objects',
    doc: `objects of ${format.format === 'avro' ? 'Avro' : 'NDJSON'} by project, hour and collection; deletes rewrite them`,
    order: 'commutative',
    options: { ...format },
    knobs: rotation,
    epochAge: 'objects.ageMs',
    subtracts: true,
    tables: () => [manifestTable, objectTable, catalogueOfPartitions],
    open: async (context) => openWriter(context, format),
  })
}

/** Without problems it is what the options say; with some it is never used. */
const readFormat = ({ format = 'ndjson', compression }: ObjectsOptions, problems: string[]): ObjectFormat => {
  const known: readonly string[] = format === 'avro' ? avroCodecs : compressions
  if (format !== 'ndjson' && format !== 'avro')
    problems.push(`format ${JSON.stringify(format)} is not known: use "ndjson" or "avro"`)
  else if (compression !== undefined && !known.includes(compression))
    problems.push(`compression ${JSON.stringify(compression)} is not known for ${format}: use ${known.join(', ')}`)
  if (format === 'avro') return { format, compression: avroCodecs.find((one) => one === compression) ?? 'deflate' }
  return { format: 'ndjson', compression: compressions.find((one) => one === compression) ?? 'gzip' }
}

const rotationKnobs = [
  { name: 'bytes', knob: 'objects.targetBytes', parse: parseBytes },
  { name: 'age', knob: 'objects.ageMs', parse: parseDuration },
  { name: 'idle', knob: 'objects.idleMs', parse: parseDuration },
] as const

const readRotation = (rotate: NonNullable<ObjectsOptions['rotate']>, problems: string[]): Record<string, number> => {
  const values: Record<string, number> = {}
  for (const { name, knob, parse } of rotationKnobs) {
    const written = rotate[name]
    if (written === undefined) continue
    const value = parse(written)
    const bounds = knobs.get(knob)!
    if (typeof value === 'string') problems.push(`rotate.${name}: ${value}`)
    else if (value < bounds.min || value > bounds.max) {
      problems.push(
        `rotate.${name}: ${JSON.stringify(written)} is not within ${bounds.min} to ${bounds.max} ${bounds.unit}`,
      )
    } else values[knob] = value
  }
  problems.push(
    ...unknownNames(
      'rotate',
      rotate,
      rotationKnobs.map(({ name }) => name),
    ),
  )
  return values
}

const unknownNames = (of: string, value: object, known: readonly string[]): readonly string[] =>
  Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => `${of} has no option ${JSON.stringify(name)}: use ${known.join(', ')}`)

const openWriter = (context: SinkContext, format: ObjectFormat): SinkWriter<Event<unknown>> => {
  let epochs = 0
  const objectsAtOnce = (): number => context.knob('objects.inFlightRequests')
  const spillBytesMax = (): number => context.knob('memory.spillBytes')
  const { sink, rows, objects: store, disk, spillFolder } = context
  const spillRoom = spillRoomOf(store)
  const blocks = new KnownPartitions(rows, manifestTable.name, blockLevel)
  const place = {
    sink,
    objects: store,
    rows,
    blocks,
    format,
    objectsAtOnce,
    spillBytes: disk?.chunkBytes,
    spillRoom,
    spillBytesMax,
  }
  const openSpill = (name: string): Promise<SpillFile> => disk?.open(name) ?? openSpillFile(spillFolder, name)
  const prefix = [context.spout, context.sink].map(encodeKeyPart).join('~').slice(0, 180)
  return {
    openEpoch: () => {
      const name = `${prefix}~${context.partition}~${epochs++}`
      return new OpenObjectEpoch({ ...place, openSpill: () => openSpill(name) })
    },
    close: async () => {},
  }
}
