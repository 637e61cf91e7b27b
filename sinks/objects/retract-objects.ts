/**
 * Takes deleted events out of the objects that hold them (PROTOCOL section 5, step 7).
 *
 * The manifest leads from offsets to objects, block by block of those that exist. An object that may hold one of them is read, rewritten without the events
 * and replaced only if nobody changed it meanwhile; two deletes on one object cannot undo each other. It is never removed,
 * only left empty, or a frozen owner's create could bring the events back. What is taken out is a set of offsets, so
 * doing it again, or for many deletes at once, changes nothing (I-3). Two objects of a store are in memory at a time, as
 * they are stored and plain: `objects.targetBytes` bounds them.
 */
import { errors } from '../../topology/model/errors.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { offset as toOffset } from '../../topology/model/position.ts'
import type { DeclaredEpoch } from '../../topology/model/sink.ts'
import { placeInSorted } from '../../topology/model/sorted-numbers.ts'
import { existingBlocks } from '../rows/block-catalogue.ts'
import { objectWithout } from './object-formats.ts'
import {
  isOwnObject,
  type ManifestObject,
  manifestBlock,
  manifestObject,
  manifestPartition,
  manifestPlace,
  manifestStamp,
  manifestTable,
  objectMetadata,
  objectRow,
  objectTable,
  outputColumns,
} from './object-manifest.ts'
import type { ObjectOutput } from './output-table.ts'

/** Events of one output that are to leave, by ascending offset. */
export interface RetractedOffsets {
  readonly output: ObjectOutput
  readonly offsets: Float64Array
}

export interface ObjectRetraction {
  readonly objects: ObjectStore
  readonly rows: RowStore
  readonly epoch: DeclaredEpoch
  readonly retracted: readonly RetractedOffsets[]
  /** Keys that earlier tries have dealt with. */
  readonly done: Set<string>
  readonly signal: AbortSignal
}

interface Affected {
  readonly object: ManifestObject
  readonly hour: number
  readonly offsets: Float64Array
}

export const retractFromObjects = async (work: ObjectRetraction): Promise<void> => {
  if (work.retracted.length === 0) return
  for (const affected of await affectedObjects(work)) {
    if (work.done.has(affected.object.key)) continue
    await turnsOf(work.objects).take(() => {
      work.signal.throwIfAborted()
      return rewrite(work, affected)
    })
    work.done.add(affected.object.key)
  }
}

// One is read or written while the lines of another are looked at.
const atOnce = 2

/** Lets a few go on at a time, in order of arrival. */
class Turns {
  private free = atOnce
  private readonly waiting: (() => void)[] = []

  async take(work: () => Promise<void>): Promise<void> {
    if (this.free > 0) this.free--
    else await new Promise<void>((resolve) => this.waiting.push(resolve))
    try {
      await work()
    } finally {
      const next = this.waiting.shift()
      if (next === undefined) this.free++
      else next()
    }
  }
}

const turns = new WeakMap<ObjectStore, Turns>()

/** All partitions of a run share them: each rewrites on its own, and together they would hold too much. */
const turnsOf = (store: ObjectStore): Turns => {
  const found = turns.get(store) ?? new Turns()
  turns.set(store, found)
  return found
}

// An epoch of an archive holds some ten thousand records; the look back doubles when it was longer.
const firstLookBack = 1

/** Objects whose range and output match, found by looking backward from the last of the offsets. */
const affectedObjects = async ({ rows, epoch, retracted }: ObjectRetraction): Promise<readonly Affected[]> => {
  const wanted = new Map(retracted.map((one) => [outputName(outputColumns(one.output)), one]))
  const found: Affected[] = []
  let [missing, first, to] = [0, Number.POSITIVE_INFINITY, 0]
  for (const { offsets } of retracted) {
    missing += offsets.length
    first = Math.min(first, offsets[0]!)
    to = Math.max(to, offsets.at(-1)! + 1)
  }
  let end = manifestBlock(to - 1) + 1
  let begin = Math.max(0, manifestBlock(first) - firstLookBack)
  for (let lookBack = 2 * firstLookBack; missing > 0 && end > 0; lookBack *= 2) {
    for await (const object of objectsBetween(rows, epoch, { from: begin, to: end }, to)) {
      const one = wanted.get(outputName(object))
      if (one === undefined) continue
      const offsets = one.offsets.subarray(
        placeInSorted(one.offsets, object.firstOffset),
        placeInSorted(one.offsets, object.lastOffset + 1),
      )
      if (offsets.length === 0) continue
      found.push({ object, hour: one.output.hour, offsets })
      missing -= offsets.length
    }
    end = begin
    begin = Math.max(0, end - lookBack)
  }
  return found
}

/** Objects of the blocks, of epochs that start below an offset. */
async function* objectsBetween(
  rows: RowStore,
  epoch: DeclaredEpoch,
  blocks: { readonly from: number; readonly to: number },
  to: number,
): AsyncGenerator<ManifestObject> {
  for await (const block of existingBlocks(rows, manifestTable.name, epoch.topology, manifestPlace(epoch), blocks))
    for await (const page of rows.scan(objectTable, { partition: manifestPartition(epoch, block), to }))
      yield* page.map(manifestObject)
}

const outputName = (of: { readonly project: string; readonly hour: string; readonly collection: string }): string =>
  JSON.stringify([of.project, of.hour, of.collection])

const rewrite = async (work: ObjectRetraction, affected: Affected): Promise<void> => {
  const { objects, rows, epoch } = work
  const { object, hour } = affected
  for (;;) {
    const found = await objects.read(object.key)
    // Removed by hand: there is nothing left to take out; `verifyObjects` reports it.
    if (found === undefined) return
    const bounds = { from: toOffset(object.from), to: toOffset(object.to) }
    const expected = objectMetadata({ ...epoch, ...bounds }, { count: 0, sha256: '' })
    if (!isOwnObject(found.metadata, expected)) throw errors.objectForeign({ key: object.key })
    const kept = await objectWithout(object.key, found.bytes, affected.offsets)
    let { metadata, byteLength } = found
    if (kept.removed > 0) {
      const encoded = await kept.encode()
      const rewritten = String(Number(metadata['rewrite']) + 1)
      metadata = { ...metadata, count: String(kept.count), sha256: encoded.sha256, rewrite: rewritten }
      byteLength = encoded.byteLength
      const etag = plantedFaults.has('rewrite-unconditional')
        ? ((await objects.head(object.key))?.etag ?? found.etag)
        : found.etag
      const outcome = await objects.replace(object.key, etag, encoded.body, metadata)
      if (outcome === 'refused') continue
    }
    const rewriteCount = Number(metadata['rewrite'])
    const row = objectRow({
      ...object,
      count: Number(metadata['count']),
      byteLength,
      sha256: String(metadata['sha256']),
      rewrite: rewriteCount,
    })
    // Also where nothing was left to remove: an earlier try may have died before this row.
    await rows.write(objectTable, [row], manifestStamp(hour, rewriteCount))
    return
  }
}
