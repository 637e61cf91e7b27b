/**
 * Tables of an event store and the arithmetic of their keys and stamps (PROTOCOL sections 2 and 6).
 *
 * An event lives in the bucket (project, collection, hour of its event time, log partition, offset >> 18), at most
 * 262,144 rows. Which buckets exist stands in the catalogue beside it, or a reader would have to probe every hour of
 * every partition; which projects, collections and months that has, in the catalogue of partitions. Stamps are a function of the event alone, so any number of writers may write it in any order, and
 * the mark of a delete beats the events before it and never the ones after it (I-3).
 */
import { bucketOffsetBits } from '../../topology/model/limits.ts'
import type { Row, TableSpec } from '../../topology/model/ports/row-store.ts'

export const eventTable = (sink: string): TableSpec => ({
  name: sink,
  partition: [
    { name: 'project', type: 'text' },
    { name: 'collection', type: 'text' },
    { name: 'hour', type: 'text' },
    { name: 'log_partition', type: 'integer' },
    { name: 'block', type: 'integer' },
  ],
  // The id is unique within one log; the spout tells apart two logs that feed one sink.
  cluster: [
    { name: 'id', type: 'text' },
    { name: 'spout', type: 'text' },
  ],
  columns: [
    { name: 'timestamp', type: 'integer' },
    { name: 'created_at', type: 'integer' },
    { name: 'body', type: 'text' },
    { name: 'dead', type: 'integer' },
    { name: 'client_id', type: 'text' },
  ],
  // Only the mark of a delete has `dead`, and it is whole; most events have no client id.
  nulls: 'keep',
})

/** The bucket catalogue of an event table. */
export const bucketTable = (sink: string): TableSpec => ({
  name: `${sink}_buckets`,
  partition: [
    { name: 'project', type: 'text' },
    { name: 'collection', type: 'text' },
    { name: 'month', type: 'text' },
  ],
  // The log partition first: the work of a delete on one of them reads its own part of a month.
  cluster: [
    { name: 'log_partition', type: 'integer' },
    { name: 'hour', type: 'text' },
    { name: 'block', type: 'integer' },
  ],
  columns: [{ name: 'is_used', type: 'boolean' }],
})

/** Places of cells in a row of the event table. */
export const eventCell = { id: 5, spout: 6, timestamp: 7, createdAt: 8, body: 9, dead: 10, clientId: 11 } as const

/** `keen.client_id` of a living event. */
export const clientIdIn = (row: Row): string | undefined => {
  const cell = row[eventCell.clientId]
  return typeof cell === 'string' ? cell : undefined
}

const hourMs = 3_600_000
const blockRecords = 2 ** bucketOffsetBits

/** Number of the hour of a time since 1970. */
export const hourOf = (timeMs: number): number => Math.floor(timeMs / hourMs)
export const hourStartMs = (hour: number): number => hour * hourMs
/** `2026-01-31T09Z`. */
export const hourText = (hour: number): string => `${isoOf(hour).slice(0, -11)}Z`
/** `2026-01-31`. */
export const dayText = (timeMs: number): string => isoOf(hourOf(timeMs)).slice(0, -14)
/** `2026-01`. */
export const monthText = (hour: number): string => isoOf(hour).slice(0, -17)
/** The hour that a text of `hourText` names. */
export const hourOfText = (text: string): number => hourOf(Date.parse(`${text.slice(0, -1)}:00:00.000Z`))
/** Offset divided by 2^18, beyond the 32 bits of a shift. */
export const blockOf = (offset: number): number => Math.floor(offset / blockRecords)

const isoOf = (hour: number): string => new Date(hour * hourMs).toISOString()

/** Stamp of an event row: base + offset + 1. The mark that a delete leaves takes the offset of the delete. */
export const eventStamp = (hour: number, offset: number): number => stampBase(hour * hourMs) + offset + 1
/** Stamp of the catalogue row of a bucket. */
export const bucketStamp = (hour: number): number => {
  const date = new Date(hour * hourMs)
  return stampBase(date.setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth(), 1) - date.getUTCHours() * hourMs) + 1
}

// Microseconds since 1970 as far as a safe integer holds them beside an offset of 52 bits: 1970 to 2112. All rows of an
// hour share the base, so outside of it stamps still grow with the offset; stores only lose the hint of when.
const stampBaseMax = 2 ** 52 - 1
export const stampBase = (timeMs: number): number => Math.min(stampBaseMax, Math.max(0, timeMs * 1000))
