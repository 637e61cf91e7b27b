/**
 * Reads the rows of an event store in the order of event time, through the bucket catalogue.
 *
 * Buckets of one hour are read side by side and merged by id, which begins with the event time; so a reader holds one
 * page per bucket of an hour, whatever the store holds. A row that a delete has emptied is never shown (I-3).
 */
import { formatTime } from '../../topology/model/event-time.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import type { Row, RowStore } from '../../topology/model/ports/row-store.ts'
import { type BucketQuery, type FoundBucket, findBuckets } from './event-buckets.ts'
import { clientIdIn, eventCell, eventTable } from './event-table.ts'

export interface EventRow {
  readonly project: string
  readonly collection: string
  readonly id: string
  readonly spout: string
  /** Event time, ms since 1970. */
  readonly timestampMs: number
  /** Append time, ms since 1970. */
  readonly createdAtMs: number
  /** JSON text of the body as the record had it. */
  readonly body: string
  /** `keen.client_id`. */
  readonly clientId: string | undefined
}

/** What only the store knows of an event, as members of its `keen`. */
export const keenOfRow = (row: EventRow): JsonObject => ({
  id: row.id,
  created_at: formatTime(row.createdAtMs),
  timestamp: formatTime(row.timestampMs),
  ...(row.clientId === undefined ? {} : { client_id: row.clientId }),
})

/** Living events by event time, ties by partition and offset. */
export async function* readEventRows(query: BucketQuery): AsyncIterable<EventRow> {
  const buckets = await findBuckets(query)
  for (let from = 0; from < buckets.length; ) {
    let to = from + 1
    while (to < buckets.length && buckets[to]!.hour === buckets[from]!.hour) to += 1
    for await (const row of mergedHour(query.rows, query.sink, buckets.slice(from, to))) {
      if (row[eventCell.dead] !== null || !isInside(query.timeframe, Number(row[eventCell.timestamp]))) continue
      yield eventRowOf(row)
    }
    from = to
  }
}

const isInside = (timeframe: BucketQuery['timeframe'], timeMs: number): boolean =>
  timeframe === undefined || (timeMs >= timeframe.startMs && timeMs < timeframe.endMs)

const eventRowOf = (row: Row): EventRow => ({
  project: String(row[0]),
  collection: String(row[1]),
  id: String(row[eventCell.id]),
  spout: String(row[eventCell.spout]),
  timestampMs: Number(row[eventCell.timestamp]),
  createdAtMs: Number(row[eventCell.createdAt]),
  body: String(row[eventCell.body]),
  clientId: clientIdIn(row),
})

/** Rows of several buckets by id: the smallest of the rows that stand at the head of each. */
async function* mergedHour(rows: RowStore, sink: string, buckets: readonly FoundBucket[]): AsyncIterable<Row> {
  const heads: { row: Row; readonly rest: AsyncIterator<Row> }[] = []
  try {
    for (const { partition } of buckets) {
      const rest = rowsOf(rows, sink, partition)[Symbol.asyncIterator]()
      const first = await rest.next()
      if (first.done !== true) heads.push({ row: first.value, rest })
    }
    while (heads.length > 0) {
      let least = 0
      for (let index = 1; index < heads.length; index++) {
        if (isBefore(heads[index]!.row, heads[least]!.row)) least = index
      }
      const head = heads[least]!
      yield head.row
      const next = await head.rest.next()
      if (next.done === true) heads.splice(least, 1)
      else head.row = next.value
    }
  } finally {
    // A reader that has enough lets the scans of the store go.
    for (const { rest } of heads) await rest.return?.()
  }
}

const isBefore = (left: Row, right: Row): boolean => String(left[eventCell.id]) < String(right[eventCell.id])

async function* rowsOf(rows: RowStore, sink: string, partition: FoundBucket['partition']): AsyncIterable<Row> {
  for await (const page of rows.scan(eventTable(sink), { partition })) yield* page
}
