/**
 * Walks the frames of a segment by their headers, in large sequential reads: to find a place in it, or, with checksums,
 * to find how far it is whole.
 */
import type { DiskFile } from './disk.ts'
import { frameBase, frameHeaderBytes, frameLength, frameRecords, frameTimeMs, isFrameWhole } from './segment-format.ts'

export interface ScannedFrame {
  readonly position: number
  /** Position behind the frame. */
  readonly behind: number
  readonly base: number
  /** Offset behind the last record. */
  readonly end: number
  readonly timeMs: number
}

export interface ScanRange {
  /** Position of a frame. */
  readonly from: number
  /** Bytes of the file that may be read. */
  readonly to: number
}

const readBytes = 1_048_576

/** Reads frames from `position` on, enough bytes for at least one whole frame; empty when there is none. */
const readFrames = async (file: DiskFile, position: number, to: number): Promise<Buffer> => {
  const head = Buffer.allocUnsafeSlow(Math.min(readBytes, to - position))
  const got = await file.read(head, position)
  const first = frameLength(head, 0, got)
  if (first <= got) return head.subarray(0, got)
  if (position + first > to) return head.subarray(0, 0)
  const whole = Buffer.allocUnsafeSlow(first)
  return whole.subarray(0, await file.read(whole, position))
}

/**
 * Calls `visit` for each frame until it answers false. Gives the position of that frame, else the one behind the last.
 * With `isChecked` it stops at the first frame whose checksum is wrong: what lies there was never finished.
 */
export const scanFrames = async (
  file: DiskFile,
  range: ScanRange,
  isChecked: boolean,
  visit: (frame: ScannedFrame) => boolean,
): Promise<number> => {
  let position = range.from
  while (position + frameHeaderBytes < range.to) {
    const bytes = await readFrames(file, position, range.to)
    let at = 0
    for (;;) {
      const length = frameLength(bytes, at, bytes.length)
      if (length === 0 || at + length > bytes.length) break
      if (isChecked && !isFrameWhole(bytes, at, length)) return position + at
      const base = frameBase(bytes, at)
      const end = base + frameRecords(bytes, at)
      const frame = {
        position: position + at,
        behind: position + at + length,
        base,
        end,
        timeMs: frameTimeMs(bytes, at),
      }
      if (!visit(frame)) return position + at
      at += length
    }
    if (at === 0) break
    position += at
  }
  return position
}
