/**
 * The one file that knows the Avro library: it judges a schema and gives the form of it that fingerprints are made of.
 *
 * Values are decoded by our own code, straight to JSON text. Defaults are left out before: decoding with the writer's own
 * schema needs none, and producers have registered many that do not fit.
 */
import avro from 'avsc'
import { compileAvro } from '../../../formats/avro/compile-avro.ts'
import { crc64Avro } from '../../../formats/avro/crc64-avro.ts'
import type { Transcode } from '../../../formats/avro/logical-text.ts'
import { isJsonObject, type JsonValue } from '../../../model/json.ts'

export interface ParsedSchema {
  readonly read: Transcode
  /** CRC-64-AVRO of the Parsing Canonical Form. */
  readonly fingerprint: bigint
}

/** Throws an `Error` that says what is wrong with the schema. */
export const parseAvroSchema = (text: string): ParsedSchema => {
  const schema: JsonValue = JSON.parse(text)
  // First, because it bounds the depth.
  const read = compileAvro(schema)
  const canonical = avro.Type.forSchema(withoutDefaults(schema) as never).schema() // the library judges what it is
  return { read, fingerprint: crc64Avro(JSON.stringify(canonical)) }
}

const withoutDefaults = (schema: JsonValue): JsonValue => {
  if (Array.isArray(schema)) return schema.map(withoutDefaults)
  if (!isJsonObject(schema)) return schema
  const { default: _default, logicalType: _logicalType, ...rest } = schema
  const nested = Object.entries(rest).filter(([name]) => ['type', 'items', 'values', 'fields'].includes(name))
  return { ...rest, ...Object.fromEntries(nested.map(([name, value]) => [name, withoutDefaults(value)])) }
}
