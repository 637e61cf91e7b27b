/**
 * A store of objects that fails as networks fail: before a call takes effect, after it (the reply is lost), or so that the
 * effect comes later than the error; and slowly.
 *
 * Every fault is one that the port allows, so a caller that repeats what failed loses nothing and doubles nothing (I-1,
 * I-9): all errors are of class `retry`, and conditions hold for a late call as for any other.
 */
import { errors } from '../../model/errors.ts'
import type {
  ListedObject,
  ObjectBody,
  ObjectMetadata,
  ObjectStore,
  StoredObject,
} from '../../model/ports/object-store.ts'
import type { Random } from '../../model/ports/random.ts'

import { LateEffects } from './late-effects.ts'
import { chanceTroubles, type Pause, type Troubles } from './troubles.ts'

/** Chances in [0, 1] of one call. May be changed at any time. */
export interface ObjectStoreChances {
  /** Fails without effect. */
  before: number
  /** A create or replace that takes effect and fails. */
  after: number
  /** A create or replace that fails and takes effect at the next `deliver`. */
  late: number
  /** Waits for `pause` before it begins and before it ends; a create or replace before each chunk of its body too. */
  slow: number
}

export interface FaultyObjectStoreOptions {
  readonly store: ObjectStore
  readonly random: Random
  /** Default: no faults. */
  readonly chances?: Partial<ObjectStoreChances>
  /** What a slow call waits for. Default: the next turn of the microtask queue. */
  readonly pause?: () => Promise<void>
}

export interface FaultyObjectStore extends ObjectStore {
  readonly chances: ObjectStoreChances
  /** Calls that are still on their way. */
  readonly pendingCount: number
  /** Lets late calls take effect (default: all), in an order chosen by chance. */
  deliver(count?: number): Promise<void>
}

/** The same around any store, whoever decides. */
export class TroubledObjects implements ObjectStore {
  readonly name: string
  /** Key, or prefix, of the call that was begun last. */
  now = ''
  readonly #store: ObjectStore
  readonly #troubles: Troubles<keyof ObjectStoreChances>
  readonly #pause: Pause
  readonly #late: LateEffects
  /** Keys of creates and replaces whose bodies are being read. */
  readonly #busy = new Map<string, number>()

  constructor(store: ObjectStore, troubles: Troubles<keyof ObjectStoreChances>, pause: Pause) {
    this.name = store.name
    this.#store = store
    this.#troubles = troubles
    this.#pause = pause
    this.#late = new LateEffects(troubles)
  }

  get pendingCount(): number {
    return this.#late.count
  }

  deliver(count?: number): Promise<void> {
    return this.#late.deliver(count)
  }

  create(key: string, body: ObjectBody, metadata: ObjectMetadata): Promise<'created' | 'exists'> {
    const kept = { ...metadata }
    return this.#change(key, body, (sent) => this.#store.create(key, sent, kept))
  }

  replace(key: string, etag: string, body: ObjectBody, metadata: ObjectMetadata): Promise<'replaced' | 'refused'> {
    const kept = { ...metadata }
    return this.#change(key, body, (sent) => this.#store.replace(key, etag, sent, kept))
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const isSlow = await this.#begin(key)
    const found = await this.#store.head(key)
    if (isSlow) await this.#pause()
    return found
  }

  async read(key: string): Promise<(StoredObject & { readonly bytes: Uint8Array }) | undefined> {
    const isSlow = await this.#begin(key)
    const found = await this.#store.read(key)
    if (isSlow) await this.#pause()
    return found
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    await this.#begin(prefix)
    for await (const object of this.#store.list(prefix)) {
      if (await this.#begin(prefix)) await this.#pause()
      yield object
    }
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  /** Whether the call is slow. Throws where it fails before it is begun. */
  async #begin(name: string): Promise<boolean> {
    this.now = name
    const isSlow = this.#troubles.befalls('slow')
    if (isSlow) await this.#pause()
    if (this.#troubles.befalls('before')) throw this.#failure('refused before the call')
    return isSlow
  }

  /** A call that changes something: it may take effect after it has failed. */
  async #change<Result>(key: string, body: ObjectBody, effect: (body: ObjectBody) => Promise<Result>): Promise<Result> {
    this.now = key
    if (this.#troubles.befalls('late')) {
      // What was sent is on its way, whatever becomes of the caller's buffers.
      const sent: Uint8Array[] = []
      for await (const chunk of body()) sent.push(new Uint8Array(chunk))
      this.#late.hold(() => effect(() => each(sent)))
      throw this.#failure('no reply in time')
    }
    const isSlow = await this.#begin(key)
    if (this.#busy.has(key) && this.#troubles.befalls('before'))
      throw this.#failure('another request for the same object is under way')
    const result = await this.#alone(key, () => effect(isSlow ? () => slowly(body, this.#pause) : body))
    if (isSlow) await this.#pause()
    this.now = key
    if (this.#troubles.befalls('after')) throw this.#failure('the reply was lost')
    return result
  }

  /** Marks the key as being changed. */
  async #alone<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const busy = this.#busy
    busy.set(key, (busy.get(key) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const left = (busy.get(key) ?? 1) - 1
      if (left === 0) busy.delete(key)
      else busy.set(key, left)
    }
  }

  #failure(reason: string): Error {
    return errors.storeUnavailable({ store: this.name, reason })
  }
}

async function* each(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks
}

async function* slowly(body: ObjectBody, pause: Pause): AsyncIterable<Uint8Array> {
  for await (const chunk of body()) {
    await pause()
    yield chunk
  }
}

class ChancyObjects extends TroubledObjects implements FaultyObjectStore {
  readonly chances: ObjectStoreChances

  constructor({ store, random, pause = () => Promise.resolve(), ...options }: FaultyObjectStoreOptions) {
    const chances: ObjectStoreChances = { before: 0, after: 0, late: 0, slow: 0, ...options.chances }
    super(store, chanceTroubles(random, chances), pause)
    this.chances = chances
  }
}

export const createFaultyObjectStore = (options: FaultyObjectStoreOptions): FaultyObjectStore =>
  new ChancyObjects(options)
