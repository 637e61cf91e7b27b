/**
 * Takes deleted events out of the objects that hold them (PROTOCOL section 5, step 7).
 *
 * The manifest leads from offsets to objects. An object that may hold one of them is read, rewritten without the events
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
import { compressionOf, decodeObject, encodeObject } from './compress-object.ts'
import { OffsetsOfLines } from './object-lines.ts'
import {
  isOwnObject,
  type ManifestObject,
  manifestObject,
  manifestPartition,
  manifestStamp,
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
const firstLookBack = 65_536

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
  let from = Math.max(0, first - firstLookBack)
  for (let lookBack = 2 * firstLookBack; missing > 0 && to > 0; lookBack *= 2) {
    for await (const page of rows.scan(objectTable, { partition: manifestPartition(epoch), from, to })) {
      for (const object of page.map(manifestObject)) {
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
    }
    to = from
    from = Math.max(0, to - lookBack)
  }
  return found
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
    const plain = await decodeObject(object.key, found.bytes)
    // Where nothing is compressed, these are the bytes that the store gave: not ours to change.
    const kept = linesWithout(plain === found.bytes ? new Uint8Array(plain) : plain, affected.offsets)
    let { metadata, byteLength } = found
    if (kept.removed > 0) {
      const encoded = await encodeObject(() => blocksOf(kept.bytes), kept.bytes.length, compressionOf(object.key))
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

interface KeptLines {
  readonly bytes: Uint8Array
  readonly count: number
  readonly removed: number
}

/** Moves the lines that stay together, within the same bytes. */
const linesWithout = (bytes: Uint8Array, offsets: Float64Array): KeptLines => {
  const places = new OffsetsOfLines(bytes)
  let [at, from, count, removed] = [0, 0, 0, 0]
  const keep = (to: number): void => {
    if (at < from) bytes.copyWithin(at, from, to)
    at += to - from
  }
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start)
    const end = found < 0 ? bytes.length : found + 1
    if (isAmong(offsets, places.offset(start, found < 0 ? end : found))) {
      keep(start)
      from = end
      removed++
    } else count++
    start = end
  }
  keep(bytes.length)
  return { bytes: bytes.subarray(0, at), count, removed }
}

const isAmong = (offsets: Float64Array, offset: number | undefined): boolean =>
  offset !== undefined && offsets[placeInSorted(offsets, offset)] === offset

// What a compressor makes of the bytes depends on how they are cut.
const blockBytes = 262_144

async function* blocksOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += blockBytes) yield bytes.subarray(from, from + blockBytes)
}
