/**
 * A store of objects that fails as networks fail: before a call takes effect, after it (the reply is lost), or so that the
 * effect comes later than the error; and slowly.
 *
 * Every fault is one that the port allows, so a caller that repeats what failed loses nothing and doubles nothing (I-1,
 * I-9): all errors are of class `retry`, and conditions hold for a late call as for any other.
 */
import { errors } from '../../model/errors.ts'
import type { ObjectBody, ObjectStore } from '../../model/ports/object-store.ts'
import type { Random } from '../../model/ports/random.ts'

import { LateEffects } from './late-effects.ts'

/** Chances in [0, 1] of one call. May be changed at any time. */
export interface ObjectStoreChances {
  /** Fails without effect. */
  before: number
  /** Takes effect and fails. Reads have no effect: for them it is the same as `before`. */
  after: number
  /** A create or replace that fails and takes effect at the next `deliver`. */
  late: number
  /** Waits for `pause` before it begins and before it ends. */
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
  /** Lets the late calls take effect, in an order chosen by chance. */
  deliver(): Promise<void>
}

export const createFaultyObjectStore = (options: FaultyObjectStoreOptions): FaultyObjectStore => {
  const { store, random, pause = () => Promise.resolve() } = options
  const chances: ObjectStoreChances = { before: 0, after: 0, late: 0, slow: 0, ...options.chances }
  const late = new LateEffects(random)
  const happens = (chance: number): boolean => random.next() < chance
  const fail = (reason: string): never => {
    throw errors.storeUnavailable({ store: store.name, reason })
  }

  const call = async <Result>(effect: () => Promise<Result>): Promise<Result> => {
    const isSlow = happens(chances.slow)
    if (isSlow) await pause()
    if (happens(chances.before)) fail('refused before the call')
    const result = await effect()
    if (isSlow) await pause()
    return happens(chances.after) ? fail('the reply was lost') : result
  }

  /** A call that changes something: it may take effect after it has failed. */
  const change = async <Result>(body: ObjectBody, effect: (body: ObjectBody) => Promise<Result>): Promise<Result> => {
    if (!happens(chances.late)) return call(() => effect(body))
    // What was sent is on its way, whatever becomes of the caller's buffers.
    const sent: Uint8Array[] = []
    for await (const chunk of body()) sent.push(chunk.slice())
    late.hold(() => effect(() => each(sent)))
    return call(async () => fail('no reply in time'))
  }

  return {
    name: store.name,
    chances,
    get pendingCount() {
      return late.count
    },
    deliver: () => late.deliver(),
    create: (key, body, metadata) => change(body, (sent) => store.create(key, sent, { ...metadata })),
    replace: (key, etag, body, metadata) => change(body, (sent) => store.replace(key, etag, sent, { ...metadata })),
    head: (key) => call(() => store.head(key)),
    read: (key) => call(() => store.read(key)),
    async *list(prefix) {
      await call(async () => undefined)
      for await (const object of store.list(prefix)) yield await call(async () => object)
    },
    close: () => store.close(),
  }
}

async function* each(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks
}
