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
  /** left + right. May change and return `left`; never changes `right`. */
  merge(left: State, right: State): State
  /** The answer; `approximate` when it is not exact. The empty-set value (DOMAIN section 7) for an empty state. */
  read(state: State): { readonly value: JsonValue; readonly approximate: boolean }
  encode(state: State): JsonValue
  decode(json: JsonValue): State
  /** About how many bytes the state holds in memory; cheap. */
  sizeBytes(state: State): number
}

export const defineAggregate = <State>(definition: Omit<Aggregate<State>, 'kind'>): Aggregate<State> =>
  Object.freeze({ kind: 'aggregate', ...definition })
