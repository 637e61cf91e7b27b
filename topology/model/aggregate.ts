/**
 * An aggregate is one column of a rollup: a commutative group over the values of one path.
 *
 * `start`, `add`, `merge` form the group; `add` with weight -1 undoes `add` with weight +1 to the bit, in any order (I-3).
 * State may be any value; `encode` gives JSON whose text is equal for equal states.
 */
import type { JsonValue } from './json.ts'
import type { OrderNeed, Retraction } from './operator.ts'
import type { Path } from './path.ts'
import type { ColumnType } from './ports/row-store.ts'
import type { Weight } from './weight.ts'

export interface Aggregate<State = unknown> {
  readonly kind: 'aggregate'
  /** `count`, `sum`, `percentile`. */
  readonly name: string
  readonly doc: string
  readonly order: OrderNeed
  readonly retraction: Retraction
  /** The path whose value it reads; `undefined` for `count`. */
  readonly path: Path | undefined
  /** What decides the result besides the path, for fingerprints: `{ rank: 95 }`. */
  readonly options: JsonValue
  /** Type of the readable column. */
  readonly columnType: ColumnType
  start(): State
  /** `value` is `undefined` where the property is absent. May change and return `state`. */
  add(state: State, value: unknown, weight: Weight): State
  /**
   * In place of `add`, for an aggregate that needs to know when a tuple was and which one: event time, then partition
   * and offset of its event, which order tuples of one time as `keen.id` does. Both are 0 for a tuple that is no event:
   * ties are then for the value itself to break, so that order and batching never matter (I-1).
   */
  addAt?(state: State, value: unknown, weight: Weight, timeMs: number, partition: number, offset: number): State
  /** Set where the state outgrows one row: a rollup then keeps it in rows of their own (PROTOCOL section 4). */
  readonly spread?: Spread<State>
  /** left + right. May change and return `left`; never changes `right`. */
  merge(left: State, right: State): State
  /** The answer; `approximate` when it is not exact. The empty-set value (DOMAIN section 7) for an empty state. */
  read(state: State): { readonly value: JsonValue; readonly approximate: boolean }
  encode(state: State): JsonValue
  decode(json: JsonValue): State
  /** Whether it equals `start()`; where it is not told, the encoded texts are compared. */
  isEmpty?(state: State): boolean
  /** About how many bytes the state holds in memory; cheap. */
  sizeBytes(state: State): number
}

/**
 * How a state is spread over rows: each value belongs to one fragment, by a hash, and the state is the sum of the
 * fragments' states. `read` gets that sum: only there may a bound of the whole be judged.
 */
export interface Spread<State = unknown> {
  readonly fragments: number
  /** From 0; -1 for a value that changes nothing. */
  fragmentOf(value: unknown): number
  /** As `add`, of a value whose fragment is known. */
  addTo(state: State, value: unknown, weight: Weight, fragment: number): State
}

export const defineAggregate = <State>(definition: Omit<Aggregate<State>, 'kind'>): Aggregate<State> =>
  Object.freeze({ kind: 'aggregate', ...definition })
