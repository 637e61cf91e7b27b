/**
 * Pages of a scan by keyset: each page asks for the rows after the last key of the page before.
 *
 * A page is read to its end inside one call and no statement stays open behind it, so a scan of hours never keeps the
 * write-ahead log from being emptied. A row that is there from the first page to the last is given exactly once.
 */
import type { Cell, Row, RowKey } from '../../../topology/model/ports/row-store.ts'
import { keyColumnsOf } from '../cells/check-cells.ts'
import type { CheckedRange } from '../cells/check-table.ts'
import { quoteName } from './quote-name.ts'
import { bind, type TablePlan } from './table-plan.ts'

// As many as a query reads in a few milliseconds.
const pageRows = 1_000
// Events may hold 1 MiB each: a page ends early rather than hold a thousand of them.
const pageCharacters = 8 * 1_048_576

const weigh = (row: Row): number => {
  let size = 0
  for (const cell of row) if (typeof cell === 'string' || cell instanceof Uint8Array) size += cell.length
  return size
}

interface PageQuery {
  readonly sql: string
  readonly values: readonly Cell[]
}

const pageQuery = (plan: TablePlan, range: CheckedRange, after: RowKey | undefined): PageQuery => {
  const key = keyColumnsOf(plan.table).map((column) => `t.${quoteName(column.name)}`)
  const led = range.leading.length
  const conditions = key.slice(0, led).map((column) => `${column} = ?`)
  const values: Cell[] = [...range.leading]
  const rest = key.slice(led)
  if (after !== undefined) {
    conditions.push(`(${rest.join(', ')}) > (${rest.map(() => '?').join(', ')})`)
    values.push(...after.slice(led))
  } else if (range.from !== undefined) {
    conditions.push(`${key[led]} >= ?`)
    values.push(range.from)
  }
  if (range.to !== undefined) {
    conditions.push(`${key[led]} < ?`)
    values.push(range.to)
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const from = `FROM ${quoteName(plan.table.name)} AS t${where}`
  return { sql: `SELECT ${plan.selected} ${from} ORDER BY ${key.join(', ')} LIMIT ${pageRows}`, values }
}

/** The next page and the key to go on after; no key once the range is at its end. */
export const readPage = (
  plan: TablePlan,
  range: CheckedRange,
  after: RowKey | undefined,
): { readonly rows: readonly Row[]; readonly after: RowKey | undefined } => {
  const { sql, values } = pageQuery(plan, range, after)
  const rows: Row[] = []
  let size = 0
  for (const stored of plan.statement(sql).iterate(...bind(values))) {
    const cells: unknown = stored
    const row = plan.rowOf(cells as unknown[]) // rows come as arrays, see `prepare`
    rows.push(row)
    size += weigh(row)
    if (size >= pageCharacters) break
  }
  // The whole key may be the range itself: then there is nothing after its one row.
  const isLast = (rows.length < pageRows && size < pageCharacters) || range.leading.length === plan.keyLength
  return { rows, after: isLast ? undefined : rows.at(-1)?.slice(0, plan.keyLength) }
}
