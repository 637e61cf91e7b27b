/**
 * The bucket catalogue as a reader sees it: which buckets of an event store may hold what it looks for.
 */
import type { Cell, RowStore, ScanRange } from '../../topology/model/ports/row-store.ts'
import { bucketTable, hourOf, hourOfText, monthText } from './event-table.ts'

export interface BucketQuery {
  readonly rows: RowStore
  readonly sink: string
  readonly project?: string | undefined
  readonly collection?: string | undefined
  /** Event time `[startMs, endMs)`. */
  readonly timeframe?: { readonly startMs: number; readonly endMs: number } | undefined
}

export interface FoundBucket {
  /** Hour since 1970. */
  readonly hour: number
  /** Partition cells of the event table. */
  readonly partition: readonly Cell[]
}

// Up to two years of months are asked for one by one; beyond that, or without a project, the whole catalogue is read.
const monthsMax = 24

/** Buckets that may hold wanted events, by hour, then by their cells. */
export const findBuckets = async (query: BucketQuery): Promise<readonly FoundBucket[]> => {
  const { timeframe } = query
  const first = timeframe === undefined ? Number.NEGATIVE_INFINITY : hourOf(timeframe.startMs)
  const last = timeframe === undefined ? Number.POSITIVE_INFINITY : hourOf(timeframe.endMs - 1)
  const found: FoundBucket[] = []
  for (const range of rangesOf(query, first, last)) {
    for await (const page of query.rows.scan(bucketTable(query.sink), range)) {
      for (const [project, collection, , hourCell, logPartition, block] of page) {
        const hour = hourOfText(String(hourCell))
        const isWanted =
          hour >= first &&
          hour <= last &&
          (query.project === undefined || project === query.project) &&
          (query.collection === undefined || collection === query.collection)
        if (isWanted) found.push({ hour, partition: [project!, collection!, hourCell!, logPartition!, block!] })
      }
    }
  }
  return found.sort((left, right) => left.hour - right.hour)
}

const rangesOf = (query: BucketQuery, first: number, last: number): readonly (ScanRange | undefined)[] => {
  const { project, collection } = query
  const isBounded = Number.isFinite(first) && Number.isFinite(last) && first <= last
  if (project === undefined || collection === undefined || !isBounded) return [undefined]
  const months = new Set<string>()
  // A month has at least 672 hours, so steps of 672 meet each one.
  for (let hour = first; hour < last && months.size <= monthsMax; hour += 672) months.add(monthText(hour))
  if (months.size > monthsMax) return [undefined]
  months.add(monthText(last))
  return Array.from(months, (month) => ({ partition: [project, collection, month] }))
}
