/**
 * Looks whether one record is where a sink says that it has put it: reads the record from the log, as a canary that no user
 * notices, and asks the store for its row by key, or the manifest for its object and the store for that. Nothing is
 * believed but what is found.
 */
import { manifestBlock, manifestObject, manifestTable, objectTable } from '../sinks/objects/object-manifest.ts'
import { existingBlocks } from '../sinks/rows/block-catalogue.ts'
import { blockOf, eventTable, hourOf, hourText } from '../sinks/rows/event-table.ts'
import type { Decoder } from './model/decoder.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { ObjectStore } from './model/ports/object-store.ts'
import type { Cell, RowStore } from './model/ports/row-store.ts'
import { offset as toOffset, partition as toPartition } from './model/position.ts'
import type { CanaryMark } from './observe/canary.ts'

export interface SearchedPlace {
  readonly topology: string
  readonly kind: 'events' | 'objects'
  readonly rows: RowStore
  readonly objects: ObjectStore
  readonly log: EventLog
  readonly decoder: Decoder
  /** Whether the sink may rightly have nothing of it: dead-lettered, or in a tenant's lane that is not there yet. */
  readonly isLeftOut: (project: string) => boolean
}

interface Found {
  readonly id: string
  readonly project: string
  readonly collection: string
  readonly timeMs: number
}

// One record and what the log gives with it.
const lookBytes = 65_536

/** `undefined`: the record leaves nothing (a delete, a reject), or the log has it no more. */
export const lookForRecord = async (place: SearchedPlace, mark: CanaryMark): Promise<boolean | undefined> => {
  const event = await readEvent(place, mark)
  if (event === undefined || place.isLeftOut(event.project)) return undefined
  return place.kind === 'events' ? hasRow(place, mark, event) : hasObject(place, mark, event)
}

const readEvent = async ({ log, decoder }: SearchedPlace, mark: CanaryMark): Promise<Found | undefined> => {
  const [partition, wanted] = [toPartition(mark.partition), toOffset(mark.offset)]
  const batch = await log.fetch(partition, wanted, { maxBytes: lookBytes, waitMs: 0 })
  await decoder.prepare?.(batch)
  const { events } = decoder.decode(batch)
  const index = Array.from(events.offsets).indexOf(wanted)
  if (index < 0) return undefined
  const [project, collection, timeMs] = [events.projects()[index], events.collections()[index], events.timesMs()[index]]
  return { id: events.id(index), project: project!, collection: collection!, timeMs: timeMs! }
}

/** A row that a delete has emptied was there. */
const hasRow = async ({ rows }: SearchedPlace, mark: CanaryMark, event: Found): Promise<boolean> => {
  const { branch, spout, partition, offset } = mark
  const { id, project, collection, timeMs } = event
  const key = [project, collection, hourText(hourOf(timeMs)), partition, blockOf(offset), id, spout]
  const [row] = await rows.read(eventTable(branch), [key])
  return row !== undefined
}

// 33 million offsets: no epoch has more.
const blocksBack = 512

const hasObject = async (place: SearchedPlace, mark: CanaryMark, event: Found): Promise<boolean> => {
  const { topology, rows, objects } = place
  const { branch, spout, partition, offset } = mark
  const above = [spout, partition, branch]
  const last = manifestBlock(offset) + 1
  const range = { from: Math.max(0, last - blocksBack), to: last }
  const blocks = await Array.fromAsync(existingBlocks(rows, manifestTable.name, topology, above, range))
  for (const block of blocks.reverse()) {
    const cells = [topology, ...above, block]
    // Lanes of different tenants have epochs over the same offsets: any of them may have taken the event.
    for (const start of await epochStarts(rows, cells, offset))
      for await (const page of rows.scan(objectTable, { partition: cells, from: start, to: start + 1 }))
        for (const one of page.map(manifestObject)) {
          const isOfEvent = one.project === event.project && one.collection === event.collection
          const hasOffset = one.firstOffset <= offset && offset <= one.lastOffset
          if (isOfEvent && hasOffset && (await objects.head(one.key)) !== undefined) return true
        }
  }
  return false
}

/** Starts of the epochs that the offset lies in. */
const epochStarts = async (rows: RowStore, partition: readonly Cell[], offset: number): Promise<readonly number[]> => {
  const starts = new Set<number>()
  for await (const page of rows.scan(manifestTable, { partition, to: offset + 1 }))
    for (const cells of page) if (Number(cells[7]) > offset) starts.add(Number(cells[5]))
  return [...starts]
}
