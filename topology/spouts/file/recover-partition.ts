/**
 * Finds the true end of a partition after its writer died, by `kill -9` or with the power: whole frames behind the
 * published end are kept, because their appends may have been reported; what is torn behind them is cut off.
 *
 * Runs under the write lock. Keeps the promise of `append`: what was synced is there again, once, at its offset.
 */
import { errors } from '../../model/errors.ts'
import { offset } from '../../model/position.ts'
import type { BoundsFile, PartitionBounds } from './bounds-file.ts'
import type { Disk, DiskFile } from './disk.ts'
import { scanFrames } from './scan-frames.ts'
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  type SegmentHeader,
  segmentBases,
  segmentHeaderBytes,
  segmentPath,
} from './segment-format.ts'

/** Makes an empty segment, durable in file and folder. A torn one of the same name is overwritten. */
export const createSegment = async (
  disk: Disk,
  folder: string,
  partition: number,
  header: SegmentHeader,
): Promise<void> => {
  const file = disk.openToWrite(segmentPath(folder, header.base))
  try {
    await file.truncate(0)
    await file.write(encodeSegmentHeader(partition, header), 0)
    await file.sync()
  } finally {
    file.close()
  }
  await disk.syncFolder(folder)
}

const readHeader = async (file: DiskFile, partition: number): Promise<SegmentHeader | undefined> => {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  const got = await file.read(bytes, 0)
  return decodeSegmentHeader(bytes.subarray(0, got), file.path, partition)
}

/** Whether a segment is only the beginning of one: it is synced with its header before anything is written to it. */
const isUnfinished = (disk: Disk, path: string, header: SegmentHeader | undefined): boolean => {
  if (header !== undefined) return false
  if ((disk.size(path) ?? 0) <= segmentHeaderBytes) return true
  throw errors.logFormat({ path, reason: 'the header of the segment is damaged' })
}

interface Remainder {
  readonly disk: Disk
  readonly folder: string
  readonly partition: number
  readonly published: PartitionBounds | undefined
  readonly start: number
}

/**
 * Walks the frames behind what is published, or, when that is missing or the disk has lost some of it, all of them.
 * Offsets that were published are not given again even then: a gap stays where the records were.
 */
const recoverSegment = async (
  file: DiskFile,
  header: SegmentHeader,
  { disk, published, start }: Remainder,
): Promise<PartitionBounds> => {
  const size = disk.size(file.path) ?? 0
  const known = published?.segment === header.base && published.position <= size ? published : undefined
  let end = known === undefined ? header.base : Number(known.end)
  let lastTimeMs = known === undefined ? header.timeBeforeMs : known.lastTimeMs
  const from = known === undefined ? segmentHeaderBytes : known.position
  const position = await scanFrames(file, { from, to: size }, true, (frame) => {
    if (frame.base < end) return false
    end = frame.end
    lastTimeMs = frame.timeMs
    return true
  })
  if (position < size) await file.truncate(position)
  await file.sync()
  end = Math.max(end, published?.end ?? 0)
  lastTimeMs = Math.max(lastTimeMs, published?.lastTimeMs ?? 0)
  return { start: offset(start), end: offset(end), segment: header.base, position, lastTimeMs }
}

/** Time of the last record of a segment that is whole, for the header of a next one that was never finished. */
const boundsOfWhole = async (base: number, remainder: Remainder): Promise<PartitionBounds> => {
  const path = segmentPath(remainder.folder, base)
  const file = remainder.disk.openToWrite(path)
  try {
    const header = await readHeader(file, remainder.partition)
    if (header === undefined) throw errors.logFormat({ path, reason: 'the header of the segment is damaged' })
    return await recoverSegment(file, header, remainder)
  } finally {
    file.close()
  }
}

/** Settles the end of the partition, makes its first segment if there is none, and publishes its bounds. */
export const recoverPartition = async (
  disk: Disk,
  folder: string,
  partition: number,
  bounds: BoundsFile,
): Promise<PartitionBounds> => {
  const published = bounds.tryRead()
  disk.makeFolder(folder)
  const bases = segmentBases(disk.list(folder))
  if (bases.length === 0) {
    if (published !== undefined) throw errors.logFormat({ path: folder, reason: 'all segments are missing' })
    await createSegment(disk, folder, partition, { base: 0, timeBeforeMs: 0 })
    bases.push(0)
  }
  const start = Math.max(bases[0]!, published?.start ?? 0)
  const remainder = { disk, folder, partition, published, start }
  const path = segmentPath(folder, bases.at(-1)!)
  const file = disk.openToWrite(path)
  try {
    const found = await readHeader(file, partition)
    if (isUnfinished(disk, path, found)) {
      const before = bases.at(-2)
      const timeBeforeMs = before === undefined ? 0 : (await boundsOfWhole(before, remainder)).lastTimeMs
      await createSegment(disk, folder, partition, { base: bases.at(-1)!, timeBeforeMs })
    }
    const header = found ?? (await readHeader(file, partition))!
    const recovered = await recoverSegment(file, header, remainder)
    bounds.write(recovered)
    return recovered
  } finally {
    file.close()
  }
}
