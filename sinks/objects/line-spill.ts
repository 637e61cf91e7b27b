/**
 * Lines of one open epoch: collected in memory, in a file of their own as soon as they are more than a chunk.
 *
 * Plain bytes are spilled and compressed at close, because an open compressor per output costs 230 KiB (PROTOCOL section
 * 7). `add` never waits; what is on its way to the disk is bounded by whoever awaits `settle`. Before a chunk leaves, its
 * lines are put together by output, so that an output is read back in long stretches.
 */
import type { SpillFile } from '../../topology/model/ports/spill-disk.ts'
import { LineIndex } from './line-index.ts'
import { SpillRoom } from './spill-room.ts'

// Smaller epochs, which are most, never touch the disk.
const usualChunkBytes = 1_048_576
const firstChunkBytes = 65_536
// Four chunks on their way keep a disk busy; more would only hold memory.
const pendingChunksMax = 4

interface Chunk {
  readonly bytes: Uint8Array
  readonly length: number
  readonly position: number
}

export class LineSpill {
  readonly index: LineIndex = new LineIndex()
  /** Where the next line is written: `chunk[at ...]`, after `reserve`. */
  chunk: Uint8Array
  at = 0
  private firstLine = 0
  private sealedBytes = 0
  private pendingBytes = 0
  private readonly pending: Chunk[] = []
  private spare: Uint8Array | undefined
  private file: SpillFile | undefined
  private pumping: Promise<void> | undefined
  private isDiscarded = false
  private readonly openFile: () => Promise<SpillFile>
  private readonly chunkBytes: number
  private readonly room: SpillRoom
  private roomBytes = 0

  constructor(openFile: () => Promise<SpillFile>, chunkBytes: number = usualChunkBytes, room = new SpillRoom()) {
    this.openFile = openFile
    this.chunkBytes = chunkBytes
    this.room = room
    this.chunk = new Uint8Array(Math.min(firstChunkBytes, chunkBytes))
  }

  /** Makes room for a line of up to `bytes` bytes behind `at`. */
  reserve(bytes: number): void {
    const needed = this.at + bytes
    if (needed <= this.chunk.length) return
    const { chunkBytes } = this
    if (this.sealedBytes === 0 && needed <= chunkBytes) {
      const grown = new Uint8Array(Math.min(chunkBytes, Math.max(needed, 2 * this.chunk.length)))
      grown.set(this.chunk.subarray(0, this.at))
      this.chunk = grown
      return
    }
    this.seal()
    if (this.chunk.length < bytes) this.chunk = new Uint8Array(bytes)
  }

  /** Takes the line that now stands in `[at, end)` of the chunk. */
  take(offset: number, output: number, end: number): void {
    this.index.add(offset, output, this.sealedBytes + this.at, end - this.at)
    this.at = end
  }

  /** Marks an event that leaves again, or that a delete takes out. */
  takeAway(offset: number, output: number): void {
    this.index.add(offset, output, this.sealedBytes + this.at, 0)
  }

  heldBytes(): number {
    return this.chunk.length + this.pendingBytes + this.index.byteLength
  }

  spilledBytes(): number {
    return this.sealedBytes - this.pendingBytes
  }

  /** Whether it has a file, or is about to. */
  get hasSpilled(): boolean {
    return this.sealedBytes > 0
  }

  /** Resolves when little is on its way to the disk. Throws `retry` when the disk is full; the lines are kept. */
  async settle(): Promise<void> {
    if (this.pendingBytes > pendingChunksMax * this.chunkBytes) await this.pump()
  }

  /** Brings everything to where `read` finds it. Throws as `settle` does. */
  async finish(): Promise<void> {
    this.check()
    if (this.sealedBytes === 0) return
    if (this.at > 0) this.seal()
    while (this.pending.length > 0) await this.pump()
  }

  /** Fills `target[at, at + length)` from a place in the spill; only after `finish`. */
  async read(target: Uint8Array, at: number, length: number, start: number): Promise<void> {
    this.check()
    if (this.file === undefined) target.set(this.chunk.subarray(start, start + length), at)
    else await this.file.read(target, at, length, start)
  }

  discard(): void {
    this.isDiscarded = true
    this.room.give(this.roomBytes)
    this.roomBytes = 0
    this.pending.length = 0
    this.pendingBytes = 0
    this.chunk = new Uint8Array(0)
    this.file?.discard()
  }

  /** Whoever writes when the lane is given up ends in an error: what is no longer there would be an object of zeros. */
  private check(): void {
    if (this.isDiscarded) throw new Error('the lines of an epoch that was given up are read')
  }

  private seal(): void {
    if (this.at === 0) return
    const bytes = this.groupedByOutput()
    this.pending.push({ bytes, length: this.at, position: this.sealedBytes })
    this.pendingBytes += this.at
    this.sealedBytes += this.at
    // Counted when it leaves for the disk: what is on its way will be there.
    this.room.take(this.at)
    this.roomBytes += this.at
    this.firstLine = this.index.count
    this.at = 0
    if (bytes === this.chunk) this.chunk = this.unusedChunk()
    // A failure shows when the lane awaits `settle` or `finish`, which try again.
    this.pump().catch(() => undefined)
  }

  private unusedChunk(): Uint8Array {
    const found = this.spare ?? new Uint8Array(this.chunkBytes)
    this.spare = undefined
    return found
  }

  /** The chunk with the lines of each output side by side, in their order. */
  private groupedByOutput(): Uint8Array {
    const { index, firstLine, chunk } = this
    const totals = new Map<number, number>()
    for (let line = firstLine; line < index.count; line++) {
      const output = index.output(line)
      totals.set(output, (totals.get(output) ?? 0) + index.length(line))
    }
    if (totals.size <= 1) return chunk
    let next = 0
    for (const [output, total] of totals) {
      totals.set(output, next)
      next += total
    }
    const grouped =
      this.spare !== undefined && this.spare.length >= this.at ? this.unusedChunk() : new Uint8Array(chunk.length)
    for (let line = firstLine; line < index.count; line++) {
      const from = index.start(line) - this.sealedBytes
      const to = totals.get(index.output(line))!
      grouped.set(chunk.subarray(from, from + index.length(line)), to)
      index.move(line, this.sealedBytes + to)
      totals.set(index.output(line), to + index.length(line))
    }
    return grouped
  }

  private pump(): Promise<void> {
    this.pumping ??= this.drain().finally(() => {
      this.pumping = undefined
    })
    return this.pumping
  }

  private async drain(): Promise<void> {
    for (let next = this.pending[0]; next !== undefined; next = this.pending[0]) {
      this.file ??= await this.openFile()
      if (this.isDiscarded) return this.file.discard()
      await this.file.write(next.bytes.subarray(0, next.length), next.position)
      // Discarded meanwhile: the queue is empty.
      if (this.pending[0] !== next) return
      this.pending.shift()
      this.pendingBytes -= next.length
      if (next.bytes.length === this.chunkBytes) this.spare = next.bytes
    }
  }
}
