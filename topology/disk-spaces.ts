/** How much room is left: on the file systems that a run writes to, and in the memory that it was given. */
import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import type { DiskSpace } from './observe/surroundings.ts'

export interface NamedFolder {
  /** What it is for: `rows`, `spill`. */
  readonly name: string
  readonly path: string
}

/** One line for each file system; what lies on the same one is named together. A folder that cannot be asked is left out. */
export const diskSpaces = async (folders: readonly NamedFolder[]): Promise<readonly DiskSpace[]> => {
  const spaces = await Promise.all(folders.map(spaceOf))
  const known = spaces.filter((space) => space !== undefined)
  const bySystem = Map.groupBy(known, ({ system }) => system)
  return [...bySystem.values()].map((same) => ({
    ...same[0]!.space,
    name: [...new Set(same.map(({ space }) => space.name))].join(', '),
  }))
}

const spaceOf = async ({
  name,
  path,
}: NamedFolder): Promise<{ readonly system: string; readonly space: DiskSpace } | undefined> => {
  try {
    const { type, bsize, blocks, bavail, files } = await statfs(path)
    // There is no name of a file system; two of the same kind, size and use are taken for one.
    const system = [type, blocks, bavail, files].join()
    return { system, space: { name, path, totalBytes: blocks * bsize, freeBytes: bavail * bsize } }
  } catch {
    return undefined
  }
}

/** What the container allows, else what the machine has. */
export const memoryLimitBytes = (): number => {
  const allowed = process.constrainedMemory()
  return allowed > 0 && allowed < totalmem() ? allowed : totalmem()
}
