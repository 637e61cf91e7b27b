/** Schemas and records in Avro, written by the Avro library, and a decoder that reads them. */
import avro from 'avsc'
import type { JsonObject } from '../../../../topology/model/json.ts'
import type { LogOptions } from '../../../../topology/model/topology.ts'
import type { AvroSchemas, SchemaKey, SchemaReading } from '../../../../topology/spouts/decode/avro/avro-schemas.ts'
import { parseAvroSchema } from '../../../../topology/spouts/decode/avro/parse-avro-schema.ts'
import { createDecoder } from '../../../../topology/spouts/decode/create-decoder.ts'
import { path } from '../records.ts'

export const purchase: JsonObject = {
  type: 'record',
  name: 'Purchase',
  namespace: 'shop.events',
  fields: [
    { name: 'country', type: 'string' },
    { name: 'price', type: ['null', 'double'], default: null },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['NEW', 'PAID'] } },
  ],
}

/** What the library would write for a value. */
export const avroBytes = (schema: JsonObject, value: unknown): Buffer =>
  avro.Type.forSchema(schema as never).toBuffer(value) // the library judges what it is

export const head = (fingerprint: bigint): Buffer => {
  const bytes = Buffer.from('c3010000000000000000', 'hex')
  bytes.writeBigUInt64LE(fingerprint, 2)
  return bytes
}

export const fingerprintOf = (schema: JsonObject): bigint => parseAvroSchema(JSON.stringify(schema)).fingerprint

/** A value in single-object encoding. */
export const singleObject = (schema: JsonObject, value: unknown): Buffer =>
  Buffer.concat([head(fingerprintOf(schema)), avroBytes(schema, value)])

/** A value in the wire format of a registry. */
export const wired = (id: number, bytes: Uint8Array): Buffer => {
  const start = Buffer.alloc(5)
  start.writeUInt32BE(id, 1)
  return Buffer.concat([start, bytes])
}

export const schemasOf = (...schemas: readonly JsonObject[]): AvroSchemas => {
  const parsed = schemas.map((schema) => parseAvroSchema(JSON.stringify(schema)))
  const known = (key: SchemaKey): SchemaReading =>
    parsed.find(({ fingerprint }) => fingerprint === key)?.read ?? 'nobody has it'
  return {
    framing: 'single-object',
    known,
    load: async (keys) => new Map([...keys].map((key) => [key, known(key)])),
  }
}

export const avroDecoder = (
  schemas: AvroSchemas,
  paths: readonly string[] = [],
  spout: LogOptions = {},
  shapes = false,
): ReturnType<typeof createDecoder> =>
  createDecoder({
    spout: { ...spout, format: 'avro' },
    topic: 'clicks',
    wanted: { paths: paths.map(path), shapes },
    schemas,
  })
