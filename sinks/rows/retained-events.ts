/**
 * Records that a log has dropped, rebuilt from an event store, so that the work of deletes can read them once more: the
 * same names, times, client ids and bytes, so the same bolts make the same of them (I-3).
 *
 * Rows are found through the bucket catalogue, of the projects, collections and months that the deletes name, block by
 * block. A row that a delete has emptied is no record any more; it
 * is written once more as it was found, for its first writer may have reached one replica only (PROTOCOL section 5).
 */
import type { DeleteScope } from '../../topology/model/delete-request.ts'
import { parseEventId } from '../../topology/model/event-id.ts'
import { formatTime } from '../../topology/model/event-time.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { Row, RowStore } from '../../topology/model/ports/row-store.ts'
import type { Headers, LogRecord } from '../../topology/model/record.ts'
import type { LogOptions, Source, SpoutNode } from '../../topology/model/topology.ts'
import { type FoundBucket, findBuckets } from './event-buckets.ts'
import { blockOf, clientIdIn, eventCell, eventStamp, eventTable } from './event-table.ts'

export interface RetainedQuery {
  readonly rows: RowStore
  /** The event store. */
  readonly sink: string
  readonly spout: SpoutNode
  readonly partition: number
  /** What the deletes may match: other events may be left out. */
  readonly scopes: readonly DeleteScope[]
}

/** Offsets `[from, to)`. */
interface Span {
  readonly from: number
  readonly to: number
}

/** Reads again and again what the store had when it was first asked: everything below the start of the log. */
export class RetainedEvents {
  readonly #query: RetainedQuery
  #buckets: Promise<readonly FoundBucket[]> | undefined

  constructor(query: RetainedQuery) {
    this.#query = query
  }

  /** Living events of a range, or those of its offsets that are named, page by page, in the order of the store. */
  async *read(span: Span, offsets?: ReadonlySet<number>): AsyncGenerator<readonly LogRecord[]> {
    this.#buckets ??= bucketsOf(this.#query)
    const [first, last] = [blockOf(span.from), blockOf(span.to - 1)]
    for (const bucket of await this.#buckets) {
      const block = Number(bucket.partition[4])
      if (block >= first && block <= last) yield* readBucket(this.#query, bucket, span, offsets)
    }
  }
}

async function* readBucket(
  query: RetainedQuery,
  bucket: FoundBucket,
  { from, to }: Span,
  offsets: ReadonlySet<number> | undefined,
): AsyncGenerator<readonly LogRecord[]> {
  const table = eventTable(query.sink)
  const isWanted = (row: Row, offset: number): boolean =>
    row[eventCell.spout] === query.spout.name && offset >= from && offset < to && offsets?.has(offset) !== false
  for await (const page of query.rows.scan(table, { partition: bucket.partition })) {
    const own = page.flatMap((row) => {
      const offset = parseEventId(String(row[eventCell.id]))?.offset
      return offset !== undefined && isWanted(row, offset) ? [{ row, offset }] : []
    })
    const dead = own.filter(({ row }) => row[eventCell.dead] !== null).map(({ row }) => row)
    if (dead.length > 0 && !plantedFaults.has('tombstone-event-row')) {
      const stamps = dead.map((row) => eventStamp(bucket.hour, Number(row[eventCell.dead])))
      await query.rows.write(table, dead, stamps)
    }
    const names = namesIn(query.spout.options, String(bucket.partition[0]), String(bucket.partition[1]))
    const records = own.filter(({ row }) => row[eventCell.dead] === null)
    if (records.length > 0) yield records.map(({ row, offset }) => recordOf(row, offset, names))
  }
}

const bucketsOf = async (query: RetainedQuery): Promise<readonly FoundBucket[]> => {
  const { rows, sink, partition } = query
  const found = new Map<string, FoundBucket>()
  for (const scope of query.scopes)
    for (const bucket of await findBuckets({ rows, sink, partition, ...scope }))
      found.set(JSON.stringify(bucket.partition), bucket)
  return [...found.values()]
}

interface Names {
  readonly key: string | null
  readonly headers: Headers
}

/** Key and headers that give a record its names, wherever the spout looks for them; what stands in the body is there. */
const namesIn = (options: LogOptions, project: string, collection: string): Names => {
  const named: readonly (readonly [Source, string])[] = [
    [options.project ?? options.tenant ?? { header: 'project' }, project],
    [options.collection ?? { header: 'collection' }, collection],
  ]
  let key: string | null = null
  const headers: [string, string][] = []
  for (const [source, name] of named) {
    if (typeof source === 'string' || 'path' in source) continue
    if ('key' in source) key = name
    else headers.push([source.header, name])
  }
  return { key, headers }
}

const recordOf = (row: Row, offset: LogRecord['offset'], { key, headers }: Names): LogRecord => {
  const bytes = Buffer.from(String(row[eventCell.body]))
  const time = ['spillway-time', formatTime(Number(row[eventCell.timestamp]))] as const
  const clientId = clientIdIn(row)
  const more = clientId === undefined ? [time] : [time, ['spillway-id', clientId] as const]
  const appendTimeMs = Number(row[eventCell.createdAt])
  return { offset, appendTimeMs, key, headers: [...headers, ...more], bytes, start: 0, end: bytes.length }
}
