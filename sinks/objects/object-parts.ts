/**
 * Cuts the lines of an epoch into objects: by output, in log order, each part at most the declared size (or one line).
 *
 * Pure: a function of the lines and the declared part size, so every owner of an epoch writes the same objects (I-1).
 */
import type { ObjectBody } from '../../topology/model/ports/object-store.ts'
import type { LineIndex } from './line-index.ts'
import type { OutputTable } from './output-table.ts'

export interface ObjectPart {
  readonly output: number
  /** Counted from 0 within the output. */
  readonly part: number
  /** Lines in log order, never empty. */
  readonly lines: Uint32Array
  readonly plainBytes: number
}

export function* objectParts(index: LineIndex, outputs: OutputTable, partBytes: number): Iterable<ObjectPart> {
  const grouped = groupByOutput(index, outputs.count)
  for (const output of outputs.sorted()) {
    const lines = grouped(output)
    let part = 0
    let first = 0
    let plainBytes = 0
    for (let i = 0; i < lines.length; i++) {
      const length = index.length(lines[i]!)
      if (i > first && partBytes > 0 && plainBytes + length > partBytes) {
        yield { output, part: part++, lines: lines.subarray(first, i), plainBytes }
        first = i
        plainBytes = 0
      }
      plainBytes += length
    }
    if (first < lines.length) yield { output, part, lines: lines.subarray(first), plainBytes }
  }
}

/** A counting sort: the lines of each output as a piece of one array. */
const groupByOutput = (index: LineIndex, outputs: number): ((output: number) => Uint32Array) => {
  const alive = index.alive()
  const ends = new Uint32Array(outputs + 1)
  for (const line of alive) ends[index.output(line) + 1]!++
  for (let output = 0; output < outputs; output++) ends[output + 1]! += ends[output]!
  const starts = ends.slice()
  const grouped = new Uint32Array(alive.length)
  for (const line of alive) grouped[starts[index.output(line)]!++] = line
  return (output) => grouped.subarray(ends[output]!, ends[output + 1]!)
}

// Large enough that a call costs nothing beside its bytes, small enough that a compressor holds little.
const blockBytes = 262_144

/** Reads the lines of a part in blocks of fixed size, so that what a compressor makes of them is always the same. */
export const partBody =
  (
    index: LineIndex,
    part: ObjectPart,
    read: (target: Uint8Array, at: number, length: number, start: number) => Promise<void>,
  ): ObjectBody =>
  () =>
    blocks(index, part, read)

async function* blocks(
  index: LineIndex,
  part: ObjectPart,
  read: (target: Uint8Array, at: number, length: number, start: number) => Promise<void>,
): AsyncIterable<Uint8Array> {
  let left = part.plainBytes
  let block = new Uint8Array(Math.min(blockBytes, left))
  let at = 0
  let reads: Promise<void>[] = []
  for (const stretch of stretches(index, part.lines)) {
    for (let done = 0; done < stretch.length; ) {
      const length = Math.min(block.length - at, stretch.length - done)
      reads.push(read(block, at, length, stretch.start + done))
      done += length
      at += length
      if (at < block.length) continue
      await Promise.all(reads)
      yield block
      left -= block.length
      block = new Uint8Array(Math.min(blockBytes, left))
      at = 0
      reads = []
    }
  }
}

/** Lines that stand side by side in the spill, as one. */
function* stretches(
  index: LineIndex,
  lines: Uint32Array,
): Iterable<{ readonly start: number; readonly length: number }> {
  let start = 0
  let length = 0
  for (const line of lines) {
    if (index.start(line) === start + length) {
      length += index.length(line)
      continue
    }
    if (length > 0) yield { start, length }
    start = index.start(line)
    length = index.length(line)
  }
  if (length > 0) yield { start, length }
}
