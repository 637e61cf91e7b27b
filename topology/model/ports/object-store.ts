/**
 * Objects with conditional create and replace. There is no unconditional write and no remove: an object, once created,
 * exists for ever (PROTOCOL: "Objects and manifest"), or a frozen owner could bring deleted events back.
 *
 * Called by object sinks (create, head), deletes (read, replace) and `objects --verify` (read, list). Any number of
 * calls may run at once. An object is whole or absent to every reader at every moment.
 *
 * Errors are `SpillwayError`s: `retry` (the call's effect is unknown; repeat the same call), `stop` (the store ignores
 * conditions, refuses the credentials, or holds another format).
 */
import type { Dependency } from './dependency.ts'

/** Names are lower case; values are any text, some hundred bytes together. */
export interface ObjectMetadata {
  readonly [name: string]: string
}

/** What a list tells of an object: not its metadata, which object stores keep beside the object only. */
export interface ListedObject {
  readonly key: string
  /** Changes with every replace by other bytes; for equal bytes it may stay, since some stores derive it from them. */
  readonly etag: string
  readonly byteLength: number
}

export interface StoredObject extends ListedObject {
  readonly metadata: ObjectMetadata
}

/** Gives the bytes from the beginning each time it is called, so that a call can be repeated. */
export type ObjectBody = () => AsyncIterable<Uint8Array>

export interface ObjectStore extends Dependency {
  /** Identity of the store, for messages; no secrets. */
  readonly name: string
  /**
   * Creates the object if there is none under the key; `exists` leaves the present one untouched. Resolves when durable.
   * Where an answer was lost and the call repeated, `exists` and `refused` may be about its own write: metadata tell.
   */
  create(key: string, body: ObjectBody, metadata: ObjectMetadata): Promise<'created' | 'exists'>
  /** Replaces the object if its etag is still the given one. */
  replace(key: string, etag: string, body: ObjectBody, metadata: ObjectMetadata): Promise<'replaced' | 'refused'>
  head(key: string): Promise<StoredObject | undefined>
  read(key: string): Promise<(StoredObject & { readonly bytes: Uint8Array }) | undefined>
  /** Objects whose key begins with the prefix, ordered by key (code units; keys of the sinks are ASCII). */
  list(prefix: string): AsyncIterable<ListedObject>
  close(): Promise<void>
}
