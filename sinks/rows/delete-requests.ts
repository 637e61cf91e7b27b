/**
 * The requests to delete that people and programs have made: one row per request or job, written before its records go
 * to the log and again with the places where they stand. Each is found by its id; days and the ids of a day stand in the
 * catalogue of partitions, so that no partition grows with the years.
 *
 * So a request that broke half way is known and can be completed, and one sent twice is one on screen. For people only:
 * what a delete takes out is decided by the log's records alone (I-1).
 */
import type { Row, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import { dayText, stampBase } from './event-table.ts'
import { KnownPartitions } from './known-partitions.ts'
import { catalogueOfPartitions, listNames, nameOfCell, readNames } from './partition-catalogue.ts'

export const deleteRequestTable: TableSpec = {
  name: 'spillway_delete_requests',
  partition: [
    { name: 'topology', type: 'text' },
    { name: 'id', type: 'text' },
  ],
  cluster: [],
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
  for (const table of [deleteRequestTable, catalogueOfPartitions]) await rows.ensureTable(table)
  // A topology is known to whoever asks.
  const paths = requests.map((one) => [topology, dayText(one.requestedAtMs), one.id].map(nameOfCell))
  await new KnownPartitions(rows, deleteRequestTable.name, 1).ensure(paths)
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

// Some kilobytes each at most.
const rowsPerRead = 500

/** All requests of a topology by day and id, page by page. */
export async function* listDeleteRequests(rows: RowStore, topology: string): AsyncIterable<readonly StoredRequest[]> {
  const { name } = deleteRequestTable
  for (const day of await listNames(rows, name, [nameOfCell(topology)])) {
    for await (const ids of readNames(rows, name, [nameOfCell(topology), day])) {
      for (let from = 0; from < ids.length; from += rowsPerRead) {
        const found = await findDeleteRequests(rows, topology, ids.slice(from, from + rowsPerRead))
        // An id whose writer died before its row has none; one that two wrote at once may stand at two days.
        yield found.flatMap((one) => (one !== undefined && dayText(one.requestedAtMs) === day ? [one] : []))
      }
    }
  }
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
