/** Which lines of an object stay when events are taken out of it, by the offsets that the lines name. */
import { placeInSorted } from '../../topology/model/sorted-numbers.ts'
import { OffsetsOfLines } from './object-lines.ts'

export interface KeptLines {
  /** Lines that stay. */
  readonly count: number
  readonly removed: number
}

export class LinesToKeep {
  readonly #places: OffsetsOfLines
  readonly #offsets: Float64Array

  constructor(lines: Uint8Array, offsets: Float64Array) {
    this.#places = new OffsetsOfLines(lines)
    this.#offsets = offsets
  }

  /** Whether the line in `[start, end)` stays. Lines are asked about in order. */
  keeps(start: number, end: number): boolean {
    const offset = this.#places.offset(start, end)
    return offset === undefined || this.#offsets[placeInSorted(this.#offsets, offset)] !== offset
  }
}

/** Moves the lines that stay together, within the same bytes. */
export const linesWithout = (bytes: Uint8Array, offsets: Float64Array): KeptLines & { readonly bytes: Uint8Array } => {
  const lines = new LinesToKeep(bytes, offsets)
  let [at, from, count, removed] = [0, 0, 0, 0]
  const keep = (to: number): void => {
    if (at < from) bytes.copyWithin(at, from, to)
    at += to - from
  }
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start)
    const end = found < 0 ? bytes.length : found + 1
    if (lines.keeps(start, found < 0 ? end : found)) count++
    else {
      keep(start)
      from = end
      removed++
    }
    start = end
  }
  keep(bytes.length)
  return { bytes: bytes.subarray(0, at), count, removed }
}
