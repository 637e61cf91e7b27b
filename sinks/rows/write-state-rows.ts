/**
 * Adds the deltas of one declared epoch to the state rows of its slot: PROTOCOL section 4, line by line.
 *
 * A row is one absolute value with `applied`, written whole and stamped with the slot's `seq`. A row below `seq` becomes
 * base + delta; a row at `seq` is written once more as it was read, for its earlier writer may have reached one replica
 * only; a row above `seq` ends the epoch: its writer has been overtaken (I-4). So any number of owners, any number of
 * times, write the same bytes (I-1, I-2). A row that becomes empty is written empty, never removed: a half-delivered
 * tombstone would take `applied` away.
 */
import type { StateDelta } from '../../topology/model/operator.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { Cell, Row } from '../../topology/model/ports/row-store.ts'
import type { DeclaredEpoch, WriteOutcome } from '../../topology/model/sink.ts'
import { boundDeltas } from './bound-deltas.ts'
import { compareKeys } from './cells/compare-cells.ts'
import { type CataloguePath, nameOfCell } from './partition-catalogue.ts'
import {
  addDelta,
  appliedOf,
  type Base,
  isCached,
  isRow,
  readBases,
  rowOverheadBytes,
  type StateRowsPlace,
  type TouchedRow,
} from './row-bases.ts'
import type { SlotCache } from './slot-cache.ts'

/** Writes all rows in key order. `fenced`: some row stands above `seq`; nothing of its chunk or behind it was written. */
export const writeStateRows = async <State>(
  place: StateRowsPlace<State>,
  epoch: DeclaredEpoch,
  deltas: ReadonlyMap<string, StateDelta<State>>,
  cache: SlotCache<State>,
  signal: AbortSignal,
): Promise<WriteOutcome> => {
  const seq = plantedFaults.has('stamp-is-offset') ? epoch.to : epoch.seq
  const bounded = await boundDeltas(place, epoch, seq, deltas, cache, signal)
  if (bounded === 'fenced') return 'fenced'
  const touched = [...bounded].sort((left, right) => compareKeys(left[1].key, right[1].key))
  for (let from = 0; from < touched.length; from += place.chunkRows) {
    signal.throwIfAborted()
    const chunk = touched.slice(from, from + place.chunkRows)
    const bases = await readBases(place, epoch, chunk, cache)
    const written = nextRows(place, epoch, seq, chunk, bases, cache)
    if (written === 'fenced') return 'fenced'
    await place.partitions.ensure(newPartitions(place, chunk, bases), signal)
    const stamp = plantedFaults.has('wall-clock-stamp') ? place.clock.nowMs() : seq
    await place.rows.write(place.table, written, stamp)
  }
  return 'written'
}

/** Partitions of rows that were not there: of all others somebody has written the names before the rows. */
const newPartitions = <State>(
  { table }: StateRowsPlace<State>,
  chunk: readonly TouchedRow<State>[],
  bases: readonly Base<State>[],
): readonly CataloguePath[] => {
  const { length } = table.partition
  // A table with one name to a partition is read whole or by that name.
  if (length === 1) return []
  const found: CataloguePath[] = []
  let last: readonly Cell[] | undefined
  for (const [index, [, { key }]] of chunk.entries()) {
    if (bases[index] !== undefined) continue
    // Rows come in the order of keys.
    if (last?.every((cell, at) => cell === key[at]) !== true) found.push(key.slice(0, length).map(nameOfCell))
    last = key.slice(0, length)
  }
  return found
}

/** The chunk's rows as they are to be written; the cache gets the new states. */
const nextRows = <State>(
  place: StateRowsPlace<State>,
  epoch: DeclaredEpoch,
  seq: number,
  chunk: readonly TouchedRow<State>[],
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
