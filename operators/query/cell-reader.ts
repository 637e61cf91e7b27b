/** Reads the answers of cells, and keeps which values were approximate in any of them. */
import type { JsonValue } from '../../topology/model/json.ts'
import type { RollupState } from '../rollup/rollup-state.ts'
import type { RollupAnswer } from './rollup-answer.ts'

export class CellReader {
  readonly #values: RollupAnswer['values']
  readonly #approximate = new Set<string>()
  /** What stands in a hole, in the order of the values. */
  readonly hole: readonly JsonValue[]

  /** Without groups an interval is never unknown: nothing happened in it, and that is its value. */
  constructor({ values, names, fill, hasOther }: RollupAnswer) {
    this.#values = values
    // `(other)` loses what rows of single groups had taken: sums bear that, bounded lists of values do not.
    for (const { name, aggregate } of hasOther ? values : [])
      if (aggregate.retraction !== 'exact') this.#approximate.add(name)
    const isEmptySet = names.length === 0 || fill === 'zero'
    this.hole = values.map(({ aggregate }) => (isEmptySet ? aggregate.read(aggregate.start()).value : null))
  }

  /** In the order of the values. */
  read(state: RollupState): readonly JsonValue[] {
    const answers: JsonValue[] = []
    for (let i = 0; i < this.#values.length; i += 1) {
      const { name, aggregate } = this.#values[i]!
      const { value, approximate } = aggregate.read(state.values[i] ?? aggregate.start())
      if (approximate) this.#approximate.add(name)
      answers.push(value)
    }
    return answers
  }

  /** Names of the values of which at least one answer so far is approximate. */
  approximate(): readonly string[] {
    return [...this.#approximate].sort()
  }
}
