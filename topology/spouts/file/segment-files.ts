/**
 * Segments of one partition as readers see them: which there are, their open files, their marks. Bounded: the files and
 * marks of the segments used longest ago are let go.
 *
 * A segment below the one that is written to never changes; it may only disappear, dropped by any process.
 */
import type { Disk, DiskFile } from './disk.ts'
import { decodeSegmentHeader, segmentBases, segmentHeaderBytes, segmentPath } from './segment-format.ts'
import { SegmentMarks } from './segment-marks.ts'

export interface OpenSegment {
  readonly base: number
  readonly file: DiskFile
  readonly marks: SegmentMarks
}

interface KeptSegment extends OpenSegment {
  users: number
}

// Lanes of one partition read at a few places at once; beyond that a file is opened again for 10 us.
const segmentsKeptMax = 16

export class SegmentFiles {
  readonly folder: string
  readonly #disk: Disk
  readonly #partition: number
  readonly #kept = new Map<number, KeptSegment>()
  readonly #timesBefore = new Map<number, number>()
  #bases: readonly number[] = []
  #keptMax = segmentsKeptMax

  constructor(disk: Disk, folder: string, partition: number) {
    this.#disk = disk
    this.folder = folder
    this.#partition = partition
  }

  /** First offsets of the segments that are there now, ascending. */
  list(): readonly number[] {
    this.#bases = segmentBases(this.#disk.list(this.folder))
    return this.#bases
  }

  /** Base of the segment that holds an offset; `newest` is the segment that is written to. */
  baseOf(offset: number, newest: number): number | undefined {
    if (offset >= newest) return newest
    if (this.#bases.at(-1) !== newest) this.list()
    return this.#bases.findLast((base) => base <= offset)
  }

  /** Base of the segment behind another one. */
  after(base: number, newest: number): number {
    return this.#bases.find((next) => next > base) ?? newest
  }

  /** Bytes of a segment that is no longer written to. */
  size(base: number): number {
    return this.#disk.size(segmentPath(this.folder, base)) ?? 0
  }

  /** Append time of the last record before a segment, ms; `undefined` when the segment has been dropped. */
  timeBeforeMs(base: number): number | undefined {
    const known = this.#timesBefore.get(base)
    if (known !== undefined) return known
    const path = segmentPath(this.folder, base)
    const file = this.#disk.openToRead(path)
    if (file === undefined) return undefined
    try {
      const bytes = Buffer.alloc(segmentHeaderBytes)
      file.readNow(bytes, 0)
      const time = decodeSegmentHeader(bytes, path, this.#partition)?.timeBeforeMs
      if (time !== undefined) this.#timesBefore.set(base, time)
      return time
    } finally {
      file.close()
    }
  }

  /** Runs `work` with a segment open; `undefined` when it has been dropped. */
  async using<Result>(base: number, work: (segment: OpenSegment) => Promise<Result>): Promise<Result | undefined> {
    const segment = this.#open(base)
    if (segment === undefined) return undefined
    segment.users += 1
    try {
      return await work(segment)
    } finally {
      segment.users -= 1
      this.#letGo()
    }
  }

  /** Closes what nobody uses; the rest is closed by its last user. */
  close(): void {
    this.#keptMax = 0
    this.#letGo()
  }

  #open(base: number): KeptSegment | undefined {
    const kept = this.#kept.get(base)
    if (kept !== undefined) {
      // The map is ordered by insertion: the one just used goes to the end.
      this.#kept.delete(base)
      this.#kept.set(base, kept)
      return kept
    }
    const file = this.#disk.openToRead(segmentPath(this.folder, base))
    if (file === undefined) return undefined
    const segment = { base, file, marks: new SegmentMarks(), users: 0 }
    this.#kept.set(base, segment)
    return segment
  }

  #letGo(): void {
    for (const segment of this.#kept.values()) {
      if (this.#kept.size <= this.#keptMax) return
      if (segment.users > 0) continue
      this.#kept.delete(segment.base)
      segment.file.close()
    }
  }
}
