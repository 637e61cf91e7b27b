/**
 * The disk of one simulated process, for what its sinks spill: files in memory that are gone when the process is, and
 * that are full now and then (class `retry`). Nothing is ever read short.
 */
import { errors } from '../../../model/errors.ts'
import type { SpillDisk, SpillFile } from '../../../model/ports/spill-disk.ts'
import type { Pause } from '../../faults/troubles.ts'
import type { Dice } from '../stage/dice.ts'

export interface SimulatedDiskOptions {
  /** Of the process, for the note about a full disk. */
  readonly name: string
  readonly dice: Dice
  /** Awaited before a file is made and before each write. Default: nothing. */
  readonly pause?: Pause
  /** What a sink keeps in memory. Default 256 bytes, about one event: small epochs spill too. */
  readonly chunkBytes?: number
}

export interface SimulatedDisk extends SpillDisk {
  /** Full until it is set to false again, whatever the dice say. */
  isFull: boolean
  /** Files that nobody has discarded. */
  readonly fileCount: number
  /** Bytes of all files. */
  readonly byteLength: number
}

// A disk that fills up stays full for so many calls at most.
const refusedMax = 4

class MemoryDisk implements SimulatedDisk {
  readonly chunkBytes: number
  isFull = false
  readonly files = new Set<MemoryFile>()
  readonly #options: SimulatedDiskOptions
  #refused = 0

  constructor(options: SimulatedDiskOptions) {
    this.#options = options
    this.chunkBytes = options.chunkBytes ?? 256
  }

  get fileCount(): number {
    return this.files.size
  }

  get byteLength(): number {
    let sum = 0
    for (const file of this.files) sum += file.bytes.length
    return sum
  }

  async open(name: string): Promise<SpillFile> {
    await this.take(name)
    const file = new MemoryFile(name, this)
    this.files.add(file)
    return file
  }

  /** Throws when there is no room for what the file is about to take. */
  async take(path: string): Promise<void> {
    await this.#options.pause?.()
    if (this.#refused > 0) this.#refused -= 1
    else if (this.#options.dice.happens('diskFull', () => `of ${this.#options.name}`))
      this.#refused = this.#options.dice.below(refusedMax)
    else if (!this.isFull) return
    throw errors.diskFull({ path })
  }
}

class MemoryFile implements SpillFile {
  readonly #name: string
  readonly #disk: MemoryDisk
  bytes: Uint8Array = new Uint8Array(0)

  constructor(name: string, disk: MemoryDisk) {
    this.#name = name
    this.#disk = disk
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    await this.#disk.take(this.#name)
    const end = position + bytes.length
    if (end > this.bytes.length) {
      const longer = new Uint8Array(end)
      longer.set(this.bytes)
      this.bytes = longer
    }
    this.bytes.set(bytes, position)
  }

  async read(target: Uint8Array, at: number, length: number, position: number): Promise<void> {
    if (position + length > this.bytes.length) throw new Error('the spill file is shorter than what was written')
    target.set(this.bytes.subarray(position, position + length), at)
  }

  discard(): void {
    this.#disk.files.delete(this)
    this.bytes = new Uint8Array(0)
  }
}

export const createSimulatedDisk = (options: SimulatedDiskOptions): SimulatedDisk => new MemoryDisk(options)
