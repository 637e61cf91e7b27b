/**
 * Adds the deltas of one declared epoch to the state rows of its slot: PROTOCOL section 4, line by line.
 *
 * A row is one absolute value with `applied`, written whole and stamped with the slot's `seq`. A row below `seq` becomes
 * base + delta; a row at `seq` is written once more as it was read, for its earlier writer may have reached one replica
 * only; a row above `seq` ends the epoch: its writer has been overtaken (I-4). So any number of owners, any number of
 * times, write the same bytes (I-1, I-2). A row that becomes empty is written empty, never removed: a half-delivered
 * tombstone would take `applied` away.
 */
import type { StateDelta, StateOperator } from '../../topology/model/operator.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { Clock } from '../../topology/model/ports/clock.ts'
import type { Cell, Row, RowKey, RowStore, TableSpec } from '../../topology/model/ports/row-store.ts'
import type { DeclaredEpoch, WriteOutcome } from '../../topology/model/sink.ts'
import { compareKeys } from './cells/compare-cells.ts'
import type { CachedRow, SlotCache } from './slot-cache.ts'
import type { StateLayout } from './state-table.ts'

export interface StateRowsPlace<State> {
  readonly rows: RowStore
  readonly table: TableSpec
  readonly layout: StateLayout
  readonly operator: StateOperator<unknown, State>
  /** Rows per read and per write call. */
  readonly chunkRows: number
  /** For the planted fault `wall-clock-stamp` alone. */
  readonly clock: Clock
}

type Touched<State> = readonly (readonly [id: string, delta: StateDelta<State>])[]

/** Writes all rows in key order. `fenced`: some row stands above `seq`; nothing of its chunk or behind it was written. */
export const writeStateRows = async <State>(
  place: StateRowsPlace<State>,
  epoch: DeclaredEpoch,
  deltas: ReadonlyMap<string, StateDelta<State>>,
  cache: SlotCache<State>,
  signal: AbortSignal,
): Promise<WriteOutcome> => {
  const touched = [...deltas].sort((left, right) => compareKeys(left[1].key, right[1].key))
  const seq = plantedFaults.has('stamp-is-offset') ? epoch.to : epoch.seq
  for (let from = 0; from < touched.length; from += place.chunkRows) {
    signal.throwIfAborted()
    const chunk = touched.slice(from, from + place.chunkRows)
    const bases = await readBases(place, epoch, chunk, cache)
    const written = nextRows(place, epoch, seq, chunk, bases, cache)
    if (written === 'fenced') return 'fenced'
    const stamp = plantedFaults.has('wall-clock-stamp') ? place.clock.nowMs() : seq
    await place.rows.write(place.table, written, stamp)
  }
  return 'written'
}

/** What a row was before: from the cache, else a row as read, else `undefined`. */
type Base<State> = CachedRow<State> | Row | undefined

/** Rows that the cache does not hold are read at quorum, one call a chunk. */
const readBases = async <State>(
  place: StateRowsPlace<State>,
  epoch: DeclaredEpoch,
  chunk: Touched<State>,
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

/** The chunk's rows as they are to be written; the cache gets the new states. */
const nextRows = <State>(
  place: StateRowsPlace<State>,
  epoch: DeclaredEpoch,
  seq: number,
  chunk: Touched<State>,
  bases: readonly Base<State>[],
  cache: SlotCache<State>,
): readonly Row[] | 'fenced' => {
  const isFenced = bases.some((base) => appliedOf(place.layout, base) > seq)
  if (isFenced && !plantedFaults.has('no-fence-check')) return 'fenced'
  const written: Row[] = []
  for (const [index, [id, delta]] of chunk.entries()) {
    const base = bases[index]
    const isApplied = appliedOf(place.layout, base) === seq
    if (isApplied && plantedFaults.has('skip-without-rewrite')) continue
    if (isApplied && isRow(base)) {
      written.push(base)
      continue
    }
    const state = isApplied && isCached(base) ? base.state : addDelta(place, base, delta.state)
    cache.set(id, { applied: seq, state, bytes: place.operator.sizeBytes(state) + rowOverheadBytes })
    written.push(rowOf(place, epoch, seq, delta.key, state))
  }
  return written
}

// A map slot, the id, the key's cells: measured at about 150 bytes for keys of two short texts and a number.
const rowOverheadBytes = 192

const rowOf = <State>(
  { operator }: StateRowsPlace<State>,
  epoch: DeclaredEpoch,
  seq: number,
  key: readonly Cell[],
  state: State,
): Row => {
  const shard = [...key, epoch.spout, epoch.partition, epoch.slot]
  if (plantedFaults.has('tombstone-empty-row') && operator.isEmpty(state))
    return [...shard, ...operator.table.columns.map(() => null), null, null]
  return [...shard, ...operator.columns(key, state), seq, operator.encode(state)]
}

/**
 * base + delta. The delta stays as it is: a write that is repeated adds it to what was read again. Where there is no
 * base the delta itself becomes the row, and the cache may hold it: it changes only under a later epoch, whose rows
 * fence every repetition of this one.
 */
const addDelta = <State>({ operator, layout }: StateRowsPlace<State>, base: Base<State>, delta: State): State => {
  if (isCached(base)) return operator.merge(base.state, delta)
  const text = base?.[layout.state]
  if (typeof text !== 'string') return delta
  return operator.merge(operator.decode(text), delta)
}

/** 0 where there is no row: epochs count from 1. */
const appliedOf = <State>(layout: StateLayout, base: Base<State>): number => {
  if (isCached(base)) return base.applied
  const applied = base?.[layout.applied]
  return typeof applied === 'number' ? applied : 0
}

const isRow = <State>(base: Base<State>): base is Row => Array.isArray(base)
const isCached = <State>(base: Base<State>): base is CachedRow<State> => base !== undefined && !Array.isArray(base)
