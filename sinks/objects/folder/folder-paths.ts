/**
 * Where things stand in the folder of an object store, and which keys may name them.
 *
 * A key is a path of percent-encoded parts, so it cannot leave the folder; the hidden place of the store bears a `~`,
 * which no percent-encoded part can hold. Listing tools see objects only, because globs pass over a leading dot.
 */
import { join } from 'node:path'
import { errors } from '../../../topology/model/errors.ts'

const hiddenName = '.spillway~'

export interface FolderPaths {
  readonly folder: string
  /** Bodies and records on their way, each named by its writer. */
  readonly writing: string
  visible(key: string): string
  /** Folder of the generations of one object. */
  generations(key: string): string
  generation(key: string, generation: number): string
  body(token: string): string
  record(token: string): string
}

export const folderPaths = (folder: string): FolderPaths => {
  const hidden = join(folder, hiddenName)
  const generations = (key: string): string => join(hidden, 'meta', ...partsOf(key))
  const writing = join(hidden, 'writing')
  return {
    folder,
    writing,
    visible: (key) => join(folder, ...partsOf(key)),
    generations,
    generation: (key, generation) => join(generations(key), `~${generation}`),
    body: (token) => join(writing, token),
    record: (token) => join(writing, `${token}.json`),
  }
}

/** The generation that a file name of `generations(key)` stands for; `undefined` for the folders of longer keys. */
export const generationOf = (name: string): number | undefined =>
  /^~\d+$/.test(name) ? Number(name.slice(1)) : undefined

// What Linux and macOS give to one component of a path.
const partBytesMax = 255

const unusable = (key: string, part: string, problem: string): Error =>
  errors.pathUnusable({ path: key, reason: `${JSON.stringify(part)} ${problem}` })

/** Whether a name can be part of a key; the hidden place of the store is none. */
export const isKeyPart = (name: string): boolean => /^[A-Za-z0-9._%-]+$/.test(name) && name !== '.' && name !== '..'

const partsOf = (key: string): readonly string[] => {
  const parts = key.split('/')
  for (const part of parts) {
    if (!isKeyPart(part))
      throw unusable(key, part, 'cannot be part of an object key (percent-encoded names joined by /)')
    if (part.length > partBytesMax) throw unusable(key, part, `is longer than the ${partBytesMax} bytes of a file name`)
  }
  return parts
}
