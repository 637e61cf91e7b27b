/**
 * Where the schemas of a spout's records come from, and how a record names its own.
 *
 * `single-object`: the bytes C3 01 and the fingerprint of the schema, little-endian. `registry`: a zero byte and the id of
 * the schema in a registry, big-endian.
 */
import type { Transcode } from '../../../formats/avro/logical-text.ts'

export type AvroFraming = 'single-object' | 'registry'

/** Name of a schema in the head of a record. */
export type SchemaKey = bigint | number

/** How records of a schema are read; a text says why none can be, which is for ever. */
export type SchemaReading = Transcode | string

export interface AvroSchemas {
  readonly framing: AvroFraming
  /** `undefined`: it has to be loaded. */
  known(key: SchemaKey): SchemaReading | undefined
  /** Gives the readings of all the keys. Throws class `retry` while nobody can tell, `stop` when nobody ever will. */
  load(keys: ReadonlySet<SchemaKey>): Promise<ReadonlyMap<SchemaKey, SchemaReading>>
}
