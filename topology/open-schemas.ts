/**
 * Opens the schemas of the spouts whose records are Avro. The Avro library is loaded for them alone.
 *
 * A folder is looked for in the current folder, then beside the topology, as the settings file is.
 */
import { dirname, isAbsolute, join } from 'node:path'
import type { SpoutNode } from './model/topology.ts'
import { processEnvironment, readRegistrySecrets } from './resource-environment.ts'
import type { AvroSchemas } from './spouts/decode/avro/avro-schemas.ts'

/** By the name of the spout. `file`: of the topology. Throws class `stop` when a folder or a setting cannot be used. */
export const openSchemas = async (
  topology: { readonly spouts: readonly Pick<SpoutNode, 'name' | 'options'>[] },
  file: string | undefined,
): Promise<ReadonlyMap<string, AvroSchemas>> => {
  const opened = new Map<string, AvroSchemas>()
  for (const spout of topology.spouts) {
    const schemas = await openSchemasOf(spout, file)
    if (schemas !== undefined) opened.set(spout.name, schemas)
  }
  return opened
}

const openSchemasOf = async (
  { options }: Pick<SpoutNode, 'options'>,
  file: string | undefined,
): Promise<AvroSchemas | undefined> => {
  const { format, schemas, registry } = options
  if (format !== 'avro') return undefined
  if (registry !== undefined) {
    const { openSchemaRegistry } = await import('./spouts/decode/avro/schema-registry.ts')
    return openSchemaRegistry(registry, readRegistrySecrets(processEnvironment()))
  }
  if (schemas === undefined) return undefined
  const { openSchemaFolder } = await import('./spouts/decode/avro/schema-folder.ts')
  const isPlaced = isAbsolute(schemas) || file === undefined
  return openSchemaFolder(schemas, isPlaced ? [] : [join(dirname(file), schemas)])
}
