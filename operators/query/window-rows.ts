/**
 * The rows of one window of one project, with its bound of groups: those with the smallest hashes stay, the others
 * count together as `(other)`.
 *
 * Shards keep groups up to edges of their own, and every group that stays lies below all of them; so the lowest edge and
 * then the bound decide, and the cut into shards does not matter (I-1).
 */
import { hashOfGroup } from '../rollup/group-edge.ts'
import { edgeGroup, isOtherGroup, otherGroupOf, otherName } from '../rollup/rollup-key.ts'
import type { RollupDefinition } from '../rollup/rollup-options.ts'
import { isEmptyRollup } from '../rollup/rollup-state.ts'
import type { RollupRow } from './rollup-rows.ts'

export class WindowRows {
  readonly #definition: RollupDefinition
  readonly #rows: RollupRow[] = []
  /** Groups of which no row was read. */
  readonly #noted: string[] = []
  #edge = Number.POSITIVE_INFINITY

  constructor(definition: RollupDefinition) {
    this.#definition = definition
  }

  add(row: RollupRow): void {
    if (row.group !== edgeGroup) this.#rows.push(row)
    else if (row.state.edge !== undefined) this.#edge = Math.min(this.#edge, row.state.edge.edge)
  }

  /** A group that is there and that nobody asks for: it counts for the bound. */
  note(group: string): void {
    if (this.#noted.at(-1) !== group) this.#noted.push(group)
  }

  /** All rows once, those of groups that are not kept as rows of `(other)`. */
  bounded(): readonly RollupRow[] {
    const { by, groups } = this.#definition
    if (this.#edge === Number.POSITIVE_INFINITY && this.#rows.length + this.#noted.length <= groups) return this.#rows
    const edge = this.#edgeOf(groups)
    if (edge === Number.POSITIVE_INFINITY) return this.#rows
    const other = { group: otherGroupOf(by.length), groupValues: by.map(() => otherName) }
    return this.#rows.map((row) =>
      !isOtherGroup(row.group) && hashOfGroup(row.group) > edge ? { ...row, ...other } : row,
    )
  }

  /** The largest hash that stays. */
  #edgeOf(groups: number): number {
    const { values } = this.#definition
    const hashes = new Map<string, number>()
    const count = (group: string): void => {
      const hash = hashOfGroup(group)
      if (hash <= this.#edge) hashes.set(group, hash)
    }
    for (const group of this.#noted) count(group)
    for (const { group, state } of this.#rows) {
      if (!hashes.has(group) && !isOtherGroup(group) && !isEmptyRollup(values, state)) count(group)
    }
    if (hashes.size <= groups) return this.#edge
    return Float64Array.from(hashes.values()).sort()[groups - 1]!
  }
}
