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
import { folderPaths, hiddenName } from './folder-paths.ts'
import { type GenerationRecord, openGenerationChain, type SettledObject } from './generation-chain.ts'
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

  /** Writes body and record, lets `decide` place them, and takes away what is then no longer needed. */
  const write = async <Outcome>(
    key: string,
    body: ObjectBody,
    metadata: ObjectMetadata,
    first: boolean,
    decide: (record: GenerationRecord) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const token = writeToken(await files.writer())
    const record: GenerationRecord = { format: 1, key, token, first, metadata: { ...metadata } }
    await files.writeNew(paths.body(token), body())
    let outcome: Outcome
    try {
      await files.writeNew(paths.record(token), oneChunk(JSON.stringify(record)))
      outcome = await decide(record)
    } catch (error) {
      // A record in the chain may need its body: the next call or opening decides. Without one the files are waste.
      const settled = await chain.settle(key).catch(() => undefined)
      if (settled !== undefined && settled.record?.token !== token) await removeWrite(token).catch(() => undefined)
      throw error
    }
    await removeWrite(token)
    return outcome
  }

  const removeWrite = async (token: string): Promise<void> => {
    await files.remove(paths.body(token))
    await files.remove(paths.record(token))
  }

  const create = async (key: string, body: ObjectBody, metadata: ObjectMetadata): Promise<'created' | 'exists'> => {
    for (;;) {
      const settled = await chain.settle(key)
      if (settled.byteLength !== undefined) {
        // Whoever created it may have died before its name was durable.
        await files.syncFolder(dirname(paths.visible(key)))
        return 'exists'
      }
      const outcome = await write(key, body, metadata, true, (record) => chain.append(record, settled.generation))
      if (outcome === 'won') return 'created'
    }
  }

  const replace = async (
    key: string,
    etag: string,
    body: ObjectBody,
    metadata: ObjectMetadata,
  ): Promise<'replaced' | 'refused'> => {
    const settled = await chain.settle(key)
    if (settled.byteLength === undefined || settled.record === undefined || etagOf(settled) !== etag) return 'refused'
    const outcome = await write(key, body, metadata, false, (record) => chain.append(record, settled.generation))
    return outcome === 'won' ? 'replaced' : 'refused'
  }

  const head = async (key: string): Promise<StoredObject | undefined> => stored(key, await chain.settle(key))

  const read = async (key: string): Promise<(StoredObject & { readonly bytes: Uint8Array }) | undefined> => {
    for (;;) {
      const before = await chain.settle(key)
      const bytes = await files.readBytes(paths.visible(key))
      const after = await chain.settle(key)
      // The same generation on both sides: the bytes between are its bytes.
      if (etagOf(before) !== etagOf(after)) continue
      const found = stored(key, after)
      return found === undefined || bytes === undefined ? undefined : { ...found, byteLength: bytes.length, bytes }
    }
  }

  async function* list(prefix: string, below = ''): AsyncIterable<StoredObject> {
    const items = await files.names(below === '' ? paths.folder : paths.visible(below.slice(0, -1)))
    const keys = items
      .filter(({ name }) => name !== hiddenName && /^[A-Za-z0-9._%-]+$/.test(name))
      .map(({ name, isFolder }) => below + name + (isFolder ? '/' : ''))
      .sort()
    for (const key of keys) {
      const isFolder = key.endsWith('/')
      if (isFolder && (key.startsWith(prefix) || prefix.startsWith(key))) yield* list(prefix, key)
      const found = !isFolder && key.startsWith(prefix) ? await head(key) : undefined
      if (found !== undefined) yield found
    }
  }

  const name = `folder ${options.folder}`
  return { name, create, replace, head, read, list: (prefix) => list(prefix), close: async () => {} }
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
