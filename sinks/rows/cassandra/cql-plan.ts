/** The statements of one table and how its rows are read: made once for each shape that is used. */
import type { Row, TableSpec } from '../../../topology/model/ports/row-store.ts'
import { columnsOf, keyColumnsOf } from '../cells/check-cells.ts'
import type { StoredRow } from './cassandra-client.ts'
import { cellReaders } from './cell-bytes.ts'
import { quoteName, tableNameOf } from './table-names.ts'

export interface CqlPlan {
  readonly table: TableSpec
  readonly isComplete: boolean
  readonly keyLength: number
  /** Values: all cells, then the stamp. */
  readonly insert: string
  /** `SELECT ... FROM ...`. */
  readonly select: string
  /** Conditions on the whole key of a partition, after `WHERE`. */
  readonly partitionWhere: string
  rowOf(stored: StoredRow): Row
  /** Rows that a page of this table may have; learns from those that were read. */
  readonly pages: PageSize
}

/** `names` are the columns that the table has; those it lacks are read as null (a reader may be newer than the table). */
export const planCqlTable = (keyspace: string, table: TableSpec, names: ReadonlySet<string>): CqlPlan => {
  const columns = columnsOf(table)
  const name = `${quoteName(keyspace)}.${quoteName(tableNameOf(table.name))}`
  const all = columns.map((column) => quoteName(column.name)).join(', ')
  const readers = cellReaders(table)
  // By place: a column may have any name, also one that means something to an object.
  const places = columns.map((column, index) => (names.has(column.name) ? `c${index}` : ''))
  const selected = columns.flatMap((column, index) =>
    places[index] === '' ? [] : [`${quoteName(column.name)} AS c${index}`],
  )
  return {
    table,
    isComplete: places.every((place) => place !== ''),
    keyLength: keyColumnsOf(table).length,
    insert: `INSERT INTO ${name} (${all}) VALUES (${columns.map(() => '?').join(', ')}) USING TIMESTAMP ?`,
    select: `SELECT ${selected.join(', ')} FROM ${name}`,
    partitionWhere: table.partition.map((column) => `${quoteName(column.name)} = ?`).join(' AND '),
    rowOf: (stored) => readers.map((read, index) => read(stored[places[index]!])),
    pages: new PageSize(),
  }
}

// A page is held whole by the host and by us.
const pageBytes = 1_048_576
const pageRowsMax = 2_000
// What an unknown row may weigh: an event of 1 MiB makes the first page a large one, once.
const rowBytesUnknown = 16_384
const rowBytesFixed = 64

/** Rows of a page, so that its bytes stay bounded: Cassandra counts a page in rows. */
export class PageSize {
  #rowBytes = rowBytesUnknown

  get rows(): number {
    return Math.max(1, Math.min(pageRowsMax, Math.floor(pageBytes / this.#rowBytes)))
  }

  /** Large rows count at once, small ones little by little. */
  learn(rows: readonly Row[]): void {
    if (rows.length === 0) return
    let bytes = 0
    for (const row of rows) {
      bytes += rowBytesFixed
      for (const cell of row) if (typeof cell === 'string' || cell instanceof Uint8Array) bytes += cell.length
    }
    const mean = bytes / rows.length
    this.#rowBytes = mean > this.#rowBytes ? mean : (this.#rowBytes + mean) / 2
  }
}
