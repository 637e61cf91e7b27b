/**
 * Where a partition begins and ends, in one small file per partition that its writer overwrites after every sync.
 *
 * It is the only thing that makes records visible: readers of all processes give nothing behind its end, so a record
 * that is written but not yet synced is seen by nobody. It is not synced itself. After a power cut it may be old, never
 * ahead; the next writer finds the rest in the segments.
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { errors } from '../../model/errors.ts'
import { type Offset, offset } from '../../model/position.ts'
import type { Disk, DiskFile } from './disk.ts'
import { formatVersion } from './segment-format.ts'

export interface PartitionBounds {
  readonly start: Offset
  readonly end: Offset
  /** First offset of the segment that is written to. */
  readonly segment: number
  /** Bytes of that segment that are durable. */
  readonly position: number
  /** Append time of the last record, ms; 0 when there is none. */
  readonly lastTimeMs: number
}

const magic = 0x53504c42
const fileBytes = 56
// A read may fall into the middle of a write; the checksum tells, and the next read is whole.
const readsMax = 1_000

export const sameBounds = (one: PartitionBounds, other: PartitionBounds): boolean =>
  one.end === other.end &&
  one.position === other.position &&
  one.segment === other.segment &&
  one.start === other.start &&
  one.lastTimeMs === other.lastTimeMs

export class BoundsFile {
  readonly #disk: Disk
  readonly #path: string
  readonly #bytes: Buffer = Buffer.alloc(fileBytes)
  #file: DiskFile | undefined

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#path = join(folder, 'bounds')
  }

  /** The bounds, or `undefined` when the file is not there or not whole: never written, or lost with the power. */
  tryRead(): PartitionBounds | undefined {
    this.#file ??= this.#disk.size(this.#path) === undefined ? undefined : this.#disk.openToWrite(this.#path)
    if (this.#file === undefined) return undefined
    const bytes = this.#bytes
    if (this.#file.readNow(bytes, 0) !== fileBytes || bytes.readUInt32LE(0) !== magic) return undefined
    if (crc32(bytes.subarray(0, 48)) !== bytes.readUInt32LE(48)) return undefined
    const version = bytes.readUInt32LE(4)
    if (version !== formatVersion) {
      throw errors.logFormat({
        path: this.#path,
        reason: `format version ${version}; this is version ${formatVersion}`,
      })
    }
    return {
      start: offset(bytes.readDoubleLE(8)),
      end: offset(bytes.readDoubleLE(16)),
      segment: bytes.readDoubleLE(24),
      position: bytes.readDoubleLE(32),
      lastTimeMs: bytes.readDoubleLE(40),
    }
  }

  /** The bounds of a partition that has been opened, which made the file whole. */
  read(): PartitionBounds {
    for (let reads = 0; reads < readsMax; reads += 1) {
      const bounds = this.tryRead()
      if (bounds !== undefined) return bounds
    }
    throw errors.logFormat({ path: this.#path, reason: 'the file is damaged; open the log again to have it made anew' })
  }

  write(bounds: PartitionBounds): void {
    this.#file ??= this.#disk.openToWrite(this.#path)
    const bytes = this.#bytes
    bytes.writeUInt32LE(magic, 0)
    bytes.writeUInt32LE(formatVersion, 4)
    bytes.writeDoubleLE(bounds.start, 8)
    bytes.writeDoubleLE(bounds.end, 16)
    bytes.writeDoubleLE(bounds.segment, 24)
    bytes.writeDoubleLE(bounds.position, 32)
    bytes.writeDoubleLE(bounds.lastTimeMs, 40)
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 48)), 48)
    this.#file.writeNow(bytes, 0)
  }

  close(): void {
    this.#file?.close()
    this.#file = undefined
  }
}
