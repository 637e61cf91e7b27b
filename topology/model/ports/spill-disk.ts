/**
 * Where a sink puts what is too much for memory, until its epoch is written. No store: nothing is synced, and nobody reads
 * it after a crash, because the lane reads the log again.
 *
 * Errors are `SpillwayError`s: `retry` for a full disk (the same call is made again), `stop` for a disk that cannot be used.
 */

export interface SpillFile {
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Fills `target[at, at + length)`. */
  read(target: Uint8Array, at: number, length: number, position: number): Promise<void>
  /** Closes and removes the file; waits for nothing. */
  discard(): void
}

export interface SpillDisk {
  /** How many bytes a sink keeps in memory before it writes them out. */
  readonly chunkBytes: number
  /** Makes a file that nobody else uses; `name` says in messages whose it is. */
  open(name: string): Promise<SpillFile>
}
