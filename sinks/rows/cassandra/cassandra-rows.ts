/**
 * Rows in Cassandra: the stamp of a row is the write time of its cells, so the larger one wins on every replica whatever
 * arrives first (I-1). Nothing is read before it is written, and nothing is conditional.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { Row, RowStore, ScanRange, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { checkStamps, columnsOf } from '../cells/check-cells.ts'
import { checkRange } from '../cells/check-table.ts'
import type { Cluster } from './cluster.ts'
import { type CqlPlan, planCqlTable } from './cql-plan.ts'
import { ensureCqlTable, storedNames } from './ensure-cql-table.ts'
import { readCqlRows } from './read-cql-rows.ts'
import { scanCqlRows } from './scan-cql-rows.ts'
import { FramePool, writeCqlRows } from './write-cql-rows.ts'

const isSameTable = (left: TableSpec, right: TableSpec): boolean =>
  left === right ||
  (left.partition.length === right.partition.length &&
    left.cluster.length === right.cluster.length &&
    left.nulls === right.nulls &&
    JSON.stringify(columnsOf(left)) === JSON.stringify(columnsOf(right)))

/** Finds the plan of a table, `undefined` while there is no such table. Plans of incomplete tables are not kept. */
class Plans {
  readonly #cluster: Cluster
  readonly #plans = new Map<string, CqlPlan>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  known(table: TableSpec): CqlPlan | undefined {
    const plan = this.#plans.get(table.name)
    return plan !== undefined && isSameTable(plan.table, table) ? plan : undefined
  }

  async find(table: TableSpec): Promise<CqlPlan | undefined> {
    const known = this.known(table)
    if (known !== undefined) return known
    const names = await storedNames(this.#cluster, table)
    if (names === undefined) return undefined
    const plan = planCqlTable(this.#cluster.keyspace, table, names)
    if (plan.isComplete) this.#plans.set(table.name, plan)
    return plan
  }
}

const writeTo = async (
  cluster: Cluster,
  frames: FramePool,
  plan: CqlPlan | undefined,
  call: { readonly table: TableSpec; readonly rows: readonly Row[]; readonly stamps: number | readonly number[] },
): Promise<void> => {
  const { table, rows, stamps } = call
  if (plan === undefined || !plan.isComplete) {
    throw errors.rowsShape({ table: table.name, reason: 'it does not exist as declared; `ensureTable` comes first' })
  }
  await writeCqlRows(cluster, frames, plan, rows, stamps)
}

/** Rows of a cluster that is connected. `close` leaves the connection to its owner. */
export const createCassandraRows = (cluster: Cluster): RowStore => {
  const plans = new Plans(cluster)
  const frames = new FramePool()
  let ensuring: Promise<unknown> = Promise.resolve()
  return {
    name: cluster.name,
    useKnobs: cluster.useKnobs,
    usage: () => [...cluster.writePermits.usage('writes'), ...cluster.readPermits.usage('reads')],
    latency: () => cluster.roundTrips.latency(cluster.clock.nowMs()),
    ensureTable: async (table) => {
      if (plans.known(table) !== undefined) return
      // One after the other: each takes the lock of the schema.
      const ensured = ensuring.then(() => ensureCqlTable(cluster, table))
      ensuring = ensured.catch(() => undefined)
      await ensured
    },
    write: async (table, rows, stamps) => {
      checkStamps(table, rows.length, stamps)
      const plan = plans.known(table) ?? (await plans.find(table))
      await writeTo(cluster, frames, plan, { table, rows, stamps })
    },
    read: async (table, keys) => {
      const plan = plans.known(table) ?? (await plans.find(table))
      return plan === undefined ? keys.map(() => undefined) : readCqlRows(cluster, plan, keys)
    },
    scan: (table, range) => scan(cluster, plans, table, range),
    close: async () => {},
  }
}

async function* scan(
  cluster: Cluster,
  plans: Plans,
  table: TableSpec,
  range: ScanRange | undefined,
): AsyncGenerator<readonly Row[]> {
  const checked = checkRange(table, range)
  const plan = await plans.find(table)
  if (plan !== undefined) yield* scanCqlRows(cluster, plan, checked)
}
