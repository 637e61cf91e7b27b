/** Notices which files are written: the functions of `node:fs` that write, and how each says where. */
import fs from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Patch } from './watch-effects.ts'

/** Which arguments name a file that is other than before, or gone. */
const written: Readonly<Record<string, readonly number[]>> = {
  writeFile: [0],
  appendFile: [0],
  truncate: [0],
  createWriteStream: [0],
  open: [0],
  rename: [0, 1],
  copyFile: [1],
  cp: [1],
  link: [1],
  symlink: [1],
  unlink: [0],
  rm: [0],
}

const isWriting = (flags: unknown): boolean =>
  typeof flags === 'number' ? (flags & 3) !== fs.constants.O_RDONLY : typeof flags === 'string' && /[wa+]/.test(flags)

const pathOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return resolve(value)
  if (value instanceof URL) return fileURLToPath(value)
  return value instanceof Uint8Array ? resolve(Buffer.from(value).toString()) : undefined
}

const patchOf = (object: object, key: string, places: readonly number[], wrote: (path: string) => void): Patch => ({
  object,
  key,
  make: (real) =>
    function (this: unknown, ...values: never[]) {
      if (!key.startsWith('open') || isWriting(values[1])) {
        for (const place of places) {
          const path = pathOf(values[place])
          if (path !== undefined) wrote(path)
        }
      }
      return real.apply(this, values)
    },
})

/** Everything in `node:fs` and `node:fs/promises` that writes tells `wrote` before it does. */
export const filePatches = (wrote: (path: string) => void): readonly Patch[] =>
  Object.entries(written).flatMap(([name, places]) => [
    ...[name, `${name}Sync`].filter((key) => key in fs).map((key) => patchOf(fs, key, places, wrote)),
    ...(name in fs.promises ? [patchOf(fs.promises, name, places, wrote)] : []),
  ])

/** A file as it is now: its bytes as text, the size of a big one, `undefined` where there is no file. */
export interface FileState {
  readonly size: number
  readonly bytes: Buffer | undefined
}

const comparedBytesMax = 8_388_608

export const fileStateOf = (path: string): FileState | undefined => {
  const stat = fs.statSync(path, { throwIfNoEntry: false })
  if (stat === undefined || !stat.isFile()) return undefined
  return { size: stat.size, bytes: stat.size <= comparedBytesMax ? fs.readFileSync(path) : undefined }
}

export const isSameFile = (left: FileState | undefined, right: FileState | undefined): boolean => {
  if (left === undefined || right === undefined) return left === right
  if (left.bytes === undefined || right.bytes === undefined) return left.size === right.size
  return left.bytes.equals(right.bytes)
}
