/**
 * An object store in memory, for tests and `testTopology`.
 *
 * Nothing between a check and its effect awaits, so conditions hold however many callers there are.
 */
import { createHash } from 'node:crypto'
import type {
  ObjectBody,
  ObjectMetadata,
  ObjectStore,
  StoredObject,
} from '../../../topology/model/ports/object-store.ts'
import { bodyBytes } from '../body-bytes.ts'

type KeptObject = StoredObject & { readonly bytes: Uint8Array }

export const createMemoryObjects = (): ObjectStore => {
  const kept = new Map<string, KeptObject>()
  let replaces = 0
  const keep = (key: string, bytes: Uint8Array, metadata: ObjectMetadata): void => {
    const etag = `${replaces++}-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`
    kept.set(key, { key, etag, byteLength: bytes.length, metadata: Object.freeze({ ...metadata }), bytes })
  }
  const describe = ({ key, etag, byteLength, metadata }: KeptObject): StoredObject => ({
    key,
    etag,
    byteLength,
    metadata,
  })
  return {
    name: 'memory objects',
    async create(key: string, body: ObjectBody, metadata: ObjectMetadata) {
      const bytes = await bodyBytes(body)
      if (kept.has(key)) return 'exists'
      keep(key, bytes, metadata)
      return 'created'
    },
    async replace(key: string, etag: string, body: ObjectBody, metadata: ObjectMetadata) {
      const bytes = await bodyBytes(body)
      if (kept.get(key)?.etag !== etag) return 'refused'
      keep(key, bytes, metadata)
      return 'replaced'
    },
    async head(key: string) {
      const found = kept.get(key)
      return found === undefined ? undefined : describe(found)
    },
    async read(key: string) {
      const found = kept.get(key)
      return found === undefined ? undefined : { ...found, bytes: new Uint8Array(found.bytes) }
    },
    async *list(prefix: string) {
      const keys = [...kept.keys()].filter((key) => key.startsWith(prefix)).sort()
      for (const key of keys) {
        const found = kept.get(key)
        if (found !== undefined) yield describe(found)
      }
    },
    async close() {},
  }
}
