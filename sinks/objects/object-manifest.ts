/**
 * The manifest: which objects hold which offsets, in rows that readers and deletes use instead of listing a bucket.
 *
 * Rows are written after the objects and before the commit, and stand below the lane's `at` for readers. Their content is
 * a function of the object, and the stamp grows with its rewrites, so writers may come in any order (PROTOCOL section 2).
 * They lie in blocks of 65,536 offsets by the start of their epoch: an epoch has no more objects than events, so a block
 * holds that many and those of one epoch more, whatever the outputs. Which blocks there are is in the catalogue of
 * partitions, under the name of the manifest for both tables.
 */
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { ObjectMetadata } from '../../topology/model/ports/object-store.ts'
import type { Cell, ColumnSpec, Row, TableSpec } from '../../topology/model/ports/row-store.ts'
import type { DeclaredEpoch } from '../../topology/model/sink.ts'
import { type BlockPlace, blockNumber, blockPath } from '../rows/block-catalogue.ts'
import type { CataloguePath } from '../rows/partition-catalogue.ts'
import { hourText, type ObjectOutput } from './output-table.ts'

const text = (name: string): ColumnSpec => ({ name, type: 'text' })
const integer = (name: string): ColumnSpec => ({ name, type: 'integer' })

const partition = [text('topology'), text('spout'), integer('log_partition'), text('sink'), integer('block')]

const blockBits = 16

/** Block of the epochs that start at an offset. */
export const manifestBlock = (from: number): number => blockNumber(from, blockBits)

/** One row per epoch of an objects sink, also where it wrote no object: its ranges tile those of the lane (I-5). */
export const manifestTable: TableSpec = {
  name: 'spillway_manifest',
  partition,
  cluster: [integer('epoch_start'), integer('lane')],
  columns: [integer('epoch_end'), integer('objects')],
}

/** One row per object. */
export const objectTable: TableSpec = {
  name: 'spillway_objects',
  partition,
  cluster: [integer('epoch_start'), integer('lane'), text('key')],
  columns: [
    integer('epoch_end'),
    // Of the events it was created with; a delete leaves them as they are.
    integer('first_offset'),
    integer('last_offset'),
    integer('count'),
    integer('byte_length'),
    text('sha256'),
    text('project'),
    text('collection'),
    text('hour'),
    integer('rewrite'),
  ],
}

/** A row of `objectTable` by name. Offsets are half-open; `count`, `byteLength`, `sha256` are of the object as it stands. */
export interface ManifestObject {
  readonly topology: string
  readonly spout: string
  readonly partition: number
  readonly sink: string
  readonly from: number
  readonly lane: number
  readonly key: string
  readonly to: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly count: number
  readonly byteLength: number
  readonly sha256: string
  readonly project: string
  readonly collection: string
  /** `2026-07-01T08Z`, of the append time. */
  readonly hour: string
  readonly rewrite: number
}

export const objectRow = (object: ManifestObject): Row => [
  object.topology,
  object.spout,
  object.partition,
  object.sink,
  manifestBlock(object.from),
  object.from,
  object.lane,
  object.key,
  object.to,
  object.firstOffset,
  object.lastOffset,
  object.count,
  object.byteLength,
  object.sha256,
  object.project,
  object.collection,
  object.hour,
  object.rewrite,
]

export const manifestObject = (row: Row): ManifestObject => {
  const [topology, spout, log, sink, , from, lane, key, to, first, last, count, bytes, sha256, project, ...rest] = row
  const [collection, hour, rewrite] = rest
  return {
    topology: String(topology),
    spout: String(spout),
    partition: Number(log),
    sink: String(sink),
    from: Number(from),
    lane: Number(lane),
    key: String(key),
    to: Number(to),
    firstOffset: Number(first),
    lastOffset: Number(last),
    count: Number(count),
    byteLength: Number(bytes),
    sha256: String(sha256),
    project: String(project),
    collection: String(collection),
    hour: String(hour),
    rewrite: Number(rewrite),
  }
}

export const epochRow = (epoch: DeclaredEpoch, objects: number): Row => [
  ...manifestPartition(epoch, manifestBlock(epoch.from)),
  epoch.from,
  epoch.lane,
  epoch.to,
  objects,
]

type ManifestPlace = Pick<DeclaredEpoch, 'topology' | 'spout' | 'partition' | 'sink'>

/** Partition cells of both tables. */
export const manifestPartition = (of: ManifestPlace, block: number): readonly Cell[] => [
  of.topology,
  ...manifestPlace(of),
  block,
]

export const manifestPlace = (of: Omit<ManifestPlace, 'topology'>): BlockPlace => [of.spout, of.partition, of.sink]

/** Names of the block of an epoch in the catalogue of partitions. */
export const manifestPath = (epoch: DeclaredEpoch): CataloguePath =>
  blockPath(epoch.topology, manifestPlace(epoch), manifestBlock(epoch.from))

// Microseconds of the year 2255; a clock that is far off must not push a stamp out of the safe integers.
const baseMax = 9e15

/** Stamp of what belongs to an hour (hours since 1970): base + 1, and one more for every rewrite. */
export const manifestStamp = (hour: number, rewrite: number): number =>
  Math.min(baseMax, Math.max(0, hour * 3_600_000_000)) +
  1 +
  (plantedFaults.has('manifest-stamp-of-creation') ? 0 : rewrite)

/** What an object says of itself. `rewrite` counts deletes that have rewritten it; `sha256` is of the stored bytes. */
export const objectMetadata = (
  epoch: DeclaredEpoch,
  content: { readonly count: number; readonly sha256: string },
): ObjectMetadata => ({
  from: String(epoch.from),
  to: String(epoch.to),
  count: String(content.count),
  sha256: content.sha256,
  topology: epoch.topology,
  log: epoch.log,
  spout: epoch.spout,
  sink: epoch.sink,
  rewrite: '0',
})

const ownership = ['topology', 'log', 'spout', 'sink', 'from', 'to'] as const

/** Whether an object that exists is the one that an epoch would write. */
export const isOwnObject = (found: ObjectMetadata, expected: ObjectMetadata): boolean =>
  ownership.every((name) => found[name] === expected[name])

/** The manifest's view of an output. */
export const outputColumns = (
  output: ObjectOutput,
): { readonly project: string; readonly collection: string; readonly hour: string } => ({
  project: output.project,
  collection: output.collection,
  hour: hourText(output.hour),
})
