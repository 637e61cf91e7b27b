/**
 * Reads rows by key at LOCAL_QUORUM: the keys of one partition in one request, many requests in flight.
 */
import type { Cell, Row, RowKey } from '../../../topology/model/ports/row-store.ts'
import { checkCells, keyColumnsOf } from '../cells/check-cells.ts'
import type { StoredPage } from './cassandra-client.ts'
import { cassandraError, isOfOneHost, isStrain } from './cassandra-error.ts'
import { clusterBytes, partitionBytes, routingKeyOf } from './cell-bytes.ts'
import type { Cluster } from './cluster.ts'
import type { CqlPlan } from './cql-plan.ts'
import { groupRows, keyOf } from './group-rows.ts'
import { quoteName } from './table-names.ts'

/** A statement that reads. */
export interface CqlQuery {
  readonly cql: string
  readonly values: readonly Buffer[]
  /** The key of the one partition that it reads; absent: it reads many. */
  readonly routingKey: (() => Buffer) | undefined
}

/** Rows of one request: few enough that a host answers at once. */
const keysPerRequest = 64
/** Requests of one call that wait for permits together. */
const requestsAtOnce = 64
// A host that fails before it has answered is passed over, as long as the partition has others.
const hostsTriedMax = 3

/** Rows in the order of the keys. Throws a `SpillwayError`. */
export const readCqlRows = async (
  cluster: Cluster,
  plan: CqlPlan,
  keys: readonly RowKey[],
): Promise<readonly (Row | undefined)[]> => {
  const columns = keyColumnsOf(plan.table)
  for (const key of keys) checkCells(plan.table, columns, key)
  const found = new Map<string, Row>()
  const requests = groupRows(keys, plan.table.partition.length).flatMap((group) => chunksOf(group))
  let next = 0
  const work = async (): Promise<void> => {
    while (next < requests.length) {
      const asked = requests[next++]!.map((index) => keys[index]!)
      await readPartition(cluster, plan, asked, found)
    }
  }
  await Promise.all(Array.from({ length: Math.min(requestsAtOnce, requests.length) }, work))
  return keys.map((key) => found.get(keyOf(key, plan.keyLength)))
}

const chunksOf = (group: readonly number[]): readonly (readonly number[])[] => {
  const chunks: (readonly number[])[] = []
  for (let from = 0; from < group.length; from += keysPerRequest) chunks.push(group.slice(from, from + keysPerRequest))
  return chunks
}

const readPartition = async (
  cluster: Cluster,
  plan: CqlPlan,
  keys: readonly RowKey[],
  found: Map<string, Row>,
): Promise<void> => {
  const query = queryOf(plan, keys)
  let pageState: Buffer | undefined
  do {
    const page = await readPage(cluster, query, plan.pages.rows, pageState)
    const rows = page.rows.map(plan.rowOf)
    plan.pages.learn(rows)
    for (const row of rows) found.set(keyOf(row, plan.keyLength), row)
    pageState = page.pageState
  } while (pageState !== undefined)
}

const queryOf = ({ table, select, partitionWhere }: CqlPlan, keys: readonly RowKey[]): CqlQuery => {
  const [first] = keys as readonly [RowKey, ...RowKey[]] // a group has at least one key
  const parts = partitionBytes(table, first)
  const routingKey = (): Buffer => routingKeyOf(parts)
  const { cluster } = table
  if (cluster.length === 0) return { cql: `${select} WHERE ${partitionWhere}`, values: parts, routingKey }
  const names = cluster.map(({ name }) => quoteName(name)).join(', ')
  const wanted = keys.map((key) =>
    tupleBytes(cluster.map((_, at) => clusterBytes(table, at, keyCell(key, table.partition.length + at)))),
  )
  const cql = `${select} WHERE ${partitionWhere} AND (${names}) IN ?`
  return { cql, values: [...parts, listBytes(wanted)], routingKey }
}

const keyCell = (key: RowKey, index: number): Cell | undefined => key[index]

const withLength = (bytes: Buffer): Buffer => {
  const coded = Buffer.allocUnsafe(4 + bytes.length)
  coded.writeInt32BE(bytes.length)
  coded.set(bytes, 4)
  return coded
}

const tupleBytes = (cells: readonly Buffer[]): Buffer => Buffer.concat(cells.map(withLength))

const listBytes = (items: readonly Buffer[]): Buffer => {
  const count = Buffer.allocUnsafe(4)
  count.writeInt32BE(items.length)
  return Buffer.concat([count, ...items.map(withLength)])
}

/** One page, from the replica with the most room; from another where that one fails before it answers. */
export const readPage = async (
  cluster: Cluster,
  { cql, values, routingKey }: CqlQuery,
  fetchSize: number,
  pageState: Buffer | undefined,
): Promise<StoredPage> => {
  const readTimeout = cluster.knob('rows.deadlineMs')
  const tried = new Set<string>()
  for (;;) {
    const hosts = cluster.client.hostsOf(routingKey).filter(({ address }) => !tried.has(address))
    if (hosts.length === 0) throw cassandraError(cluster.name, new Error('no host of the data centre is up'))
    const permit = await cluster.readPermits.take(hosts)
    try {
      const page = await cluster.client.execute(cql, values, { readTimeout, host: permit.host, fetchSize, pageState })
      permit.end('answered')
      return page
    } catch (error) {
      permit.end(isStrain(error) ? 'strained' : isOfOneHost(error) ? 'unsent' : 'answered')
      tried.add(permit.host.address)
      const isLast = hosts.length === 1 || tried.size >= hostsTriedMax
      if (isLast || !isOfOneHost(error)) throw cassandraError(cluster.name, error)
    }
  }
}
