/**
 * Adapters of the object port with one fault each: the suite must be red for them. Each is the memory store with one
 * behaviour put wrong.
 */
import { createMemoryObjects } from '../../sinks/objects/memory/memory-objects.ts'
import type { ListedObject, ObjectBody, ObjectStore, StoredObject } from '../../topology/model/ports/object-store.ts'

type Plant = (store: ObjectStore) => Partial<ObjectStore>

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

const collect = async (body: ObjectBody): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of body()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The bytes of a body up to where it breaks off. */
const collectHalf = async (body: ObjectBody): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of body()) chunks.push(chunk)
  } catch {
    // The planted fault: it goes on with what it has.
  }
  return Buffer.concat(chunks)
}

const listAll = async (store: ObjectStore): Promise<readonly ListedObject[]> => {
  const all: ListedObject[] = []
  for await (const object of store.list('')) all.push(object)
  return all
}

const plants: Readonly<Record<string, Plant>> = {
  'finds nothing where there is no object': () => ({
    head: async (key) => ({ key, etag: '0', byteLength: 0, metadata: {} }),
  }),
  'gives back the bytes of a body of many chunks': (store) => ({
    create: async (key, body, metadata) => {
      for await (const chunk of body()) return store.create(key, () => one(chunk), metadata)
      return store.create(key, body, metadata)
    },
  }),
  'keeps the metadata with the object': (store) => ({ create: (key, body) => store.create(key, body, {}) }),
  'describes an object by key, etag and length': (store) => ({
    head: async (key) => {
      const found = await store.head(key)
      return found === undefined ? undefined : { ...found, byteLength: found.byteLength + 1 }
    },
  }),
  'creates an object only where there is none': (store) => ({
    create: async (key, body, metadata) => {
      const found = await store.head(key)
      if (found === undefined) return store.create(key, body, metadata)
      await store.replace(key, found.etag, body, metadata)
      return 'exists'
    },
  }),
  'keeps an empty object as an object': (store) => ({
    create: async (key, body, metadata) =>
      (await collect(body)).length === 0 ? 'created' : store.create(key, body, metadata),
  }),
  'replaces the object whose etag is the given one, metadata and all': (store) => ({
    replace: async (key, etag, body, metadata) =>
      store.replace(key, etag, body, { ...(await store.head(key))?.metadata, ...metadata }),
  }),
  'changes the etag with every replace by other bytes': (store) => {
    const fixed = async (key: string): Promise<StoredObject | undefined> => {
      const found = await store.read(key)
      return found === undefined ? undefined : { ...found, etag: String(found.bytes.length) }
    }
    return {
      head: fixed,
      replace: async (key, etag, body, metadata) => {
        const isSame = (await fixed(key))?.etag === etag
        return store.replace(key, isSame ? ((await store.head(key))?.etag ?? '') : '', body, metadata)
      },
    }
  },
  'refuses to replace under another etag': (store) => ({
    replace: async (key, _etag, body, metadata) =>
      store.replace(key, (await store.head(key))?.etag ?? '', body, metadata),
  }),
  'refuses to replace an object that does not exist': (store) => ({
    replace: async (key, etag, body, metadata) => {
      if ((await store.head(key)) !== undefined) return store.replace(key, etag, body, metadata)
      await store.create(key, body, metadata)
      return 'replaced'
    },
  }),
  'lets one of many creators win': (store) => ({
    create: async (key, body, metadata) => {
      const isFree = (await store.head(key)) === undefined
      await store.create(key, body, metadata)
      return isFree ? 'created' : 'exists'
    },
  }),
  'lets one of many replacers win': (store) => ({
    replace: async (key, etag, body, metadata) => {
      const isSame = (await store.head(key))?.etag === etag
      if (isSame) await store.replace(key, etag, body, metadata)
      return isSame ? 'replaced' : 'refused'
    },
  }),
  'loses no change of many who read and replace': (store) => ({
    replace: async (key, etag, body, metadata) => {
      const isSame = (await store.head(key))?.etag === etag
      await store.replace(key, (await store.head(key))?.etag ?? '', body, metadata)
      return isSame ? 'replaced' : 'refused'
    },
  }),
  'shows nothing of a body that breaks off': (store) => ({
    create: async (key, body, metadata) => {
      const half = await collectHalf(body)
      await store.create(key, () => one(half), metadata)
      return store.create(key, body, metadata)
    },
  }),
  'never pairs bytes with the metadata of others': (store) => ({
    read: async (key) => {
      const found = await store.read(key)
      const later = await new Promise<StoredObject | undefined>((resolve) => {
        setImmediate(() => resolve(store.head(key)))
      })
      return found === undefined || later === undefined ? undefined : { ...later, bytes: found.bytes }
    },
    replace: async (key, etag, body, metadata) => {
      await new Promise((resolve) => setImmediate(resolve))
      return store.replace(key, etag, body, metadata)
    },
  }),
  'keeps keys apart': (store) => {
    const short = (key: string): string => key.replace(/-\d+/, '')
    return {
      create: (key, body, metadata) => store.create(short(key), body, metadata),
      head: (key) => store.head(short(key)),
      read: (key) => store.read(short(key)),
    }
  },
  'lists the keys of a prefix': (store) => ({ list: () => store.list('shop/a') }),
  'lists by key, in the order of code units': (store) => ({
    list: async function* (prefix) {
      yield* (await listAll(store)).filter(({ key }) => key.startsWith(prefix)).toReversed()
    },
  }),
  'describes what it lists': (store) => ({
    list: async function* (prefix) {
      for await (const object of store.list(prefix)) yield { ...object, byteLength: 0 }
    },
  }),
  'owns the bytes and metadata that it was given': (store) => {
    const given = new Map<string, Readonly<Record<string, string>>>()
    return {
      create: (key, body, metadata) => {
        given.set(key, metadata)
        return store.create(key, body, metadata)
      },
      head: async (key) => {
        const found = await store.head(key)
        return found === undefined ? undefined : { ...found, metadata: given.get(key) ?? found.metadata }
      },
    }
  },
}

export const plantedObjectFaults: readonly (readonly [clause: string, make: () => Promise<ObjectStore>])[] =
  Object.entries(plants).map(([clause, plant]) => {
    const make = async (): Promise<ObjectStore> => {
      const store = createMemoryObjects()
      return { ...store, ...plant(store) }
    }
    return [clause, make]
  })
