/**
 * The deltas of an epoch as an operator's bound of rows lets them be written.
 *
 * The guiding rows are known before any other is written, each as it will stand after this epoch: what is stored with
 * the epoch's delta added, or as it is when it has it already. So whoever repeats the write is guided the same way, and
 * a guiding row above `seq` ends the epoch as any other does (PROTOCOL section 4, I-4).
 */
import type { StateDelta } from '../../topology/model/operator.ts'
import { plantedFaults } from '../../topology/model/planted-faults.ts'
import type { DeclaredEpoch } from '../../topology/model/sink.ts'
import {
  appliedOf,
  type Base,
  isCached,
  readBases,
  rowOverheadBytes,
  type StateRowsPlace,
  type TouchedRow,
} from './row-bases.ts'
import type { SlotCache } from './slot-cache.ts'

type Deltas<State> = ReadonlyMap<string, StateDelta<State>>

/** `fenced`: a guiding row stands above `seq`. */
export const boundDeltas = async <State>(
  place: StateRowsPlace<State>,
  epoch: DeclaredEpoch,
  seq: number,
  deltas: Deltas<State>,
  cache: SlotCache<State>,
  signal: AbortSignal,
): Promise<Deltas<State> | 'fenced'> => {
  const { operator, layout, chunkRows } = place
  if (operator.bound === undefined) return deltas
  const guides = [...operator.bound.guides(deltas)]
  const states = new Map<string, State>()
  for (let from = 0; from < guides.length; from += chunkRows) {
    signal.throwIfAborted()
    const chunk = guides.slice(from, from + chunkRows)
    const bases = await readBases(place, epoch, chunk, cache)
    const isFenced = bases.some((base) => appliedOf(layout, base) > seq)
    if (isFenced && !plantedFaults.has('no-fence-check')) return 'fenced'
    for (const [index, guide] of chunk.entries())
      states.set(guide[0], guideState(place, seq, guide, bases[index], cache))
  }
  const changed = guides.filter(([, { state }]) => !operator.isEmpty(state))
  return operator.bound.bounded(changed.length === 0 ? deltas : new Map([...deltas, ...changed]), states)
}

/** The state that the row has when the epoch is written: a copy where the epoch changes it, for the write adds to it later. */
const guideState = <State>(
  { operator, layout }: StateRowsPlace<State>,
  seq: number,
  [id, { state: added }]: TouchedRow<State>,
  base: Base<State>,
  cache: SlotCache<State>,
): State => {
  const applied = appliedOf(layout, base)
  const isChanged = applied < seq && !operator.isEmpty(added)
  if (!isChanged && isCached(base)) return base.state
  const text = isCached(base) ? operator.encode(base.state) : base?.[layout.state]
  const stored = typeof text === 'string' ? operator.decode(text) : undefined
  if (isChanged) return stored === undefined ? operator.decode(operator.encode(added)) : operator.merge(stored, added)
  const state = stored ?? added
  // Most windows have no such row: that there is none is kept too, or it would be asked for again in each epoch.
  cache.set(id, { applied, state, bytes: operator.sizeBytes(state) + rowOverheadBytes })
  return state
}
