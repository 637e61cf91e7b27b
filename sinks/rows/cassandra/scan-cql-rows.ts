/**
 * Scans at LOCAL_QUORUM, page by page: a partition in the order of its keys, or the whole table in the order of tokens.
 *
 * Cassandra finds a partition by its whole key alone. A scan by the leading cells of a key therefore reads the whole
 * table and gives what fits; nothing asks the server to filter. Pages are counted in rows there, so their size follows
 * what rows weigh. A page is asked for when the one before has been taken: no more than one is held.
 */
import type { Row } from '../../../topology/model/ports/row-store.ts'
import { keyColumnsOf } from '../cells/check-cells.ts'
import type { CheckedRange } from '../cells/check-table.ts'
import { cellBytes, partitionBytes, routingKeyOf } from './cell-bytes.ts'
import type { Cluster } from './cluster.ts'
import type { CqlPlan } from './cql-plan.ts'
import { keyOf } from './group-rows.ts'
import { type CqlQuery, readPage } from './read-cql-rows.ts'
import { quoteName } from './table-names.ts'

export async function* scanCqlRows(
  cluster: Cluster,
  plan: CqlPlan,
  range: CheckedRange,
): AsyncGenerator<readonly Row[]> {
  const isPartition = range.leading.length === plan.table.partition.length
  const query = isPartition ? partitionQuery(plan, range) : { cql: plan.select, values: [], routingKey: undefined }
  const isWanted = isPartition ? undefined : leadingTest(range)
  let pageState: Buffer | undefined
  do {
    const page = await readPage(cluster, query, plan.pages.rows, pageState)
    const all = page.rows.map(plan.rowOf)
    plan.pages.learn(all)
    const rows = isWanted === undefined ? all : all.filter(isWanted)
    if (rows.length > 0) yield rows
    pageState = page.pageState
  } while (pageState !== undefined)
}

const leadingTest = ({ leading }: CheckedRange): ((row: Row) => boolean) | undefined => {
  if (leading.length === 0) return undefined
  const wanted = keyOf(leading, leading.length)
  return (row) => keyOf(row, leading.length) === wanted
}

const partitionQuery = ({ table, select, partitionWhere }: CqlPlan, range: CheckedRange): CqlQuery => {
  const parts = partitionBytes(table, range.leading)
  const [first] = keyColumnsOf(table).slice(table.partition.length)
  const conditions = [partitionWhere]
  const values = [...parts]
  for (const [sign, bound] of [
    ['>=', range.from],
    ['<', range.to],
  ] as const) {
    if (bound === undefined || bound === null || first === undefined) continue
    conditions.push(`${quoteName(first.name)} ${sign} ?`)
    values.push(cellBytes(first.type, bound))
  }
  return { cql: `${select} WHERE ${conditions.join(' AND ')}`, values, routingKey: () => routingKeyOf(parts) }
}
