/** What can be wrong with records in Avro and with where their schemas come from: a part of the catalogue. */
import { entry } from './error-entry.ts'

export const avroErrors = {
  unknownSchema: entry({
    code: 'SPW-0150',
    name: 'UnknownSchemaError',
    errorClass: 'reject',
    text: (values: { schema: string; reason: string }) =>
      `the value is Avro of the schema with ${values.schema}: ${values.reason}`,
    hint: 'Put the schema where the spout looks for it, run again, then `topology dead-letters redrive`.',
  }),
  schemaLost: entry({
    code: 'SPW-0252',
    name: 'schemaLost',
    errorClass: 'stop',
    text: (values: { partition: number; offset: number; reason: string }) =>
      `partition ${values.partition}, offset ${values.offset}: the record was read before, and cannot be now (${values.reason})`,
    hint: 'All processes of a topology need the same schemas, and none may be removed: put it back, then run again.',
  }),
  registryUnavailable: entry({
    code: 'SPW-0250',
    name: 'registryUnavailable',
    errorClass: 'retry',
    text: (values: { registry: string; reason: string }) => `schema registry ${values.registry}: ${values.reason}`,
    hint: 'Check the registry; work goes on by itself.',
  }),
  schemasUnusable: entry({
    code: 'SPW-0251',
    name: 'schemasUnusable',
    errorClass: 'stop',
    text: (values: { place: string; reason: string }) => `schemas of ${values.place}: ${values.reason}`,
    hint: 'The spout says `schemas: FOLDER` (files `*.avsc`) or `registry: URL`; a registry that asks for credentials gets SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD, or SCHEMA_REGISTRY_TOKEN, from the environment.',
  }),
} as const
