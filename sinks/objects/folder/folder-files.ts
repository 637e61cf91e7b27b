/**
 * The one file through which the folder store touches the disk: small steps, each of which is done or not done.
 *
 * Every step that must outlive a power cut ends with an fsync, of the file and of the folder that names it. Failures
 * come out as errors of the catalogue; what a step may meet in normal running (absent, already there) is an answer.
 */
import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, readlink, rename, stat, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { storageError } from '../../../topology/model/errors.ts'

export interface FileFacts {
  readonly byteLength: number
  readonly changedMs: number
  /** Equal for two names of one file. */
  readonly identity: string
}

export interface FolderFiles {
  /** Names this process and its pid name space, so that another process can tell whether the writer still lives. */
  writer(): Promise<{ readonly host: string; readonly pid: number; readonly token: string }>
  /** Whether a process of this host still runs. */
  isAlive(pid: number): boolean
  /** Writes a file that must not exist yet; durable, apart from its name. Gives its length. */
  writeNew(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number>
  /** Gives a file a second name, which must be free. `absent`: the file, or the folder of the new name. */
  link(from: string, to: string): Promise<'linked' | 'exists' | 'absent'>
  /** Moves a file over another. `absent`: the file, or the folder of the new name. */
  rename(from: string, to: string): Promise<'renamed' | 'absent'>
  /** Removes a file if it is there. */
  remove(path: string): Promise<void>
  /** Makes a folder and those above it; durable. */
  makeFolder(path: string): Promise<void>
  syncFolder(path: string): Promise<void>
  facts(path: string): Promise<FileFacts | undefined>
  readBytes(path: string): Promise<Uint8Array | undefined>
  /** Names in a folder, none when it is absent. */
  names(path: string): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]>
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code // Node attaches it to its errors

/** Runs a step; the codes of `expected` are answers, everything else is a failure of the catalogue. */
const step = async <Answer>(
  path: string,
  run: () => Promise<Answer>,
  expected: Readonly<Record<string, Answer>>,
): Promise<Answer> => {
  try {
    return await run()
  } catch (error) {
    const code = String(codeOf(error))
    if (Object.hasOwn(expected, code)) return expected[code] as Answer // present, see the line above
    // Which hidden file it was helps nobody: the folder is where a person can make room.
    throw storageError(path.split('/.spillway~')[0] ?? path, error)
  }
}

const syncPath = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const writeNew = async (path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> => {
  const handle = await open(path, 'wx')
  try {
    let byteLength = 0
    for await (const chunk of chunks) {
      // writeFile goes on behind a short write, which write does not.
      await handle.writeFile(chunk)
      byteLength += chunk.length
    }
    await handle.sync()
    return byteLength
  } catch (error) {
    await unlink(path).catch(() => undefined)
    throw error
  } finally {
    await handle.close()
  }
}

const makeFolder = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  // Every folder that was made is a name in the one above it.
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) await syncPath(dirname(folder))
}

const processIsAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

/** A pid says something only within its name space: two containers may share a host name and a folder. */
const hostOfPids = async (): Promise<string> => {
  const space = await readlink('/proc/self/ns/pid').catch(() => '')
  return createHash('sha256').update(`${hostname()} ${space}`).digest('hex').slice(0, 12)
}

export const folderFiles: FolderFiles = {
  writer: async () => ({ host: await hostOfPids(), pid: process.pid, token: randomUUID() }),
  isAlive: processIsAlive,
  writeNew: (path, chunks) => step(path, () => writeNew(path, chunks), {}),
  link: (from, to) =>
    step<'linked' | 'exists' | 'absent'>(to, () => link(from, to).then(() => 'linked'), {
      EEXIST: 'exists',
      ENOENT: 'absent',
    }),
  rename: (from, to) =>
    step<'renamed' | 'absent'>(to, () => rename(from, to).then(() => 'renamed'), { ENOENT: 'absent' }),
  remove: (path) => step(path, () => unlink(path), { ENOENT: undefined }),
  makeFolder: (path) => step(path, () => makeFolder(path), {}),
  syncFolder: (path) => step(path, () => syncPath(path), { ENOENT: undefined }),
  facts: (path) =>
    step<FileFacts | undefined>(path, () => stat(path, { bigint: true }).then(factsOf), { ENOENT: undefined }),
  readBytes: (path) => step<Uint8Array | undefined>(path, () => readFile(path), { ENOENT: undefined }),
  names: (path) =>
    step(
      path,
      async () =>
        (await readdir(path, { withFileTypes: true })).map((item) => ({
          name: item.name,
          isFolder: item.isDirectory(),
        })),
      { ENOENT: [] },
    ),
}

const factsOf = (stats: { size: bigint; mtimeMs: bigint; dev: bigint; ino: bigint }): FileFacts => ({
  byteLength: Number(stats.size),
  changedMs: Number(stats.mtimeMs),
  identity: `${stats.dev}:${stats.ino}`,
})
