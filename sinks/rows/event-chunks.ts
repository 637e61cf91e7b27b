/**
 * Chunks of memory outside the heap in which events wait for their write, used again and again.
 *
 * A chunk that is only dropped lives on until the collector looks outside of the heap: under load that is as much again
 * as is held. Given back, it is the next epoch's at once, whichever store of the process that belongs to.
 */

// Large enough that the rest of a chunk lost to the next event is small, small enough for an idle lane.
const chunkBytes = 262_144
// What is kept for later, in all: some epochs of a busy process.
const keptBytesMax = 33_554_432

const kept: Buffer[] = []

/** A chunk of at least so many bytes, with whatever was in it. */
export const takeChunk = (bytes: number): Buffer =>
  (bytes <= chunkBytes ? kept.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(chunkBytes, bytes))

/** Nobody may read or write it any more. */
export const giveBackChunk = (chunk: Buffer): void => {
  if (chunk.length === chunkBytes && kept.length * chunkBytes < keptBytesMax) kept.push(chunk)
}
