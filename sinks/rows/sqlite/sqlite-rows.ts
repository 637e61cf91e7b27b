/**
 * Rows in a SQLite file: the store of a topology that runs without servers.
 *
 * Each call is one transaction that begins and ends before the call returns its promise, so calls never mix and never
 * wait for each other. Commits are not synced one by one: a row is durable once the ledger's connection has committed
 * (see `openSqliteLedger`), and an epoch whose rows a power cut took is written again. Keeps I-1.
 */
import { errors } from '../../../topology/model/errors.ts'
import type { Row, RowKey, RowStore, ScanRange, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { checkStamps, columnsOf } from '../cells/check-cells.ts'
import { checkRange } from '../cells/check-table.ts'
import { connect, type SqliteConnection, type SqliteOptions } from './connect.ts'
import { ensureTable, readColumns } from './ensure-table.ts'
import { checkNames } from './quote-name.ts'
import { readPage } from './read-page.ts'
import { planTable, type TablePlan } from './table-plan.ts'

// 64 MiB: doubles the inserts of random keys over the default of 2 MB.
const cacheKib = 65_536

const isSameTable = (left: TableSpec, right: TableSpec): boolean =>
  left === right ||
  (left.partition.length === right.partition.length &&
    left.cluster.length === right.cluster.length &&
    JSON.stringify(columnsOf(left)) === JSON.stringify(columnsOf(right)))

/** Finds the plan of a table, `undefined` while the file has no such table. Plans of incomplete tables are not kept. */
const createPlans = (connection: SqliteConnection): ((table: TableSpec) => TablePlan | undefined) => {
  const plans = new Map<string, TablePlan>()
  return (table) => {
    const known = plans.get(table.name)
    if (known !== undefined && isSameTable(known.table, table)) return known
    checkNames(table)
    const names = readColumns(connection, table)
    if (names === undefined) return undefined
    const plan = planTable(connection, table, names)
    if (plan.isComplete) plans.set(table.name, plan)
    return plan
  }
}

const writeRows = (
  plan: TablePlan | undefined,
  table: TableSpec,
  rows: readonly Row[],
  stamps: number | readonly number[],
): void => {
  if (plan === undefined || !plan.isComplete) {
    throw errors.rowsShape({ table: table.name, reason: 'it does not exist as declared; `ensureTable` comes first' })
  }
  plan.put(rows, stamps)
}

/**
 * Opens the file, creating it in mode `readwrite`. Throws `storeFormat` (another program, another version) and
 * `pathUnusable` (stop), `diskFull` and `storeUnavailable` (retry). A table that does not exist reads as empty.
 */
export const openSqliteRows = async (options: SqliteOptions): Promise<RowStore> => {
  const connection = connect(options, { synchronous: 'NORMAL', cacheKib })
  const planOf = createPlans(connection)
  return {
    name: `sqlite:${options.path}`,
    ensureTable: async (table) => ensureTable(connection, table),
    write: async (table, rows, stamps) => {
      checkStamps(table, rows.length, stamps)
      connection.write(() => writeRows(planOf(table), table, rows, stamps))
    },
    read: async (table, keys: readonly RowKey[]) =>
      connection.look(() => {
        const plan = planOf(table)
        return keys.map((key) => plan?.get(key))
      }),
    scan: (table, range) => scan(connection, planOf, table, range),
    close: async () => connection.close(),
  }
}

async function* scan(
  connection: SqliteConnection,
  planOf: (table: TableSpec) => TablePlan | undefined,
  table: TableSpec,
  range: ScanRange | undefined,
): AsyncGenerator<readonly Row[]> {
  const checked = checkRange(table, range)
  let after: RowKey | undefined
  do {
    const page = connection.look(() => {
      const plan = planOf(table)
      return plan === undefined ? { rows: [], after: undefined } : readPage(plan, checked, after)
    })
    if (page.rows.length > 0) yield page.rows
    after = page.after
  } while (after !== undefined)
}
