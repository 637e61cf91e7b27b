/**
 * Learns the schema of each collection: which paths its events show, with which types, how often.
 *
 * Counts are a commutative group: any cut and order gives the same schema and a delete subtracts what its events had
 * added (I-1, I-3). A collection is spread over 16 rows by a hash of the path, so that a wide schema never becomes one
 * big row. Options say how readers show the counts; they change nothing that is stored.
 */
import { errors } from '../../topology/model/errors.ts'
import { isJsonObject, type JsonValue } from '../../topology/model/json.ts'
import { knobs } from '../../topology/model/knobs.ts'
import { defineOperator, type StateDeltas, type StateOperator } from '../../topology/model/operator.ts'
import { orStandIn } from '../../topology/model/refusal.ts'
import type { SchemaBounds } from './read-schema-state.ts'
import { SchemaDeltas } from './schema-deltas.ts'
import {
  decodeSchema,
  encodeSchema,
  isEmptySchema,
  mergeSchema,
  type SchemaState,
  schemaSizeBytes,
} from './schema-state.ts'

/** How readers show the schema. May be changed at any time: the rows stay what they are. */
export interface InferSchemaOptions {
  /** Child names of an object above which they are counted together as `path.*`. Default: knob `schema.childNames`. */
  readonly childNames?: number
  /** Paths that are shown. Default: knob `schema.publishedPaths`. */
  readonly publishedPaths?: number
}

/** Property -> type -> count of every collection. Throws `badConfiguration` for an option out of bounds. */
export const inferSchema = (options: InferSchemaOptions = {}): StateOperator<unknown, SchemaState> => {
  const reading = orStandIn(
    () => checked(options),
    () => ({}),
  )
  const known = new WeakMap<StateDeltas<SchemaState>, SchemaDeltas>()
  return defineOperator<unknown, SchemaState>({
    name: 'inferSchema',
    doc: 'Property -> type -> count of every collection.',
    order: 'commutative',
    retraction: 'exact',
    options: {},
    reading,
    reads: [],
    readsShapes: true,
    table: {
      partition: [
        { name: 'project', type: 'text' },
        { name: 'collection', type: 'text' },
      ],
      cluster: [{ name: 'fragment', type: 'integer' }],
      columns: [{ name: 'events', type: 'integer' }],
    },
    epochAge: 'epoch.schemaMs',
    fold(tuples, weight, into) {
      let deltas = known.get(into)
      if (deltas === undefined || !deltas.isOf(into)) {
        deltas = new SchemaDeltas()
        known.set(into, deltas)
      }
      deltas.add(tuples, weight, into)
    },
    merge: mergeSchema,
    isEmpty: isEmptySchema,
    encode: encodeSchema,
    decode: decodeSchema,
    columns: (_key, state) => [state.events],
    sizeBytes: schemaSizeBytes,
  })
}

const optionNames = ['childNames', 'publishedPaths'] as const

/** The options that were given. */
const checked = (options: InferSchemaOptions): Readonly<Record<string, number>> => {
  const given: unknown = options
  if (typeof given !== 'object' || given === null) refuse('its options are no object')
  for (const name of Object.keys(options))
    if (!optionNames.some((one) => one === name)) refuse(`there is no option ${JSON.stringify(name)}`)
  const reading: Record<string, number> = {}
  for (const name of optionNames) {
    const value = options[name]
    if (value === undefined) continue
    const { min, max } = knobs.get(`schema.${name}`)!
    if (!Number.isInteger(value) || value < min || value > max)
      refuse(`${name} ${JSON.stringify(value)} is no whole number from ${min} to ${max}`)
    reading[name] = value
  }
  return reading
}

const refuse = (problem: string): never => {
  throw errors.badConfiguration({ problem: `inferSchema: ${problem}` })
}

/** What an operator, or the catalogue for it, says of reading. */
export const schemaBoundsOf = (reading: JsonValue | undefined): SchemaBounds => {
  const fields: Readonly<Record<string, JsonValue | undefined>> = isJsonObject(reading) ? reading : {}
  const { childNames, publishedPaths } = fields
  return {
    childNames: typeof childNames === 'number' ? childNames : undefined,
    publishedPaths: typeof publishedPaths === 'number' ? publishedPaths : undefined,
  }
}
