/**
 * Objects as plain files of a folder: `zcat` over a glob reads the archive, no tool of ours is needed.
 *
 * A body is written and synced under a hidden name before anything refers to it, so that no reader ever sees a part of an
 * object; who may put it under its visible name is settled by the chain of generations. A process may be killed between
 * any two steps: the next call on the key, or the next opening of the folder, finishes or removes what it left.
 */
import { dirname } from 'node:path'
import type {
  ObjectBody,
  ObjectMetadata,
  ObjectStore,
  StoredObject,
} from '../../../topology/model/ports/object-store.ts'
import { type FolderFiles, folderFiles } from './folder-files.ts'
import { type FolderPaths, folderPaths, isKeyPart } from './folder-paths.ts'
import {
  type GenerationChain,
  type GenerationRecord,
  openGenerationChain,
  type SettledObject,
} from './generation-chain.ts'
import { removeStaleWrites, writeToken } from './stale-writes.ts'

/** Opens, and makes if needed, a folder of objects. Throws `stop` when the folder cannot be used. */
export const openFolderObjects = async (options: {
  readonly folder: string
  /** The steps on the disk; tests put breaks between them. */
  readonly files?: FolderFiles
}): Promise<ObjectStore> => {
  const files = options.files ?? folderFiles
  const paths = folderPaths(options.folder)
  const chain = openGenerationChain(paths, files)
  await files.makeFolder(paths.writing)
  await removeStaleWrites(paths, files, chain)
  return new FolderObjects(paths, files, chain)
}

class FolderObjects implements ObjectStore {
  readonly name: string
  readonly #paths: FolderPaths
  readonly #files: FolderFiles
  readonly #chain: GenerationChain

  constructor(paths: FolderPaths, files: FolderFiles, chain: GenerationChain) {
    this.name = `folder ${paths.folder}`
    this.#paths = paths
    this.#files = files
    this.#chain = chain
  }

  async create(key: string, body: ObjectBody, metadata: ObjectMetadata): Promise<'created' | 'exists'> {
    for (;;) {
      const settled = await this.#chain.settle(key)
      if (settled.byteLength !== undefined) {
        // Whoever created it may have died before its name was durable.
        await this.#files.syncFolder(dirname(this.#paths.visible(key)))
        return 'exists'
      }
      const outcome = await this.#write({ key, metadata, first: true }, body, settled.generation)
      if (outcome === 'won') return 'created'
    }
  }

  async replace(
    key: string,
    etag: string,
    body: ObjectBody,
    metadata: ObjectMetadata,
  ): Promise<'replaced' | 'refused'> {
    const settled = await this.#chain.settle(key)
    if (settled.byteLength === undefined || settled.record === undefined || etagOf(settled) !== etag) return 'refused'
    const outcome = await this.#write({ key, metadata, first: false }, body, settled.generation)
    return outcome === 'won' ? 'replaced' : 'refused'
  }

  async head(key: string): Promise<StoredObject | undefined> {
    return stored(key, await this.#chain.settle(key))
  }

  async read(key: string): Promise<(StoredObject & { readonly bytes: Uint8Array }) | undefined> {
    for (;;) {
      const before = await this.#chain.settle(key)
      const bytes = await this.#files.readBytes(this.#paths.visible(key))
      const after = await this.#chain.settle(key)
      // The same generation on both sides: the bytes between are its bytes.
      if (etagOf(before) !== etagOf(after)) continue
      const found = stored(key, after)
      return found === undefined || bytes === undefined ? undefined : { ...found, byteLength: bytes.length, bytes }
    }
  }

  list(prefix: string): AsyncIterable<StoredObject> {
    return this.#listBelow(prefix, '')
  }

  async close(): Promise<void> {}

  async *#listBelow(prefix: string, below: string): AsyncIterable<StoredObject> {
    const items = await this.#files.names(below === '' ? this.#paths.folder : this.#paths.visible(below.slice(0, -1)))
    const keys = items
      .filter(({ name }) => isKeyPart(name))
      .map(({ name, isFolder }) => below + name + (isFolder ? '/' : ''))
      .sort()
    for (const key of keys) {
      const isFolder = key.endsWith('/')
      if (isFolder && (key.startsWith(prefix) || prefix.startsWith(key))) yield* this.#listBelow(prefix, key)
      const found = !isFolder && key.startsWith(prefix) ? await this.head(key) : undefined
      if (found !== undefined) yield found
    }
  }

  /** Writes body and record, puts them behind generation `after`, and takes away what is then no longer needed. */
  async #write(
    what: { readonly key: string; readonly metadata: ObjectMetadata; readonly first: boolean },
    body: ObjectBody,
    after: number,
  ): Promise<'won' | 'lost'> {
    const token = writeToken(await this.#files.writer())
    const record: GenerationRecord = { format: 1, token, ...what, metadata: { ...what.metadata } }
    await this.#files.writeNew(this.#paths.body(token), body())
    let outcome: 'won' | 'lost'
    try {
      await this.#files.writeNew(this.#paths.record(token), oneChunk(JSON.stringify(record)))
      outcome = await this.#chain.append(record, after)
    } catch (error) {
      // A record in the chain may need its body: the next call or opening decides. Without one the files are waste.
      const settled = await this.#chain.settle(what.key).catch(() => undefined)
      if (settled !== undefined && settled.record?.token !== token) await this.#remove(token).catch(() => undefined)
      throw error
    }
    // The body of a winner has been moved to its place.
    if (outcome === 'won') await this.#files.remove(this.#paths.record(token))
    else await this.#remove(token)
    return outcome
  }

  async #remove(token: string): Promise<void> {
    await this.#files.remove(this.#paths.body(token))
    await this.#files.remove(this.#paths.record(token))
  }
}

const etagOf = ({ generation, record }: SettledObject): string =>
  record === undefined ? 'foreign' : `${generation}-${record.token}`

const stored = (key: string, settled: SettledObject): StoredObject | undefined =>
  settled.byteLength === undefined
    ? undefined
    : { key, etag: etagOf(settled), byteLength: settled.byteLength, metadata: settled.record?.metadata ?? {} }

async function* oneChunk(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text)
}
