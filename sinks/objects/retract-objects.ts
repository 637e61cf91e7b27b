/**
 * Takes deleted events out of the objects that hold them (PROTOCOL section 5, step 6).
 *
 * The manifest leads from offsets to objects. An object is read, rewritten without the events and replaced only if nobody
 * changed it meanwhile; two deletes on one object cannot undo each other. It is never removed, only left empty, or a
 * frozen owner's create could bring the events back. Doing it again changes nothing.
 */
import { errors } from '../../topology/model/errors.ts'
import type { ObjectStore } from '../../topology/model/ports/object-store.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { offset as toOffset } from '../../topology/model/position.ts'
import type { DeclaredEpoch } from '../../topology/model/sink.ts'
import { compressionOf, decodeObject, encodeObject } from './compress-object.ts'
import { objectLines, offsetOfLine } from './object-lines.ts'
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
  readonly offsets: readonly number[]
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
  readonly offsets: ReadonlySet<number>
}

export const retractFromObjects = async (work: ObjectRetraction): Promise<void> => {
  for (const affected of await affectedObjects(work)) {
    if (work.done.has(affected.object.key)) continue
    work.signal.throwIfAborted()
    await rewrite(work, affected)
    work.done.add(affected.object.key)
  }
}

// An epoch of an archive holds some ten thousand records; the look back doubles when it was longer.
const firstLookBack = 65_536

/** Objects whose range and output match, found by looking backward from the range of the delete. */
const affectedObjects = async ({ rows, epoch, retracted }: ObjectRetraction): Promise<readonly Affected[]> => {
  const wanted = new Map(retracted.map((one) => [outputName(outputColumns(one.output)), one]))
  let missing = retracted.reduce((sum, { offsets }) => sum + offsets.length, 0)
  const found: Affected[] = []
  let to: number = epoch.to
  let from: number = Math.max(0, epoch.from - firstLookBack)
  for (let lookBack = 2 * firstLookBack; missing > 0 && to > 0; lookBack *= 2) {
    for await (const page of rows.scan(objectTable, { partition: manifestPartition(epoch), from, to })) {
      for (const object of page.map(manifestObject)) {
        const one = wanted.get(outputName(object))
        if (one === undefined) continue
        const offsets = one.offsets.filter((offset) => offset >= object.firstOffset && offset <= object.lastOffset)
        if (offsets.length === 0) continue
        found.push({ object, hour: one.output.hour, offsets: new Set(offsets) })
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
    const kept = linesWithout(await decodeObject(object.key, found.bytes), affected.offsets)
    let { metadata, byteLength } = found
    if (kept.removed > 0) {
      const encoded = await encodeObject(() => each(kept.chunks), kept.plainBytes, compressionOf(object.key))
      const rewritten = String(Number(metadata['rewrite']) + 1)
      metadata = { ...metadata, count: String(kept.count), sha256: encoded.sha256, rewrite: rewritten }
      byteLength = encoded.byteLength
      const outcome = await objects.replace(object.key, found.etag, encoded.body, metadata)
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
  readonly chunks: readonly Uint8Array[]
  readonly plainBytes: number
  readonly count: number
  readonly removed: number
}

const linesWithout = (bytes: Uint8Array, offsets: ReadonlySet<number>): KeptLines => {
  const chunks: Uint8Array[] = []
  let [from, plainBytes, count, removed] = [0, 0, 0, 0]
  const keep = (to: number): void => {
    if (to > from) chunks.push(bytes.subarray(from, to))
    plainBytes += to - from
  }
  for (const line of objectLines(bytes)) {
    const offset = offsetOfLine(line.bytes)
    if (offset === undefined || !offsets.has(offset)) {
      count++
      continue
    }
    keep(line.start)
    from = line.end
    removed++
  }
  keep(bytes.length)
  return { chunks, plainBytes, count, removed }
}

async function* each(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks
}
