/**
 * Tables of rows with last-write-wins cells. Every write carries a stamp; the larger stamp wins whatever arrives first.
 *
 * Called by row sinks (write, read), by readers and deletes (read, scan). Any number of calls may run at once. A write
 * resolves only when a quorum holds it; a read that begins after that sees it. A rejected write may have been applied in
 * part, on some replicas, now or later: the caller repeats it with the same stamp until it resolves.
 *
 * Errors are `SpillwayError`s: `retry` (unavailable, deadline, full disk: repeat the same call), `stop` (a table of
 * another shape or format version, a disk that cannot be written for good).
 */
import type { Dependency } from './dependency.ts'

export type ColumnType = 'text' | 'integer' | 'double' | 'boolean' | 'bytes'

export interface ColumnSpec {
  readonly name: string
  readonly type: ColumnType
}

/**
 * Shape of a table. `partition` columns choose where a row lives, `cluster` columns order rows within it; together they
 * are the key. Names are lower-case identifiers as they come from users (any text): the adapter quotes them.
 */
export interface TableSpec {
  readonly name: string
  readonly partition: readonly ColumnSpec[]
  readonly cluster: readonly ColumnSpec[]
  readonly columns: readonly ColumnSpec[]
  /**
   * `keep`: a null need not be written, so it never takes a value away, and a store of replicas keeps no tombstone for it.
   * For rows that are inserted blind and overwritten only by rows without nulls. Default: rows are whole, nulls count.
   */
  readonly nulls?: 'keep'
}

/** `integer` cells are safe integers. */
export type Cell = string | number | boolean | Uint8Array | null
/** Cells in the order partition, cluster, columns. */
export type Row = readonly Cell[]
/** The key cells alone, in the order partition, cluster. */
export type RowKey = readonly Cell[]

export interface RowStore extends Dependency {
  /** Identity of the store, for messages; no secrets. */
  readonly name: string

  /** Creates the table, or adds its missing columns. A key of another shape throws `rows.shape` (stop). */
  ensureTable(table: TableSpec): Promise<void>

  /**
   * Writes whole rows. `stamps` has one stamp (a safe integer) per row, or is one stamp for all. A row whose stored
   * stamp is larger stays as it is; at the same stamp the write is repeated (equal bytes) or, should the bytes differ,
   * one of the two values of each cell wins, the same one in whichever order they arrive. Which one is the store's own
   * rule: embedded stores take the larger value, Cassandra null, else the larger bytes.
   */
  write(table: TableSpec, rows: readonly Row[], stamps: number | readonly number[]): Promise<void>

  /** Reads rows by key, `undefined` where there is none, in the order of the keys. */
  read(table: TableSpec, keys: readonly RowKey[]): Promise<readonly (Row | undefined)[]>

  /** All rows in pages, ordered by key within a partition; `partition` narrows to one (its leading cells suffice on embedded stores). */
  scan(table: TableSpec, range?: ScanRange): AsyncIterable<readonly Row[]>

  close(): Promise<void>
}

export interface ScanRange {
  /** Values of all partition columns. */
  readonly partition?: readonly Cell[]
  /** First cluster column at or above (inclusive). Only with `partition`. */
  readonly from?: Cell
  /** First cluster column below (exclusive). Only with `partition`. */
  readonly to?: Cell
}
