/**
 * Writes one partition, always under the write lock of the log. A write goes through four steps: `prepare` makes sure
 * that what this process knows is still so, `write` puts frames behind the end and syncs them, `publish` makes them
 * visible, `undo` takes an unpublished write back.
 *
 * A process that dies between any two of them leaves a partition that the next `prepare` recovers.
 */
import { join } from 'node:path'
import { type Offset, offset } from '../../model/position.ts'
import { BoundsFile, type PartitionBounds, sameBounds } from './bounds-file.ts'
import type { Disk, DiskFile } from './disk.ts'
import { type EncodedFrames, sealFrames } from './encode-frames.ts'
import { createSegment, recoverPartition } from './recover-partition.ts'
import type { SegmentFiles } from './segment-files.ts'
import { segmentBases, segmentHeaderBytes, segmentPath } from './segment-format.ts'

export class PartitionWriter {
  readonly folder: string
  readonly bounds: BoundsFile
  readonly #disk: Disk
  readonly #partition: number
  readonly #segmentBytes: number
  /** What this process published or recovered last; `undefined` after a failure that it could not undo. */
  #known: PartitionBounds | undefined
  /** Bounds that the write in hand will publish. */
  #next: PartitionBounds | undefined
  #file: DiskFile | undefined
  #fileBase = -1

  constructor(disk: Disk, logFolder: string, partition: number, segmentBytes: number) {
    this.folder = join(logFolder, String(partition))
    this.bounds = new BoundsFile(disk, this.folder)
    this.#disk = disk
    this.#partition = partition
    this.#segmentBytes = segmentBytes
  }

  /** Settles where the partition ends, after whoever wrote last. */
  async settle(): Promise<PartitionBounds> {
    this.#known = this.#settled() ?? (await recoverPartition(this.#disk, this.folder, this.#partition, this.bounds))
    return this.#known
  }

  /** Settles, begins a segment when the last one is full, and opens it. */
  async prepare(): Promise<void> {
    let bounds = await this.settle()
    const hasRecords = bounds.position > segmentHeaderBytes
    if (hasRecords && bounds.position >= this.#segmentBytes) bounds = await this.#roll(bounds)
    if (this.#fileBase === bounds.segment) return
    this.#closeFile()
    this.#file = this.#disk.openToWrite(segmentPath(this.folder, bounds.segment))
    this.#fileBase = bounds.segment
  }

  /** Writes and syncs; resolves with the first offset of each item. */
  async write(items: readonly EncodedFrames[], nowMs: number): Promise<readonly Offset[]> {
    const before = this.#known
    const file = this.#file
    if (before === undefined || file === undefined) throw new Error('a partition is written to before it is prepared')
    // Append times never go back, even when the clock does or another process has another one.
    const lastTimeMs = Math.max(before.lastTimeMs, nowMs)
    let end: number = before.end
    const offsets = items.map((item) => {
      const base = end
      sealFrames(item, base, lastTimeMs)
      end += item.records
      return offset(base)
    })
    const bytes = items.length === 1 ? items[0]!.bytes : Buffer.concat(items.map((item) => item.bytes))
    await file.write(bytes, before.position)
    await file.sync()
    this.#next = { ...before, end: offset(end), position: before.position + bytes.length, lastTimeMs }
    return offsets
  }

  publish(): void {
    const next = this.#next
    if (next === undefined) throw new Error('nothing was written that could be published')
    this.#next = undefined
    // Should publishing fail, the next `prepare` finds more bytes than are published and recovers.
    this.#known = undefined
    this.bounds.write(next)
    this.#known = next
  }

  /** Cuts off what was written and not published. Failing that, the next `prepare` recovers. */
  async undo(): Promise<void> {
    const known = this.#known
    this.#known = undefined
    this.#next = undefined
    if (known === undefined || this.#file === undefined) return
    await this.#file.truncate(known.position)
    await this.#file.sync()
    this.#known = known
  }

  /** Drops the segments below `before` whose last record is older than `olderThanMs`. */
  async release(before: Offset, olderThanMs: number, segments: SegmentFiles): Promise<void> {
    const known = await this.settle()
    const bases = segments.list()
    let dropped = 0
    // A segment may go when the next one begins at or below `before` and after nothing that is young.
    while (dropped + 1 < bases.length && bases[dropped + 1]! <= before) {
      const lastTimeMs = segments.timeBeforeMs(bases[dropped + 1]!)
      if (lastTimeMs === undefined || lastTimeMs >= olderThanMs) break
      dropped += 1
    }
    if (dropped === 0) return
    // Readers learn of the start first, so that none looks for a segment that is gone.
    const next = { ...known, start: offset(Math.max(known.start, bases[dropped]!)) }
    this.bounds.write(next)
    this.#known = next
    for (const base of bases.slice(0, dropped)) this.#disk.remove(segmentPath(this.folder, base))
  }

  close(): void {
    this.#closeFile()
    this.#known = undefined
    this.bounds.close()
  }

  #closeFile(): void {
    const file = this.#file
    this.#file = undefined
    this.#fileBase = -1
    file?.close()
  }

  /** The bounds, if nothing lies behind them that a dead writer has left. */
  #settled(): PartitionBounds | undefined {
    const published = this.bounds.tryRead()
    if (published === undefined) return undefined
    if (this.#disk.size(segmentPath(this.folder, published.segment)) !== published.position) return undefined
    const isRollLeft =
      published.end !== published.segment && this.#disk.size(segmentPath(this.folder, published.end)) !== undefined
    if (isRollLeft) return undefined
    if (this.#known !== undefined && sameBounds(this.#known, published)) return this.#known
    // Bounds that are old but fit their segment: after a power cut there are later segments.
    const last = segmentBases(this.#disk.list(this.folder)).at(-1)
    return last === published.segment ? published : undefined
  }

  async #roll(full: PartitionBounds): Promise<PartitionBounds> {
    await createSegment(this.#disk, this.folder, this.#partition, { base: full.end, timeBeforeMs: full.lastTimeMs })
    const next = { ...full, segment: full.end, position: segmentHeaderBytes }
    this.bounds.write(next)
    this.#known = next
    return next
  }
}
