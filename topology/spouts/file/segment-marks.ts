/**
 * A sparse index of one segment: for every frame of a full size, which offset and append time stand where. It is made from the
 * frames when it is first asked for and grows with the segment, so there is no file that could disagree with them.
 */
import type { DiskFile } from './disk.ts'
import { type ScannedFrame, scanFrames } from './scan-frames.ts'
import { frameBytesTarget, segmentHeaderBytes } from './segment-format.ts'

// A look-up of one record then reads one frame; 100 bytes a mark are 1.6 MiB for each GiB of the segments that are read.
const bytesPerMark = frameBytesTarget

export class SegmentMarks {
  readonly #marks: ScannedFrame[] = []
  /** Everything below has been walked. */
  #scanned = segmentHeaderBytes
  #offset = -1
  #timeMs = -1

  /** Position of a frame at or before the one that holds `offset`. `limit`: bytes of the segment that may be read. */
  async atOffset(file: DiskFile, limit: number, offset: number): Promise<number> {
    if (this.#offset < offset) await this.#extend(file, limit, () => this.#offset < offset)
    return this.#lastPosition((mark) => mark.base <= offset)
  }

  /** Offset of the first record at or after `timeMs`, or `undefined` when all records of the segment are older. */
  async offsetAtTime(file: DiskFile, limit: number, timeMs: number): Promise<number | undefined> {
    if (this.#timeMs < timeMs) await this.#extend(file, limit, () => this.#timeMs < timeMs)
    let found: number | undefined
    const from = this.#lastPosition((mark) => mark.timeMs < timeMs)
    await scanFrames(file, { from, to: limit }, false, (frame) => {
      if (frame.timeMs >= timeMs) found = frame.base
      return found === undefined
    })
    return found
  }

  /** Walks on while it is worth it. Two walks at once are harmless: each mark is taken once, in order. */
  async #extend(file: DiskFile, limit: number, isWanted: () => boolean): Promise<void> {
    await scanFrames(file, { from: this.#scanned, to: limit }, false, (frame) => {
      if (!isWanted()) return false
      if (frame.position >= this.#scanned) this.#take(frame)
      return true
    })
  }

  #take(frame: ScannedFrame): void {
    const last = this.#marks.at(-1)
    if (last === undefined || frame.position - last.position >= bytesPerMark) this.#marks.push(frame)
    this.#scanned = frame.behind
    this.#offset = frame.end - 1
    this.#timeMs = frame.timeMs
  }

  #lastPosition(isBefore: (mark: ScannedFrame) => boolean): number {
    let low = 0
    let high = this.#marks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(this.#marks[middle]!)) low = middle + 1
      else high = middle
    }
    return this.#marks[low - 1]?.position ?? segmentHeaderBytes
  }
}
