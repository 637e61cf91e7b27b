/**
 * The bucket catalogue as a reader sees it: which buckets of an event store may hold what it looks for.
 *
 * A month of a collection is read as one partition; which months there are is asked only where the question does not
 * say, so that nobody reads the catalogue of all projects for the events of one.
 */
import type { Cell, RowStore } from '../../topology/model/ports/row-store.ts'
import { bucketTable, hourOf, hourOfText, monthText } from './event-table.ts'
import { cataloguedPartitions } from './partition-catalogue.ts'

export interface BucketQuery {
  readonly rows: RowStore
  readonly sink: string
  readonly project?: string | undefined
  readonly collection?: string | undefined
  /** Event time `[startMs, endMs)`. */
  readonly timeframe?: { readonly startMs: number; readonly endMs: number } | undefined
  /** Of the log. Absent: all. */
  readonly partition?: number | undefined
}

export interface FoundBucket {
  /** Hour since 1970. */
  readonly hour: number
  /** Partition cells of the event table. */
  readonly partition: readonly Cell[]
}

// Up to two years of months are asked for one by one; beyond that the catalogue says which there are.
const monthsMax = 24

/** Buckets that may hold wanted events, by hour. */
export const findBuckets = async (query: BucketQuery): Promise<readonly FoundBucket[]> => {
  const { rows, sink, timeframe, partition: log } = query
  const first = timeframe === undefined ? Number.NEGATIVE_INFINITY : hourOf(timeframe.startMs)
  const last = timeframe === undefined ? Number.POSITIVE_INFINITY : hourOf(timeframe.endMs - 1)
  const found: FoundBucket[] = []
  for await (const month of monthsOf(query, first, last)) {
    const range = log === undefined ? { partition: month } : { partition: month, from: log, to: log + 1 }
    for await (const page of rows.scan(bucketTable(sink), range)) {
      for (const [project, collection, , logPartition, hourCell, block] of page) {
        const hour = hourOfText(String(hourCell))
        if (hour < first || hour > last) continue
        found.push({ hour, partition: [project!, collection!, hourCell!, logPartition!, block!] })
      }
    }
  }
  return found.sort((left, right) => left.hour - right.hour)
}

/** Collections of a project, or of all, that the event store has had events of. */
export const findCollections = async ({ rows, sink, project }: BucketQuery): Promise<readonly string[]> => {
  const names = new Set<string>()
  // What has a month has a collection: two levels are enough.
  const table = bucketTable(sink)
  const collections = { ...table, partition: table.partition.slice(0, 2) }
  for await (const [, name] of cataloguedPartitions(rows, collections, project === undefined ? [] : [project]))
    names.add(String(name))
  return [...names]
}

/** Partitions of the bucket catalogue. */
async function* monthsOf(query: BucketQuery, first: number, last: number): AsyncGenerator<readonly Cell[]> {
  const { rows, sink, project, collection } = query
  const isBounded = Number.isFinite(first) && Number.isFinite(last)
  if (isBounded && first > last) return
  const months = isBounded && project !== undefined && collection !== undefined ? monthsBetween(first, last) : undefined
  if (months !== undefined) {
    for (const month of months) yield [project!, collection!, month]
    return
  }
  const known = project === undefined ? [] : collection === undefined ? [project] : [project, collection]
  yield* cataloguedPartitions(rows, bucketTable(sink), known, ([, ofCollection, month]) => {
    if (ofCollection === undefined) return true
    if (collection !== undefined && ofCollection !== collection) return false
    return month === undefined || isBetween(String(month), first, last)
  })
}

/** `undefined` where they are too many. */
const monthsBetween = (first: number, last: number): Iterable<string> | undefined => {
  const months = new Set<string>()
  // A month has at least 672 hours, so steps of 672 meet each one.
  for (let hour = first; hour < last && months.size <= monthsMax; hour += 672) months.add(monthText(hour))
  if (months.size > monthsMax) return undefined
  return months.add(monthText(last))
}

/** Years outside of 0 to 9999 are longer texts; they are looked at rather than compared. */
const isBetween = (month: string, first: number, last: number): boolean => {
  const [from, to] = [first, last].map((hour) => (Number.isFinite(hour) ? monthText(hour) : ''))
  const isComparable = (bound: string | undefined): bound is string => bound?.length === month.length
  return !(isComparable(from) && month < from) && !(isComparable(to) && month > to)
}
