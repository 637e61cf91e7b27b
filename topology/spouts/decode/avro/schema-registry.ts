/**
 * The schemas of a registry that speaks the Confluent protocol, by id. An id means the same schema for ever, so each is
 * asked for once, and kept while there is room.
 *
 * An id that the registry does not know makes a dead letter, a registry that does not answer is waited for: no record is
 * given up for what passes (I-2). Credentials come from the environment and appear in no message.
 */
import { errors } from '../../../model/errors.ts'
import { isJsonObject, type JsonValue } from '../../../model/json.ts'
import { shownUrl } from '../../../model/shown-url.ts'
import { messageOf, SpillwayError } from '../../../model/spillway-error.ts'
import type { AvroSchemas, SchemaKey, SchemaReading } from './avro-schemas.ts'
import { parseAvroSchema } from './parse-avro-schema.ts'

export interface RegistryCredentials {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** A bearer token, instead of the two. */
  readonly token?: string | undefined
}

/** What the registry is asked through; the platform's own, or a test's. */
export type Ask = (url: string, init: { headers: Record<string, string>; signal: AbortSignal }) => Promise<Response>

// A topic sees a few schemas a year; records with made-up ids must not fill the memory.
const schemasMax = 10_000
const answerBytesMax = 4_194_304
const askMs = 10_000
const atOnce = 8

const ask: Ask = (url, init) => fetch(url, init)

/** Connects to nothing yet. */
export const openSchemaRegistry = (url: string, credentials: RegistryCredentials = {}, by: Ask = ask): AvroSchemas =>
  new SchemaRegistry(url, credentials, by)

class SchemaRegistry implements AvroSchemas {
  readonly framing = 'registry'
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #ask: Ask
  readonly #readings = new Map<SchemaKey, SchemaReading>()
  readonly #asked = new Map<SchemaKey, Promise<SchemaReading>>()

  constructor(url: string, credentials: RegistryCredentials, by: Ask) {
    this.#url = url.replace(/\/+$/, '')
    this.#headers = {
      accept: 'application/vnd.schemaregistry.v1+json, application/json',
      ...authorization(credentials),
    }
    this.#ask = by
  }

  known(key: SchemaKey): SchemaReading | undefined {
    return this.#readings.get(key)
  }

  async load(keys: ReadonlySet<SchemaKey>): Promise<ReadonlyMap<SchemaKey, SchemaReading>> {
    const loaded = new Map<SchemaKey, SchemaReading>()
    const left = [...keys]
    const work = async (): Promise<void> => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) loaded.set(key, await this.#reading(key))
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, work))
    return loaded
  }

  /** Lanes of several partitions meet the same new schema at once. */
  #reading(key: SchemaKey): Promise<SchemaReading> | SchemaReading {
    const known = this.#readings.get(key) ?? this.#asked.get(key)
    if (known !== undefined) return known
    const asked = this.#fetch(key)
      .then((reading) => {
        const [oldest] = this.#readings.keys()
        if (this.#readings.size >= schemasMax && oldest !== undefined) this.#readings.delete(oldest)
        this.#readings.set(key, reading)
        return reading
      })
      .finally(() => this.#asked.delete(key))
    this.#asked.set(key, asked)
    return asked
  }

  async #fetch(key: SchemaKey): Promise<SchemaReading> {
    const answer = await this.#answer(`${this.#url}/schemas/ids/${key}`)
    const { status, body } = answer
    if (status === 200 && isJsonObject(body) && typeof body['schema'] === 'string')
      return readingOf(body['schema'], body)
    // Any server has pages that it does not find; a registry says which schema.
    if (status === 404 && isJsonObject(body) && body['error_code'] === 40403) return 'the registry has no such schema'
    if (status === 401 || status === 403) throw this.#refused('it refuses the credentials')
    if (status >= 500 || status === 408 || status === 429) throw this.#away(`it answers with status ${status}`)
    throw this.#refused(`it answers with status ${status}, as no schema registry does`)
  }

  async #answer(url: string): Promise<{ readonly status: number; readonly body: JsonValue }> {
    let response: Response
    let text: string
    try {
      response = await this.#ask(url, { headers: this.#headers, signal: AbortSignal.timeout(askMs) })
      text = await textOf(response)
    } catch (error) {
      if (error instanceof SpillwayError) throw error
      throw this.#away(reasonOf(error))
    }
    try {
      return { status: response.status, body: JSON.parse(text) }
    } catch {
      return { status: response.status, body: null }
    }
  }

  #away(reason: string): SpillwayError {
    return errors.registryUnavailable({ registry: shownUrl(this.#url), reason })
  }

  #refused(reason: string): SpillwayError {
    return errors.schemasUnusable({ place: shownUrl(this.#url), reason })
  }
}

const readingOf = (
  schema: string,
  { schemaType = 'AVRO', references }: { readonly [name: string]: JsonValue },
): SchemaReading => {
  if (schemaType !== 'AVRO') return `it is a schema of type ${String(schemaType)}, not Avro`
  if (Array.isArray(references) && references.length > 0) return 'it refers to other schemas, which is not supported'
  try {
    return parseAvroSchema(schema).read
  } catch (error) {
    return messageOf(error)
  }
}

const authorization = ({ username, password, token }: RegistryCredentials): Record<string, string> => {
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  if (username === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }
}

/** The body, as long as it is of a size that a schema can have. */
const textOf = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > answerBytesMax) throw new Error(`its answer has more than ${answerBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** What lies below a failed fetch says more than `fetch failed`. */
const reasonOf = (error: unknown): string => {
  const { cause } = error instanceof Error ? error : { cause: undefined }
  return messageOf(cause instanceof Error && cause.message !== '' ? cause : error)
}
