/**
 * The requests to delete that people and programs have made: one row per request or job, written before its records go
 * to the log and again with the places where they stand.
 *
 * So a request that broke half way is known and can be completed, and one sent twice is one on screen. For people only:
 * what a delete takes out is decided by the log's records alone (I-1).
 */
import type { Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import { stampBase } from './event-table.ts'

export const deleteRequestTable: TableSpec = {
  name: 'spillway_delete_requests',
  partition: [{ name: 'topology', type: 'text' }],
  cluster: [{ name: 'id', type: 'text' }],
  columns: [
    { name: 'requested_at', type: 'integer' },
    { name: 'project', type: 'text' },
    { name: 'collection', type: 'text' },
    { name: 'request', type: 'text' },
    { name: 'class', type: 'text' },
    { name: 'records_total', type: 'integer' },
    { name: 'written', type: 'text' },
    { name: 'revision', type: 'integer' },
  ],
}

/** Records of a request that are durable in one partition of one log. */
export interface WrittenRecords {
  /** Identity of the log. */
  readonly log: string
  readonly topic: string
  readonly partition: number
  readonly records: number
  /** Of the last one. */
  readonly offset: number
}

export interface StoredRequest {
  readonly id: string
  readonly requestedAtMs: number
  readonly project: string
  /** `undefined`: all collections of the project. */
  readonly collection: string | undefined
  /** JSON text in canonical form: equal requests have equal texts. */
  readonly request: string
  /** `by-id`, `time-range`, `scan`. */
  readonly class: string
  /** Records that the request consists of, over all partitions. */
  readonly recordsTotal: number
  readonly written: readonly WrittenRecords[]
  /** Counts the writes of the row. */
  readonly revision: number
}

/** Requests made before any topology has run on these rows belong to whichever runs. No topology is named so. */
export const anyTopology = '*'

export const writeDeleteRequests = async (
  rows: RowStore,
  topology: string,
  requests: readonly StoredRequest[],
): Promise<void> => {
  await rows.ensureTable(deleteRequestTable)
  const stamps = requests.map(({ requestedAtMs, revision }) => stampBase(requestedAtMs) + 1 + revision)
  await rows.write(
    deleteRequestTable,
    requests.map((one) => rowOf(topology, one)),
    stamps,
  )
}

/** Requests by id, `undefined` where there is none. */
export const findDeleteRequests = async (
  rows: RowStore,
  topology: string,
  ids: readonly string[],
): Promise<readonly (StoredRequest | undefined)[]> => {
  const found = await rows.read(
    deleteRequestTable,
    ids.map((id) => [topology, id]),
  )
  return found.map((row) => (row === undefined ? undefined : requestOf(row)))
}

/** All requests of a topology by id, page by page. */
export async function* listDeleteRequests(rows: RowStore, topology: string): AsyncIterable<readonly StoredRequest[]> {
  for await (const page of rows.scan(deleteRequestTable, { partition: [topology] })) yield page.map(requestOf)
}

const rowOf = (topology: string, one: StoredRequest): Row => [
  topology,
  one.id,
  one.requestedAtMs,
  one.project,
  one.collection ?? null,
  one.request,
  one.class,
  one.recordsTotal,
  JSON.stringify(one.written),
  one.revision,
]

const requestOf = (row: Row): StoredRequest => {
  const [, id, requestedAt, project, collection, request, kind, total, written, revision] = row
  const places: readonly WrittenRecords[] = JSON.parse(String(written))
  return {
    id: String(id),
    requestedAtMs: Number(requestedAt),
    project: String(project),
    collection: typeof collection === 'string' ? collection : undefined,
    request: String(request),
    class: String(kind),
    recordsTotal: Number(total),
    written: places,
    revision: Number(revision),
  }
}
