/** Event rows of one collection, written without a run. */
import { eventRows } from '../sinks/rows/event-rows.ts'
import { bucketTable, eventTable, hourOf, hourText } from '../sinks/rows/event-table.ts'
import { KnownBuckets } from '../sinks/rows/known-buckets.ts'
import { eventId } from '../topology/model/event-id.ts'
import type { RowStore } from '../topology/model/ports/row-store.ts'
import { offset, partition } from '../topology/model/position.ts'

const startMs = Date.UTC(2026, 2, 14)

export interface StoredEvent {
  /** Seconds behind the start. */
  readonly at: number
  readonly body: string
  readonly partition?: number
  readonly isDead?: boolean
  readonly clientId?: string
}

/** Events of one collection, at the offsets of their places in the list. */
export const storeEvents = async (rows: RowStore, events: readonly StoredEvent[]): Promise<RowStore> => {
  for (const table of eventRows().tables('events', undefined)) await rows.ensureTable(table)
  for (const [index, { at, body, partition: of = 0, isDead = false, clientId = null }] of events.entries()) {
    const timeMs = startMs + at * 1_000
    const hour = hourOf(timeMs)
    const bucket = ['shop', 'visits', hourText(hour), of, 0] as const
    const id = eventId(timeMs, partition(of), offset(index))
    await rows.write(
      eventTable('events'),
      [[...bucket, id, 'web', timeMs, timeMs, body, isDead ? 99 : null, clientId]],
      1,
    )
    const catalogue = new KnownBuckets(rows, bucketTable('events'), of)
    await catalogue.ensure([{ project: 'shop', collection: 'visits', hour, block: 0 }], new AbortController().signal)
  }
  return rows
}
