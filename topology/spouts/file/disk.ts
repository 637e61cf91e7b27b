/**
 * The only file of the embedded log that touches the file system. Calls that may wait for the disk are promises; the
 * few that read or write some bytes of the page cache are not, because a trip through the thread pool costs fifty
 * times the call. Tests put a disk of their own here, one that is full or loses power.
 *
 * Every failure leaves as a `SpillwayError`: a full disk is `diskFull` (retry), the rest names its path.
 */
import * as fs from 'node:fs'
import { storageError } from '../../model/errors.ts'

export interface DiskFile {
  readonly path: string
  /** Fills `bytes` from `position` on and gives the number of bytes read, fewer only at the end of the file. */
  read(bytes: Uint8Array, position: number): Promise<number>
  readNow(bytes: Uint8Array, position: number): number
  /** Writes all of the bytes, or throws. */
  write(bytes: Uint8Array, position: number): Promise<void>
  writeNow(bytes: Uint8Array, position: number): void
  truncate(length: number): Promise<void>
  /** Resolves when the bytes and the length of the file would outlive a power cut. */
  sync(): Promise<void>
  close(): void
}

export interface Disk {
  /** Makes a folder and what is missing above it. */
  makeFolder(path: string): void
  /** Names in a folder, sorted by code unit. */
  list(path: string): readonly string[]
  /** Opens a file that is there, for reading; `undefined` when it is not. */
  openToRead(path: string): DiskFile | undefined
  /** Opens a file for reading and writing, making it if need be. */
  openToWrite(path: string): DiskFile
  /** Bytes of a file; `undefined` when there is none. */
  size(path: string): number | undefined
  readText(path: string): string | undefined
  rename(from: string, to: string): void
  remove(path: string): void
  /** Makes created, renamed and removed names of a folder durable. */
  syncFolder(path: string): Promise<void>
}

const isMissing = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'

const guarded = <Result>(path: string, work: () => Result): Result => {
  try {
    return work()
  } catch (cause) {
    throw storageError(path, cause)
  }
}

const ifPresent = <Result>(path: string, work: () => Result): Result | undefined => {
  try {
    return work()
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw storageError(path, cause)
  }
}

class SystemFile implements DiskFile {
  readonly path: string
  readonly #descriptor: number

  constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  async read(bytes: Uint8Array, position: number): Promise<number> {
    let done = 0
    while (done < bytes.length) {
      const count = await this.#call<number>((reply) =>
        fs.read(this.#descriptor, bytes, done, bytes.length - done, position + done, reply),
      )
      if (count === 0) break
      done += count
    }
    return done
  }

  readNow(bytes: Uint8Array, position: number): number {
    return guarded(this.path, () => fs.readSync(this.#descriptor, bytes, 0, bytes.length, position))
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    // A disk that is nearly full takes a part of the bytes first and refuses the rest.
    for (let done = 0; done < bytes.length; ) {
      done += await this.#call<number>((reply) =>
        fs.write(this.#descriptor, bytes, done, bytes.length - done, position + done, reply),
      )
    }
  }

  writeNow(bytes: Uint8Array, position: number): void {
    guarded(this.path, () => fs.writeSync(this.#descriptor, bytes, 0, bytes.length, position))
  }

  truncate(length: number): Promise<void> {
    return this.#call((reply) => fs.ftruncate(this.#descriptor, length, reply))
  }

  sync(): Promise<void> {
    return this.#call((reply) => fs.fdatasync(this.#descriptor, reply))
  }

  close(): void {
    guarded(this.path, () => fs.closeSync(this.#descriptor))
  }

  #call<Value = void>(start: (reply: (cause: unknown, value?: Value) => void) => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      start((cause, value) => {
        if (cause) reject(storageError(this.path, cause))
        else resolve(value as Value) // a reply without a cause has its value
      })
    })
  }
}

export const systemDisk: Disk = {
  makeFolder: (path) => {
    guarded(path, () => fs.mkdirSync(path, { recursive: true }))
  },
  list: (path) => guarded(path, () => fs.readdirSync(path)).sort(),
  openToRead: (path) => ifPresent(path, () => new SystemFile(path, fs.openSync(path, 'r'))),
  openToWrite: (path) =>
    guarded(path, () => new SystemFile(path, fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644))),
  size: (path) => guarded(path, () => fs.statSync(path, { throwIfNoEntry: false })?.size),
  readText: (path) => ifPresent(path, () => fs.readFileSync(path, 'utf8')),
  rename: (from, to) => guarded(to, () => fs.renameSync(from, to)),
  remove: (path) => guarded(path, () => fs.rmSync(path, { force: true })),
  syncFolder: async (path) => {
    const folder = guarded(path, () => new SystemFile(path, fs.openSync(path, 'r')))
    try {
      await folder.sync()
    } finally {
      folder.close()
    }
  },
}
