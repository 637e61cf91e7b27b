/**
 * The schemas of a folder of `.avsc` files, by fingerprint. Read once, when a run starts: a schema that is added later is
 * known to the next run.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errors } from '../../../model/errors.ts'
import { messageOf } from '../../../model/spillway-error.ts'
import type { AvroSchemas, SchemaKey, SchemaReading } from './avro-schemas.ts'
import { parseAvroSchema } from './parse-avro-schema.ts'

// People keep some dozens; a folder with more is the wrong one.
const filesMax = 10_000
const schemaBytesMax = 4_194_304

/**
 * Opens the folder, or where it is not there the first of the others that is. Throws class `stop` when there is none, no
 * schema in it, or one that cannot be used.
 */
export const openSchemaFolder = async (wanted: string, others: readonly string[] = []): Promise<AvroSchemas> => {
  const folder = await firstFolder([wanted, ...others])
  const files = await filesIn(folder)
  const readings = new Map<SchemaKey, SchemaReading>()
  for (const file of files) {
    const { fingerprint, read } = await readSchema(join(folder, file))
    readings.set(fingerprint, read)
  }
  const known = (key: SchemaKey): SchemaReading =>
    readings.get(key) ?? `none of the ${readings.size} schemas of the folder has it`
  return {
    framing: 'single-object',
    known,
    load: async (keys) => new Map([...keys].map((key) => [key, known(key)])),
  }
}

const firstFolder = async (folders: readonly string[]): Promise<string> => {
  for (const folder of folders) {
    const found = await stat(folder).catch(() => undefined)
    if (found?.isDirectory() === true) return folder
  }
  return folders[0]!
}

const filesIn = async (folder: string): Promise<readonly string[]> => {
  const refuse = (reason: string): never => {
    throw errors.schemasUnusable({ place: folder, reason })
  }
  const all = await readdir(folder).catch((error: unknown) => refuse(messageOf(error)))
  const files = all.filter((name) => name.endsWith('.avsc')).sort()
  if (files.length === 0) return refuse('the folder holds no .avsc file')
  return files.length > filesMax ? refuse(`the folder holds ${files.length} schemas, at most ${filesMax}`) : files
}

const readSchema = async (path: string): Promise<ReturnType<typeof parseAvroSchema>> => {
  try {
    const { size } = await stat(path)
    if (size > schemaBytesMax) throw new Error(`has ${size} bytes, at most ${schemaBytesMax} are allowed`)
    return parseAvroSchema(await readFile(path, 'utf8'))
  } catch (error) {
    throw errors.schemasUnusable({ place: path, reason: messageOf(error) }, error)
  }
}
