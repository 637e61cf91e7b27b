/** What the suites for operators and aggregates share: a seeded generator, folding in pieces, and rows as text. */
import type { StateDeltas, StateOperator } from '../../model/operator.ts'
import type { Tuples } from '../../model/tuples.ts'
import type { Weight } from '../../model/weight.ts'
import { seededRandom } from '../seeded-random.ts'

export interface OperatorUnderTest {
  readonly operator: StateOperator
  /** A tuple that the operator may meet. Draw from few groups and windows, so that rows meet. */
  tuple(random: () => number): unknown
  /** Tuples to take instead of drawn ones, each of them once at most in a sample: events that have really been there. */
  readonly seen?: readonly unknown[]
  /** The batch of some tuples: `tuplesOf` of the library, or whatever the tests have. */
  tuplesOf(tuples: readonly unknown[]): Tuples
}

export interface OperatorClause {
  readonly name: string
  run(make: () => OperatorUnderTest): Promise<void>
}

export const operatorClause = (name: string, check: (fixture: OperatorUnderTest) => void): OperatorClause => ({
  name,
  run: async (make) => check(make()),
})

/** Numbers in [0, 1) that depend on the seed alone. */
export const seeded = (seed: number): (() => number) => seededRandom(seed).next

export const shuffled = <T>(list: readonly T[], random: () => number): readonly T[] =>
  list
    .map((value) => ({ value, place: random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ value }) => value)

/** Cuts a list into pieces of 1 to `max`. */
export const pieces = <T>(list: readonly T[], max: number, random: () => number): readonly (readonly T[])[] => {
  const cut: (readonly T[])[] = []
  for (let at = 0; at < list.length; ) {
    const size = 1 + Math.floor(random() * max)
    cut.push(list.slice(at, at + size))
    at += size
  }
  return cut
}

/** The same tuples for every clause; few enough that no bound of a state is reached. */
export const sampleOf = ({ tuple, seen }: OperatorUnderTest, count = 120, seed = 1): readonly unknown[] => {
  const random = seeded(seed)
  if (seen !== undefined) return shuffled(seen, random).slice(0, count)
  return Array.from({ length: count }, () => tuple(random))
}

export const fold = (
  { operator, tuplesOf }: OperatorUnderTest,
  batches: readonly (readonly unknown[])[],
  weight: Weight = 1,
  into: StateDeltas<unknown> = new Map(),
): StateDeltas<unknown> => {
  for (const batch of batches) operator.fold(tuplesOf(batch), weight, into)
  return into
}

/** Adds deltas to rows that are kept as text, as a store keeps them. */
export const apply = (operator: StateOperator, rows: Map<string, string>, deltas: StateDeltas<unknown>): void => {
  for (const { key, state } of deltas.values()) {
    const id = JSON.stringify(key)
    const stored = rows.get(id)
    rows.set(id, operator.encode(stored === undefined ? state : operator.merge(operator.decode(stored), state)))
  }
}

/** Rows that a reader sees, as text by key. */
export const visible = (operator: StateOperator, rows: ReadonlyMap<string, string>): readonly string[] =>
  [...rows]
    .filter(([, text]) => !operator.isEmpty(operator.decode(text)))
    .map(([key, text]) => `${key} ${text}`)
    .sort()

export const rowsOf = (operator: StateOperator, ...parts: readonly StateDeltas<unknown>[]): readonly string[] => {
  const rows = new Map<string, string>()
  for (const deltas of parts) apply(operator, rows, deltas)
  return visible(operator, rows)
}
