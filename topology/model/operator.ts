/**
 * An operator is the pure logic of a built-in or user-defined bolt that keeps state in rows.
 *
 * It folds batches of tuples into deltas, one per row, and the engine adds a delta to the stored row (PROTOCOL: "State
 * rows"). A delta and a state are the same kind of value: a commutative group under `merge`, with weight -1 as the
 * inverse. That is all that exactness needs (I-1, I-3): any cut, any order, any repetition gives the same sum, and the
 * encoded form of equal states is equal text.
 *
 * An operator knows neither log nor store, keeps nothing between calls, and never waits.
 */
import type { JsonValue } from './json.ts'
import type { Path } from './path.ts'
import type { Cell, ColumnSpec } from './ports/row-store.ts'
import type { Tuples } from './tuples.ts'
import type { Weight } from './weight.ts'

/** What an operator needs of the order of tuples. Only `commutative` branches are cut into parallel lanes. */
export type OrderNeed = 'commutative' | 'keyOrdered' | 'partitionOrdered'
/** What weight -1 gives: the state before to the bit, or the state before within a stated error. */
export type Retraction = 'exact' | 'bounded'

/** Changes to one row. `key` are the key cells (partition, then cluster) of the operator's table. */
export interface StateDelta<State> {
  readonly key: readonly Cell[]
  state: State
}

/** Deltas of an epoch by an id that the operator chooses: equal keys have equal ids. The engine owns the map. */
export type StateDeltas<State> = Map<string, StateDelta<State>>

/** The table that `tableRows()` keeps for an operator. The engine adds `spout`, `log_partition`, `slot`, `applied`, `state`. */
export interface StateTable {
  readonly partition: readonly ColumnSpec[]
  readonly cluster: readonly ColumnSpec[]
  readonly columns: readonly ColumnSpec[]
}

/**
 * A bound on the number of rows that no row can judge alone. Asked by the writer of an epoch, once per write: a few
 * guiding rows are known first and say which of the other rows take what was folded. Both are pure, so whoever repeats
 * the write gives the same rows (I-4); neither changes the deltas.
 */
export interface RowBound<State> {
  /** The guiding rows of these deltas with what the epoch adds to them; an empty state where it adds nothing. */
  guides(deltas: ReadonlyMap<string, StateDelta<State>>): ReadonlyMap<string, StateDelta<State>>
  /** The deltas as rows take them. `guides` are the states of the guiding rows, this epoch included. */
  bounded(
    deltas: ReadonlyMap<string, StateDelta<State>>,
    guides: ReadonlyMap<string, State>,
  ): ReadonlyMap<string, StateDelta<State>>
}

export interface StateOperator<In = unknown, State = unknown> {
  readonly kind: 'operator'
  /** The verb, for messages and `describe`: `rollup`. */
  readonly name: string
  /** One sentence for `describe`. */
  readonly doc: string
  readonly order: OrderNeed
  readonly retraction: Retraction
  /** Everything that decides the result, as plain data: part of the sink's fingerprint and of the catalogue. */
  readonly options: JsonValue
  /** What only its readers go by, as plain data: in the catalogue, not in the fingerprint. It may change at any time. */
  readonly reading?: JsonValue
  /** Paths whose values it reads; the decoder lifts them. */
  readonly reads: readonly Path[]
  /** Whether it reads `tuples.shapes()`. */
  readonly readsShapes: boolean
  /**
   * Whether it reads `tuples.timesMs()`. A record whose bolt emits tuples without a time is then left out as a dead
   * letter; of an operator that does not say so, `fold` throws and its sinks stop.
   */
  readonly readsTimes?: boolean
  readonly table: StateTable
  /** Set where rows are bounded in number. */
  readonly bound?: RowBound<State>
  /** Names the epoch age that its rows wait for: `epoch.ageMs`, or `epoch.schemaMs` for state that is big and slow. */
  readonly epochAge: 'epoch.ageMs' | 'epoch.schemaMs'

  /** Adds a batch to the deltas with a weight. Throws an error of class `reject` only for a bug of its own. */
  fold(tuples: Tuples<In>, weight: Weight, into: StateDeltas<State>): void
  /** left + right. May change and return `left`; never changes `right`. */
  merge(left: State, right: State): State
  /** Whether nothing is left: a reader does not see such a row. */
  isEmpty(state: State): boolean
  /** Canonical text: equal states give equal text, whatever led to them. */
  encode(state: State): string
  decode(text: string): State
  /** Cells of the readable columns, in the order of `table.columns`. They are for people and other programs; `state` decides. */
  columns(key: readonly Cell[], state: State): readonly Cell[]
  /** About how many bytes the state holds in memory; cheap. */
  sizeBytes(state: State): number
  /** Phantom: keeps `In` in the type. */
  readonly accepts?: (tuple: In) => void
}

/** Declares a state operator. Checks nothing beyond types; the conformance suite in `spillway/testing` checks the laws. */
export const defineOperator = <In, State>(
  definition: Omit<StateOperator<In, State>, 'kind' | 'accepts'>,
): StateOperator<In, State> => Object.freeze({ kind: 'operator', ...definition })
