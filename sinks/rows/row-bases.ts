/**
 * What the rows of a chunk were before an epoch: from the cache of the slot, else read at quorum, one call a chunk.
 *
 * Whether a cached row may be a base is the slot's cache to say (PROTOCOL section 4); nothing is written here.
 */
import type { StateDelta, StateOperator } from '../../topology/model/operator.ts'
import type { Clock } from '../../topology/model/ports/clock.ts'
import type { Row, RowKey, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import type { DeclaredEpoch } from '../../topology/model/sink.ts'
import type { KnownPartitions } from './known-partitions.ts'
import type { CachedRow, SlotCache } from './slot-cache.ts'
import type { StateLayout } from './state-table.ts'

export interface StateRowsPlace<State> {
  readonly rows: RowStore
  readonly table: TableSpec
  /** Partitions of the table that stand in the catalogue. */
  readonly partitions: KnownPartitions
  readonly layout: StateLayout
  readonly operator: StateOperator<unknown, State>
  /** Rows per read and per write call. */
  readonly chunkRows: number
  /** For the planted fault `wall-clock-stamp` alone. */
  readonly clock: Clock
}

/** A delta with the operator's id of its row. */
export type TouchedRow<State> = readonly [id: string, delta: StateDelta<State>]

/** What a row was before: from the cache, else a row as read, else `undefined`. */
export type Base<State> = CachedRow<State> | Row | undefined

/** Rows that the cache does not hold are read at quorum, one call a chunk. */
export const readBases = async <State>(
  place: StateRowsPlace<State>,
  epoch: DeclaredEpoch,
  chunk: readonly TouchedRow<State>[],
  cache: SlotCache<State>,
): Promise<readonly Base<State>[]> => {
  const bases: Base<State>[] = new Array(chunk.length)
  const missing: number[] = []
  const keys: RowKey[] = []
  for (const [index, [id, delta]] of chunk.entries()) {
    const cached = cache.get(id)
    if (cached !== undefined) bases[index] = cached
    else {
      missing.push(index)
      keys.push([...delta.key, epoch.spout, epoch.partition, epoch.slot])
    }
  }
  if (keys.length === 0) return bases
  const rows = await place.rows.read(place.table, keys)
  for (const [at, index] of missing.entries()) bases[index] = rows[at]
  return bases
}

/**
 * base + delta. The delta stays as it is: a write that is repeated adds it to what was read again. Where there is no
 * base the delta itself becomes the row, and the cache may hold it: it changes only under a later epoch, whose rows
 * fence every repetition of this one.
 */
export const addDelta = <State>(
  { operator, layout }: StateRowsPlace<State>,
  base: Base<State>,
  delta: State,
): State => {
  if (isCached(base)) return operator.merge(base.state, delta)
  const text = base?.[layout.state]
  if (typeof text !== 'string') return delta
  return operator.merge(operator.decode(text), delta)
}

/** 0 where there is no row: epochs count from 1. */
export const appliedOf = <State>(layout: StateLayout, base: Base<State>): number => {
  if (isCached(base)) return base.applied
  const applied = base?.[layout.applied]
  return typeof applied === 'number' ? applied : 0
}

export const isRow = <State>(base: Base<State>): base is Row => Array.isArray(base)
export const isCached = <State>(base: Base<State>): base is CachedRow<State> =>
  base !== undefined && !Array.isArray(base)

// A map slot, the id, the key's cells: measured at about 150 bytes for keys of two short texts and a number.
export const rowOverheadBytes = 192
