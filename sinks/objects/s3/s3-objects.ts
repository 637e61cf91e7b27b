/**
 * Objects in a bucket of S3 or of a server that speaks its language. Conditions of the store decide who wins, so any
 * number of processes may write; a store that ignores them is refused when a run begins.
 *
 * Keys stand below the prefix as they are. An etag is the store's own: it follows from the bytes. What is told of a write
 * after a lost answer is told by its repetition, so `exists` and `refused` may be about our own write.
 */
import { errors } from '../../../topology/model/errors.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { KnobReader, Latency, PoolUsage } from '../../../topology/model/ports/dependency.ts'
import type {
  ListedObject,
  ObjectBody,
  ObjectMetadata,
  ObjectStore,
  StoredObject,
} from '../../../topology/model/ports/object-store.ts'
import type { Random } from '../../../topology/model/ports/random.ts'
import { withinMs } from '../../../topology/model/within-ms.ts'
import { abortOrphans } from './abort-orphans.ts'
import { createAwsClient } from './aws-client.ts'
import { probeName, probeS3 } from './probe-s3.ts'
import type { S3Client, S3ClientOptions, WriteCondition } from './s3-client.ts'
import { failureOf, openingError, runningError, S3Failure } from './s3-failure.ts'
import { S3Requests } from './s3-requests.ts'
import { ObjectWriter, type WriteAnswer } from './write-object.ts'

export interface S3Options extends S3ClientOptions {
  /** Put before every key, with a `/` between; empty for the whole bucket. */
  readonly prefix: string
  readonly clock: Clock
  readonly random: Random
  /** `run` asks the store whether it honours conditions, and takes old remainders away. */
  readonly mode: 'run' | 'write' | 'read'
  /** Knobs until a run says where they are. Default: their initial values. */
  readonly knob?: KnobReader
  /** Requests under way at once. Default 64. */
  readonly inFlight?: number
}

const defaultInFlight = 64
const openingMs = 9_000
const closingPatience = { deadlineMs: 2_000, totalMs: 2_000, tries: 1 }
const openingPatience = { deadlineMs: 4_000, totalMs: 6_000, tries: 6 }
const runningTries = 5
const pageKeys = 1_000

/** Opens a bucket, or a prefix of it. Throws `stop` with one clear sentence, within 10 s, when it cannot be used. */
export const openS3Objects = async (options: S3Options): Promise<ObjectStore> => {
  const opening = await beginOpening(options)
  const { client, requests, place } = opening
  await whileOpening(options, opening, async () => {
    await requests.send((request) => client.list(place.prefix, undefined, 1, request))
    if (options.mode !== 'run') return
    const problem = await probeS3(client, requests, place.prefix + probeName)
    if (problem !== undefined) throw errors.conditionsIgnored({ store: place.name, reason: problem })
    await abortOrphans(client, requests, place.prefix, options.clock.nowMs())
  })
  return new S3Objects(place, client, requests, options.knob ?? ((name) => knobValue(name)))
}

/** Makes the bucket of the options. Throws as `openS3Objects` does. */
export const createBucket = async (options: S3Options): Promise<'created' | 'exists'> => {
  const opening = await beginOpening(options)
  const { client, requests } = opening
  try {
    return await whileOpening(options, opening, () => requests.send((request) => client.createBucket(request)))
  } finally {
    client.close()
  }
}

interface StorePlace {
  readonly name: string
  readonly bucket: string
  /** For messages. */
  readonly host: string
  /** Empty, or with a `/` at its end. */
  readonly prefix: string
}

interface Opening {
  readonly client: S3Client
  readonly requests: S3Requests
  readonly place: StorePlace
}

const beginOpening = async (options: S3Options): Promise<Opening> => {
  const { clock, random, bucket, inFlight = defaultInFlight } = options
  const prefix = options.prefix.replace(/^\/+|\/+$/g, '')
  const place: StorePlace = {
    name: `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`,
    bucket,
    host: options.endpoint === undefined ? 'AWS' : hostOf(options.endpoint),
    prefix: prefix === '' ? '' : `${prefix}/`,
  }
  const client = await createAwsClient(options)
  return { client, requests: new S3Requests({ clock, random, inFlight, patience: () => openingPatience }), place }
}

/** Without what a URL may hold beside the host. */
const hostOf = (endpoint: string): string => (URL.canParse(endpoint) ? new URL(endpoint).host : 'its endpoint')

/** Ends within the time for opening, with an error for people; the client is closed when it fails. */
const whileOpening = async <Result>(
  { clock }: S3Options,
  { client, place }: Opening,
  work: () => Promise<Result>,
): Promise<Result> => {
  const late = (): Error => new S3Failure('passing', 'no answer', `within ${openingMs} ms`)
  try {
    return await withinMs(clock, openingMs, late, work)
  } catch (error) {
    client.close()
    throw error instanceof S3Failure ? openingError(place, error) : error
  }
}

class S3Objects implements ObjectStore {
  readonly name: string
  readonly #prefix: string
  readonly #client: S3Client
  readonly #requests: S3Requests
  readonly #writer: ObjectWriter
  #knob: KnobReader

  constructor(place: StorePlace, client: S3Client, requests: S3Requests, knob: KnobReader) {
    this.name = place.name
    this.#knob = knob
    this.#prefix = place.prefix
    this.#client = client
    this.#requests = requests
    this.#writer = new ObjectWriter(client, requests, () => this.#knob('objects.partBytes'))
    requests.patience = () => {
      const deadlineMs = this.#knob('objects.deadlineMs')
      return { deadlineMs, totalMs: deadlineMs, tries: runningTries }
    }
  }

  useKnobs(knob: KnobReader): void {
    this.#knob = knob
  }

  usage(): readonly PoolUsage[] {
    return this.#requests.usage(`${this.name} requests`)
  }

  latency(): Latency | undefined {
    return this.#requests.latency()
  }

  async create(key: string, body: ObjectBody, metadata: ObjectMetadata): Promise<'created' | 'exists'> {
    return (await this.#write(key, body, metadata, { isNew: true })) === 'written' ? 'created' : 'exists'
  }

  async replace(
    key: string,
    etag: string,
    body: ObjectBody,
    metadata: ObjectMetadata,
  ): Promise<'replaced' | 'refused'> {
    return (await this.#write(key, body, metadata, { etag })) === 'written' ? 'replaced' : 'refused'
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const found = await this.#find(() =>
      this.#requests.send((request) => this.#client.head(this.#prefix + key, request)),
    )
    return found === undefined ? undefined : { ...found, key }
  }

  async read(key: string): Promise<(StoredObject & { readonly bytes: Uint8Array }) | undefined> {
    const found = await this.#find(() =>
      this.#requests.send((request) => this.#client.get(this.#prefix + key, request)),
    )
    return found === undefined ? undefined : { ...found, key }
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    const wanted = this.#prefix + prefix
    const probeKey = this.#prefix + probeName
    let from: string | undefined
    do {
      const after = from
      const page = await this.#during(() =>
        this.#requests.send((request) => this.#client.list(wanted, after, pageKeys, request)),
      )
      for (const item of page.items) {
        if (item.key !== probeKey) yield { ...item, key: item.key.slice(this.#prefix.length) }
      }
      from = page.next
    } while (from !== undefined)
  }

  async close(): Promise<void> {
    this.#requests.patience = () => closingPatience
    await this.#writer.clear()
    this.#client.close()
  }

  #write(key: string, body: ObjectBody, metadata: ObjectMetadata, condition: WriteCondition): Promise<WriteAnswer> {
    return this.#during(() => this.#writer.write({ key: this.#prefix + key, body, metadata, condition }))
  }

  async #find<Found>(look: () => Promise<Found>): Promise<Found | undefined> {
    return this.#during(async () => {
      try {
        return await look()
      } catch (error) {
        if (failureOf(error).kind === 'missing') return undefined
        throw error
      }
    })
  }

  async #during<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await call()
    } catch (error) {
      throw error instanceof S3Failure ? runningError(this.name, error) : error
    }
  }
}
