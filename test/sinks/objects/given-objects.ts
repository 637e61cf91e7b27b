/** Records by hand, decoded as a lane does, and an archive to write them to. */
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { avroLines } from '../../../sinks/objects/avro/avro-objects.ts'
import { createMemoryObjects } from '../../../sinks/objects/memory/memory-objects.ts'
import { type ObjectsOptions, objects } from '../../../sinks/objects/objects.ts'
import { createMemoryRows } from '../../../sinks/rows/memory/memory-rows.ts'
import type { EventBatch } from '../../../topology/model/decoder.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import type { ObjectStore } from '../../../topology/model/ports/object-store.ts'
import type { RowStore } from '../../../topology/model/ports/row-store.ts'
import type { SpillDisk } from '../../../topology/model/ports/spill-disk.ts'
import { offset as toOffset, partition as toPartition } from '../../../topology/model/position.ts'
import type { LogRecord } from '../../../topology/model/record.ts'
import type { DeclaredEpoch, OpenEpoch, SinkContext } from '../../../topology/model/sink.ts'
import { createDecoder } from '../../../topology/spouts/decode/create-decoder.ts'

export interface Given {
  readonly offset: number
  readonly project?: string
  readonly collection?: string
  /** Append time. */
  readonly at?: string
  readonly body?: string
}

export const hour8 = '2026-07-01T08:10:00.000Z'

const recordOf = (one: Given): LogRecord => {
  // Behind other bytes, as in a segment of a log.
  const bytes = Buffer.from(`\n\r{${one.body ?? `{"n":${one.offset}}`}`)
  return {
    offset: toOffset(one.offset),
    appendTimeMs: Date.parse(one.at ?? hour8),
    key: one.project ?? 'shop',
    headers: [['collection', one.collection ?? 'orders']],
    bytes,
    start: 3,
    end: bytes.length,
  }
}

export const eventsOf = (list: readonly Given[], partition = 0): EventBatch => {
  const decoder = createDecoder({ spout: {}, topic: 'events', wanted: { paths: [], shapes: false } })
  const records = list.map(recordOf)
  const [from, to] = [toOffset(list[0]?.offset ?? 0), toOffset((list.at(-1)?.offset ?? 0) + 1)]
  const decoded = decoder.decode({ partition: toPartition(partition), from, to, records, byteLength: 0 })
  if (decoded.rejects.length > 0) throw new Error(decoded.rejects[0]?.message)
  return decoded.events
}

export interface Archive {
  readonly rows: RowStore
  readonly objects: ObjectStore
  open(options?: ObjectsOptions): Promise<OpenEpoch>
}

export const archiveOn = async (
  given: {
    readonly spillFolder?: string
    readonly disk?: SpillDisk
    readonly objects?: ObjectStore
    readonly rows?: RowStore
    readonly knobs?: Readonly<Record<string, number>>
  } = {},
): Promise<Archive> => {
  const { spillFolder = '/nowhere', objects: store = createMemoryObjects(), rows = createMemoryRows() } = given
  for (const table of objects().tables('archive', undefined)) await rows.ensureTable(table)
  const context: SinkContext = {
    topology: 'demo',
    sink: 'archive',
    spout: 'events',
    partition: 0,
    rows,
    objects: store,
    log: { partitions: 1, append: async () => [] },
    clock: { nowMs: () => 0, sleep: async () => {} },
    spillFolder,
    disk: given.disk,
    operator: undefined,
    knob: (name) => given.knobs?.[name] ?? knobValue(name),
  }
  const open = async (options?: ObjectsOptions): Promise<OpenEpoch> =>
    (await objects(options).open(context)).openEpoch() as OpenEpoch // the batches below hold events
  return { rows, objects: store, open }
}

export const never: AbortSignal = new AbortController().signal

export const epochOf = (from: number, to: number, more: Partial<DeclaredEpoch> = {}): DeclaredEpoch => ({
  topology: 'demo',
  sink: 'archive',
  log: 'log-1',
  spout: 'events',
  partition: 0,
  lane: 1,
  from: toOffset(from),
  to: toOffset(to),
  seq: 1,
  slot: 0,
  partBytes: 33_554_432,
  ...more,
})

/** Writes events as one epoch; `call` may repeat what fails, as the engine does. */
export const apply = async (
  archive: Archive,
  list: readonly Given[],
  declared: DeclaredEpoch,
  options?: ObjectsOptions,
  call: (run: () => Promise<unknown>) => Promise<unknown> = (run) => run(),
): Promise<void> => {
  const epoch = await archive.open(options)
  if (list.length > 0) epoch.add(eventsOf(list), declared.retracts === undefined ? 1 : -1)
  await call(() => epoch.write(declared, never))
  epoch.discard()
}

/** The declaration of a delete's epoch over the same range. */
export const retracting = (declared: DeclaredEpoch): DeclaredEpoch => ({
  ...declared,
  retracts: { deleteOffset: toOffset(1_000) },
})

/** Takes events out again, as the epoch of a delete does. */
export const retract = (archive: Archive, list: readonly Given[], declared: DeclaredEpoch): Promise<void> =>
  apply(archive, list, retracting(declared))

/** Lines by key, decompressed. */
export const linesOf = async (store: ObjectStore): Promise<Readonly<Record<string, readonly string[]>>> => {
  const found: Record<string, readonly string[]> = {}
  for await (const { key } of store.list('')) {
    const bytes = (await store.read(key))?.bytes ?? new Uint8Array(0)
    const plain = key.endsWith('.gz') ? gunzipSync(bytes) : key.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes
    const text = Buffer.from(key.endsWith('.avro') ? await avroLines(bytes) : plain).toString()
    found[key] = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  }
  return found
}

/** Offsets in all objects, in order of keys and lines: `n` of the default body. */
export const numbersOf = async (store: ObjectStore): Promise<readonly number[]> =>
  Object.values(await linesOf(store)).flatMap((lines) => lines.map((line) => Number(JSON.parse(line).n)))
