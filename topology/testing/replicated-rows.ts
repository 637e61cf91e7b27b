/**
 * Rows on three replicas with the rules of a quorum store: every cell has its own stamp, the larger stamp wins, at the
 * same stamp the larger value. There is no read repair, so what a failed write left on one replica stays there.
 *
 * A write reaches each replica at once, late (when the test calls `deliver`) or never, row by row. It is repeated until
 * two replicas have answered for every row, else it fails with class `retry`, and its parts may still arrive. A read
 * asks two replicas chosen by chance. This is the store against which the protocol's rules for rows are needed (I-1):
 * a row read once may be gone at the next read until a write of it has resolved.
 */
import { checkCells, checkStamps, stampAt } from '../../sinks/rows/cells/check-cells.ts'
import { type CheckedRange, checkRange } from '../../sinks/rows/cells/check-table.ts'
import { storedCell } from '../../sinks/rows/cells/stored-cell.ts'
import { keysWithin, keyText } from '../../sinks/rows/memory/row-keys.ts'
import { createTableCatalogue, type TableCatalogue, type TableLayout } from '../../sinks/rows/memory/table-catalogue.ts'
import { errors } from '../model/errors.ts'
import { plantedFaults } from '../model/planted-faults.ts'
import type { Random } from '../model/ports/random.ts'
import type { Row, RowKey, RowStore, TableSpec } from '../model/ports/row-store.ts'
import {
  type Mutation,
  mergeRows,
  Network,
  Replica,
  type ReplicaChances,
  type ReplicaRow,
  shuffled,
} from './replicas.ts'

export interface ReplicatedRowsOptions {
  readonly random: Random
  /** Default: nothing late, nothing lost. */
  readonly chances?: Partial<ReplicaChances>
  /** Rounds of one write call before it fails with class `retry`. Default 4. */
  readonly attempts?: number
  /** Awaited before each visit to a replica: lets other calls in between. */
  readonly pause?: () => Promise<void>
}

export interface ReplicatedRows extends RowStore {
  readonly chances: ReplicaChances
  /** Late writes that have not arrived. */
  readonly pendingCount: number
  /** Lets `count` late writes arrive (default: all), in an order chosen by chance. */
  deliver(count?: number): void
}

const name = 'replicated:rows'
const replicaCount = 3
const quorum = 2
const pageRows = 1_000

/** What the calls of one store share. */
interface Cluster {
  readonly random: Random
  readonly attempts: number
  readonly pause: () => Promise<void>
  readonly replicas: readonly Replica[]
  readonly network: Network
  readonly catalogue: TableCatalogue
}

const mutationsOf = (
  table: TableSpec,
  layout: TableLayout,
  rows: readonly Row[],
  stamps: number | readonly number[],
): Mutation[] => {
  checkStamps(table, rows.length, stamps)
  for (const row of rows) checkCells(table, layout.columns, row)
  return rows.map((row, index) => {
    const cells = row.map(storedCell)
    const key = cells.slice(0, layout.keyColumns.length)
    return { table: table.name, layout, key, cells, stamp: stampAt(stamps, index) }
  })
}

const sendToAll = async (
  { replicas, network, random, pause }: Cluster,
  mutations: readonly Mutation[],
  heard: readonly Set<Replica>[],
): Promise<void> => {
  for (const replica of shuffled(replicas, random)) {
    await pause()
    mutations.forEach((mutation, index) => {
      const replies = heard[index]!
      if (!replies.has(replica) && network.send(replica, mutation)) replies.add(replica)
    })
  }
}

const writeRows = async (cluster: Cluster, mutations: readonly Mutation[]): Promise<void> => {
  const heard = mutations.map(() => new Set<Replica>())
  for (let attempt = 0; attempt < cluster.attempts; attempt += 1) {
    await sendToAll(cluster, mutations, heard)
    if (heard.every((replies) => replies.size >= quorum)) return
  }
  const reason = `fewer than ${quorum} replicas answered in ${cluster.attempts} rounds`
  throw errors.storeUnavailable({ store: name, reason })
}

const askedCount = (): number => (plantedFaults.has('read-one') ? 1 : quorum)

const readRows = async (
  { catalogue, replicas, random, pause }: Cluster,
  table: TableSpec,
  keys: readonly RowKey[],
): Promise<readonly (Row | undefined)[]> => {
  const layout = catalogue.find(table)
  if (layout === undefined) return keys.map(() => undefined)
  const texts = keys.map((key) => {
    checkCells(table, layout.keyColumns, key)
    return keyText(key.map(storedCell))
  })
  const found = keys.map((): ReplicaRow[] => [])
  for (const replica of shuffled(replicas, random).slice(0, askedCount())) {
    await pause()
    const stored = replica.tableOf(table.name)
    texts.forEach((text, index) => {
      const row = stored.get(text)
      // A copy: what arrives before the second replica is asked must not change what the first one answered.
      if (row !== undefined) found[index]!.push({ key: row.key, cells: [...row.cells] })
    })
  }
  return found.map((rows) => mergeRows(rows, layout))
}

async function* scanRows(cluster: Cluster, table: TableSpec, range: CheckedRange): AsyncGenerator<readonly Row[]> {
  await cluster.pause()
  const known = new Map<string, RowKey>()
  for (const replica of shuffled(cluster.replicas, cluster.random).slice(0, quorum)) {
    for (const [text, row] of replica.tableOf(table.name)) known.set(text, row.key)
  }
  const keys = keysWithin(known.values(), range)
  for (let from = 0; from < keys.length; from += pageRows) {
    const rows = await readRows(cluster, table, keys.slice(from, from + pageRows))
    const present = rows.filter((row) => row !== undefined)
    if (present.length > 0) yield present
  }
}

/** Three replicas behind one `RowStore`. Same `random`, same calls, same `pause`: same history. */
export const createReplicatedRows = (options: ReplicatedRowsOptions): ReplicatedRows => {
  const { random, attempts = 4, pause = () => Promise.resolve() } = options
  const replicas = Array.from({ length: replicaCount }, () => new Replica())
  const network = new Network(random, options.chances ?? {})
  const catalogue = createTableCatalogue()
  const cluster: Cluster = { random, attempts, pause, replicas, network, catalogue }
  return {
    name,
    chances: network.chances,
    get pendingCount() {
      return network.pendingCount
    },
    deliver: (count = Number.POSITIVE_INFINITY) => network.deliver(count),
    ensureTable: async (table) => catalogue.ensure(table),
    write: async (table, rows, stamps) =>
      writeRows(cluster, mutationsOf(table, catalogue.require(table), rows, stamps)),
    read: (table, keys) => readRows(cluster, table, keys),
    scan: (table, range) => scanRows(cluster, table, checkRange(table, range)),
    close: async () => {},
  }
}
