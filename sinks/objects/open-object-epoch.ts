/**
 * What one lane collects for objects, and the writing of it once its end is declared.
 *
 * The same declaration and the same tuples give the same names and bytes (I-1), so an object that exists already is
 * success, once its metadata says that it is this very epoch's (PROTOCOL section 7). Order: objects, manifest, and only
 * then the engine's commit. A delete's epoch takes the same events, with weight -1, out of the objects that hold them.
 */
import { errors } from '../../topology/model/errors.ts'
import type { Event } from '../../topology/model/event.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { ObjectStore, StoredObject } from '../../topology/model/ports/object-store.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import type { SpillFile } from '../../topology/model/ports/spill-disk.ts'
import type { DeclaredEpoch, OpenEpoch, WriteOutcome } from '../../topology/model/sink.ts'
import type { Tuples } from '../../topology/model/tuples.ts'
import type { Weight } from '../../topology/model/weight.ts'
import type { KnownPartitions } from '../rows/known-partitions.ts'
import { createEventLines, spliceBytesMax } from './event-lines.ts'
import { LineSpill } from './line-spill.ts'
import { formatObject, formatSuffix, type ObjectFormat } from './object-formats.ts'
import { objectKey } from './object-key.ts'
import {
  epochRow,
  isOwnObject,
  type ManifestObject,
  manifestPath,
  manifestStamp,
  manifestTable,
  objectMetadata,
  objectRow,
  outputColumns,
} from './object-manifest.ts'
import { type ObjectPart, objectParts, partBody } from './object-parts.ts'
import { OutputTable } from './output-table.ts'
import { resultsInOrder } from './results-in-order.ts'
import { type RetractedOffsets, retractFromObjects } from './retract-objects.ts'
import type { SpillRoom } from './spill-room.ts'
import { WriteProgress } from './write-progress.ts'
import { writeTurnsOf } from './write-turns.ts'

export interface ObjectEpochPlace {
  readonly sink: string
  readonly objects: ObjectStore
  readonly rows: RowStore
  /** Blocks of the manifest that stand in the catalogue of partitions. */
  readonly blocks: KnownPartitions
  readonly format: ObjectFormat
  readonly openSpill: () => Promise<SpillFile>
  /** Lines that are kept in memory before they are spilled. Absent: the usual number. */
  readonly spillBytes: number | undefined
  /** What all epochs of the process have spilled. */
  readonly spillRoom: SpillRoom
  readonly spillBytesMax: () => number
  /** Objects that may be on their way to the store at once. */
  readonly objectsAtOnce: () => number
}

// Names, map cells and numbers of one output; hour and collection are short texts.
const outputBytes = 200
// Manifest rows of one call.
const rowsPerWrite = 500

export class OpenObjectEpoch implements OpenEpoch<Event<unknown>> {
  private readonly place: ObjectEpochPlace
  private readonly spill: LineSpill
  private readonly outputTable = new OutputTable()
  private readonly lines = createEventLines()
  private progress = new WriteProgress('')

  constructor(place: ObjectEpochPlace) {
    this.place = place
    this.spill = new LineSpill(place.openSpill, place.spillBytes, place.spillRoom)
  }

  add(tuples: Tuples<Event<unknown>>, weight: Weight): void {
    if (tuples.length === 0) return
    const events = tuples.events()
    if (events === undefined) {
      const problem = `sink ${this.place.sink}: objects() stores events, and the bolt above it emits other objects; use event.withBody({ ... })`
      throw errors.badConfiguration({ problem })
    }
    const { spill, outputTable: outputs, lines } = this
    const [projects, collections, timesMs] = [events.projects(), events.collections(), events.timesMs()]
    for (let i = 0; i < events.length; i++) {
      const output = outputs.numberOf(projects[i]!, collections[i]!, events.appendTimesMs[i]!)
      if (weight === -1) {
        spill.takeAway(events.offsets[i]!, output)
        continue
      }
      const { start, end } = events.bytes(i)
      spill.reserve(end - start + spliceBytesMax)
      spill.take(events.offsets[i]!, output, lines.write(events, timesMs, i, spill.chunk, spill.at))
    }
  }

  heldBytes(): number {
    return this.spill.heldBytes() + this.outputTable.count * outputBytes
  }

  spilledBytes(): number {
    return this.spill.spilledBytes()
  }

  outputs(): number {
    return this.outputTable.count
  }

  isFull(): boolean {
    return this.spill.hasSpilled && this.place.spillRoom.usedBytes >= this.place.spillBytesMax()
  }

  settle(): Promise<void> {
    return this.spill.settle()
  }

  async write(epoch: DeclaredEpoch, signal: AbortSignal, isFresh = false): Promise<WriteOutcome> {
    this.progress = this.progress.of(epoch)
    if (epoch.retracts === undefined) await this.writeObjects(epoch, signal, isFresh)
    else {
      const { done } = this.progress
      await retractFromObjects({ ...this.place, epoch, retracted: this.retracted(), done, signal })
    }
    return 'written'
  }

  discard(): void {
    this.spill.discard()
  }

  private async writeObjects(epoch: DeclaredEpoch, signal: AbortSignal, isFresh: boolean): Promise<void> {
    await this.spill.finish()
    const { progress } = this
    const { objects, rows, blocks, objectsAtOnce } = this.place
    // Before the first row, or a delete would look past the block.
    await blocks.ensure([manifestPath(epoch)], signal)
    const turns = writeTurnsOf(objects)
    const parts = [...objectParts(this.spill.index, this.outputTable, epoch.partBytes)]
    // An earlier try came further.
    const left = parts.slice(progress.objects)
    const written = resultsInOrder(left, objectsAtOnce, async (part) =>
      turns.take({ bytes: part.plainBytes, isFresh }, objectsAtOnce(), async () => {
        signal.throwIfAborted()
        return { part, object: await this.writePart(epoch, part) }
      }),
    )
    for await (const { part, object } of written) {
      progress.add(objectRow(object), manifestStamp(this.outputTable.at(part.output).hour, object.rewrite))
      if (progress.rows.length >= rowsPerWrite) await progress.flush(rows)
    }
    await progress.flush(rows)
    const newestHour = parts.reduce((newest, { output }) => Math.max(newest, this.outputTable.at(output).hour), 0)
    // Last, so that an epoch in the manifest has all its objects there.
    await rows.write(manifestTable, [epochRow(epoch, parts.length)], manifestStamp(newestHour, 0))
  }

  private async writePart(epoch: DeclaredEpoch, part: ObjectPart): Promise<ManifestObject> {
    const output = this.outputTable.at(part.output)
    const { index } = this.spill
    const { objects, format } = this.place
    const key = objectKey(epoch, output, part.part, formatSuffix(format))
    const plain = partBody(index, part, (target, at, length, start) => this.spill.read(target, at, length, start))
    const { plainBytes } = part
    const encoded = await formatObject(format, { key, collection: output.collection, plain, plainBytes })
    const metadata = objectMetadata(epoch, { count: part.lines.length, sha256: encoded.sha256 })
    const outcome = await objects.create(key, encoded.body, metadata)
    if (plantedFaults.has('create-unconditional') && outcome === 'exists')
      await objects.replace(key, (await this.ownObject(key, metadata)).etag, encoded.body, metadata)
    const { byteLength } = encoded
    // A delete may have rewritten an object that somebody else created for this epoch: the manifest says what is there.
    const found = outcome === 'created' ? { metadata, byteLength } : await this.ownObject(key, metadata)
    return {
      topology: epoch.topology,
      spout: epoch.spout,
      partition: epoch.partition,
      sink: epoch.sink,
      from: epoch.from,
      lane: epoch.lane,
      key,
      to: epoch.to,
      firstOffset: index.offset(part.lines[0]!),
      lastOffset: index.offset(part.lines.at(-1)!),
      ...outputColumns(output),
      count: Number(found.metadata['count']),
      byteLength: found.byteLength,
      sha256: String(found.metadata['sha256']),
      rewrite: Number(found.metadata['rewrite']),
    }
  }

  private async ownObject(key: string, expected: Readonly<Record<string, string>>): Promise<StoredObject> {
    const found = await this.place.objects.head(key)
    if (found === undefined) {
      throw errors.storeUnavailable({ store: this.place.objects.name, reason: `${key} exists and cannot be found` })
    }
    const isForeign = !isOwnObject(found.metadata, expected)
    if (isForeign && !plantedFaults.has('undeclared-object-end')) throw errors.objectForeign({ key })
    return found
  }

  private retracted(): readonly RetractedOffsets[] {
    const { index } = this.spill
    const lines = index.missing()
    const counts = new Uint32Array(this.outputTable.count)
    for (const line of lines) counts[index.output(line)]!++
    const byOutput = Array.from(counts, (count) => new Float64Array(count))
    const filled = new Uint32Array(this.outputTable.count)
    for (const line of lines) {
      const output = index.output(line)
      byOutput[output]![filled[output]!++] = index.offset(line)
    }
    return byOutput.flatMap((offsets, output) =>
      offsets.length === 0 ? [] : [{ output: this.outputTable.at(output), offsets }],
    )
  }
}
