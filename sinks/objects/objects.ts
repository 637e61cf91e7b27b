/**
 * Archives events as objects of NDJSON by project, hour of append time and collection.
 *
 * Lines are the records' own bytes. Outputs are spilled plain and compressed at close; the names, bounds and parts of
 * objects follow from what the ledger declared, so each event is in one object whatever crashes (I-1, I-2).
 */
import { errors } from '../../topology/model/errors.ts'
import type { Event } from '../../topology/model/event.ts'
import { knobs } from '../../topology/model/knobs.ts'
import { encodeKeyPart } from '../../topology/model/names.ts'
import { parseBytes, parseDuration } from '../../topology/model/quantity.ts'
import { orStandIn } from '../../topology/model/refusal.ts'
import { defineSink, type Sink, type SinkContext, type SinkWriter } from '../../topology/model/sink.ts'
import { type Compression, compressions } from './compress-object.ts'
import { manifestTable, objectTable } from './object-manifest.ts'
import { OpenObjectEpoch } from './open-object-epoch.ts'
import { openSpillFile } from './spill-file.ts'

export interface ObjectsOptions {
  /** Default `ndjson`. */
  readonly format?: 'ndjson'
  /** Default `gzip`. */
  readonly compression?: Compression
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
  const { compression = 'gzip', format = 'ndjson' } = options
  if (format !== 'ndjson') problems.push(`format ${JSON.stringify(format)} is not known: use "ndjson"`)
  if (!compressions.includes(compression)) {
    problems.push(`compression ${JSON.stringify(compression)} is not known: use ${compressions.join(', ')}`)
  }
  problems.push(...unknownNames('objects()', options, ['format', 'compression', 'rotate']))
  const rotation = readRotation(options.rotate ?? {}, problems)
  if (problems.length > 0) throw errors.badConfiguration({ problem: problems.join('; ') })
  return defineSink<Event<unknown>>({
    sinkKind: 'objects',
    name: 'objects',
    doc: 'objects of NDJSON by project, hour and collection; deletes rewrite them',
    order: 'commutative',
    options: { format, compression },
    knobs: rotation,
    epochAge: 'objects.ageMs',
    subtracts: true,
    tables: () => [manifestTable, objectTable],
    open: async (context) => openWriter(context, compression),
  })
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

const openWriter = (context: SinkContext, compression: Compression): SinkWriter<Event<unknown>> => {
  let epochs = 0
  const place = { sink: context.sink, objects: context.objects, rows: context.rows, compression }
  const prefix = [context.spout, context.sink].map(encodeKeyPart).join('~').slice(0, 180)
  return {
    openEpoch: () => {
      const name = `${prefix}~${context.partition}~${epochs++}`
      return new OpenObjectEpoch({ ...place, openSpill: () => openSpillFile(context.spillFolder, name) })
    },
    close: async () => {},
  }
}
