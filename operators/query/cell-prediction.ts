/**
 * How many cells a filled answer would have, told from keys alone: before any state is decoded, and as soon as it is
 * certain, however many rows are still to come (DOMAIN section 7).
 */
import type { JsonScalar } from '../../topology/model/json.ts'
import { type QueryPlan, refuseLongSeries } from './plan-query.ts'
import { tooManyCells } from './query-cells.ts'

export class CellPrediction {
  readonly #plan: QueryPlan
  readonly #groups = new Set<string>()
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  constructor(plan: QueryPlan) {
    this.#plan = plan
  }

  /** Whether a plan can be refused for its cells at all. */
  static isNeeded({ intervals, groupBy, fill, isStrict }: QueryPlan): boolean {
    return isStrict && intervals !== undefined && groupBy.length > 0 && fill !== 'none'
  }

  /** Takes the window and group of a row that the plan wants. Throws `queryTooLarge`. */
  add(windowStart: number, groupValues: readonly JsonScalar[]): void {
    const { intervals, groupBy, cellsMax } = this.#plan
    if (intervals === undefined) return
    this.#groups.add(JSON.stringify(groupBy.map((index) => groupValues[index] ?? null)))
    this.#first = Math.min(this.#first, windowStart)
    this.#last = Math.max(this.#last, windowStart)
    if (intervals.starts === undefined) refuseLongSeries(intervals, this.#first, this.#last)
    // Without a timeframe the least number that lies between the first and the last window.
    const count = intervals.starts?.length ?? Math.ceil((this.#last - this.#first + 1) / intervals.lengthMs)
    if (count * this.#groups.size > cellsMax) throw tooManyCells(count, this.#groups.size, cellsMax)
  }
}
