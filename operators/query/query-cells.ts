/**
 * The cells of an answer while rows come in: one summed state per interval and group.
 *
 * A row costs two look-ups, whatever else the answer holds, and the set of groups is sorted once: O(rows + groups x log
 * groups) before anything is written. How many cells a filled answer would have is known at each row (DOMAIN section 7).
 */
import { errors } from '../../topology/model/errors.ts'
import type { JsonScalar } from '../../topology/model/json.ts'
import { compareScalars } from '../plain-value.ts'
import { isOtherGroup } from '../rollup/rollup-key.ts'
import type { RollupDefinition } from '../rollup/rollup-options.ts'
import { isEmptyRollup, mergeRollup, type RollupState, rollupSizeBytes, startRollup } from '../rollup/rollup-state.ts'
import { type QueryPlan, refuseLongSeries } from './plan-query.ts'
import type { PresentCells, RollupAnswer } from './rollup-answer.ts'
import type { RollupRow } from './rollup-rows.ts'
import type { WindowRows } from './window-rows.ts'

/**
 * States by group. The state of a single row belongs to the caller; a sum of several is our own, with the size at which
 * it is looked at again.
 */
interface Cells {
  readonly states: Map<number, RollupState>
  readonly sums: Map<number, number>
}

// Values of a sum of many rows are kept exactly up to this size before they are bounded.
const checkBytes = 1_048_576
// No aggregate bounds a state of this size.
const boundedBytes = 1_024

export class QueryCells {
  readonly #plan: QueryPlan
  readonly #values: RollupDefinition['values']
  /** Cells by group, by the start of their interval. */
  readonly #intervals = new Map<number, Cells>()
  readonly #groups: (readonly JsonScalar[])[] = []
  readonly #groupIndex = new Map<string, number>()
  readonly #startOfWindow = new Map<number, number>()
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY
  #hasOther = false
  /** The query groups as the rollup does. */
  readonly #isWholeGroup: boolean

  constructor(plan: QueryPlan) {
    this.#plan = plan
    const { by } = plan.definition
    this.#isWholeGroup = plan.groupBy.length === by.length && plan.groupBy.every((index, place) => index === place)
    this.#values = plan.definition.values
  }

  /** Takes all rows of a window of a project; those of other windows are passed over. */
  addWindow(rows: WindowRows): void {
    for (const row of rows.bounded()) this.#add(row)
  }

  #add({ windowStart, group: groupText, groupValues, state }: RollupRow): void {
    const { isWanted, groupBy } = this.#plan
    // What `(other)` holds cannot be told apart by a filter, so that it is there is told even where it is filtered out.
    if (isOtherGroup(groupText)) this.#hasOther = true
    if (!isWanted(groupValues)) return
    const group = this.#isWholeGroup
      ? this.#groupOf(groupText, groupValues)
      : this.#groupOf(
          undefined,
          groupBy.map((index) => groupValues[index] ?? null),
        )
    const start = this.#intervalOf(windowStart)
    let cells = this.#intervals.get(start)
    if (cells === undefined) {
      cells = { states: new Map(), sums: new Map() }
      this.#intervals.set(start, cells)
    }
    const sum = cells.states.get(group)
    if (sum === undefined) cells.states.set(group, state)
    else this.#merge(cells, group, sum, state)
  }

  #merge({ states, sums }: Cells, group: number, sum: RollupState, state: RollupState): void {
    const values = this.#values
    const isOwn = sums.has(group)
    const own = isOwn ? sum : mergeRollup(values, startRollup(values), sum)
    if (!isOwn) states.set(group, own)
    mergeRollup(values, own, state)
    const checkAt = sums.get(group) ?? checkBytes
    const bytes = rollupSizeBytes(values, own)
    if (!isOwn || bytes >= checkAt) sums.set(group, bytes < checkAt ? checkAt : this.#bound(own))
  }

  /** Reading an aggregate bounds its state: shards hold no negative counts, so what is given up is not needed later. */
  #bound(state: RollupState): number {
    for (let i = 0; i < this.#values.length; i += 1) {
      const value = state.values[i]
      if (value !== undefined) this.#values[i]!.aggregate.read(value)
    }
    return 2 * Math.max(checkBytes, rollupSizeBytes(this.#values, state))
  }

  /** By the text of its row where that names it whole; `(other)` is one group, also beside a value of that name. */
  #groupOf(text: string | undefined, values: readonly JsonScalar[]): number {
    const id = text === undefined || isOtherGroup(text) ? JSON.stringify(values) : text
    const known = this.#groupIndex.get(id)
    if (known !== undefined) return known
    const index = this.#groups.push(values) - 1
    this.#groupIndex.set(id, index)
    return index
  }

  #intervalOf(windowStart: number): number {
    const { intervals } = this.#plan
    if (intervals === undefined) return 0
    const known = this.#startOfWindow.get(windowStart)
    if (known !== undefined) return known
    const start = intervals.calendar.startOf(windowStart)
    this.#startOfWindow.set(windowStart, start)
    this.#first = Math.min(this.#first, start)
    this.#last = Math.max(this.#last, start)
    if (intervals.starts === undefined) refuseLongSeries(intervals, this.#first, this.#last)
    return start
  }

  /** The answer, when all rows are in. Throws `queryTooLarge` where a strict query has too many cells. */
  finish(): RollupAnswer {
    const { definition, groupBy, intervals, cellsMax, isStrict } = this.#plan
    const { order, rank } = this.#rankGroups(this.#dropEmpty())
    const starts = this.#starts()
    const isGrouped = groupBy.length > 0
    const cells = (starts?.length ?? 1) * order.length
    const isFilled = isGrouped && starts !== undefined && this.#plan.fill !== 'none'
    const isTooLarge = isFilled && cells > cellsMax
    if (isTooLarge && isStrict) throw tooManyCells(starts.length, order.length, cellsMax)
    return {
      names: groupBy.map((index) => definition.by[index]!.written),
      values: this.#values,
      groups: isGrouped ? order.map((index) => this.#groups[index]!) : [[]],
      intervals: starts?.map((start) => intervals!.rangeOf(start)),
      fill: isTooLarge ? 'none' : this.#plan.fill,
      unfilled: isTooLarge ? { reason: 'cells', cells } : undefined,
      hasOther: this.#hasOther,
      present: (interval) => this.#present(starts === undefined ? 0 : starts[interval]!, order, rank),
    }
  }

  #present(start: number, order: readonly number[], rank: Uint32Array): PresentCells {
    const cells = this.#intervals.get(start)
    const groups = new Uint32Array(cells?.states.size ?? 0)
    let at = 0
    for (const group of cells?.states.keys() ?? []) {
      groups[at] = rank[group]!
      at += 1
    }
    groups.sort()
    return { groups, state: (place) => this.#readable(cells!, order[groups[place]!]!) }
  }

  /** Reading bounds a state that has grown large; one that belongs to the caller must not change. */
  #readable({ states, sums }: Cells, group: number): RollupState {
    const state = states.get(group)!
    if (sums.has(group) || rollupSizeBytes(this.#values, state) < boundedBytes) return state
    return mergeRollup(this.#values, startRollup(this.#values), state)
  }

  /** Groups that are left once cells without events are gone. */
  #dropEmpty(): Uint8Array {
    const live = new Uint8Array(this.#groups.length)
    for (const [start, cells] of this.#intervals) {
      for (const [group, state] of cells.states) {
        if (isEmptyRollup(this.#values, state)) cells.states.delete(group)
        else live[group] = 1
      }
      if (cells.states.size === 0) this.#intervals.delete(start)
    }
    return live
  }

  #rankGroups(live: Uint8Array): { readonly order: readonly number[]; readonly rank: Uint32Array } {
    const order: number[] = []
    for (let index = 0; index < live.length; index += 1) if (live[index] === 1) order.push(index)
    order.sort((left, right) => compareGroups(this.#groups[left]!, this.#groups[right]!))
    const rank = new Uint32Array(live.length)
    for (const [place, index] of order.entries()) rank[index] = place
    return { order, rank }
  }

  /** From the timeframe, else from the first to the last interval that holds something. */
  #starts(): readonly number[] | undefined {
    const { intervals } = this.#plan
    if (intervals?.starts !== undefined || intervals === undefined) return intervals?.starts
    let first = Number.POSITIVE_INFINITY
    let last = Number.NEGATIVE_INFINITY
    for (const start of this.#intervals.keys()) {
      first = Math.min(first, start)
      last = Math.max(last, start)
    }
    return first > last ? [] : intervals.between(first, last)
  }
}

export const tooManyCells = (intervals: number, groups: number, max: number): Error =>
  errors.queryTooLarge({
    reason: `filled, the answer has at least ${intervals * groups} cells (${intervals} intervals x ${groups} groups), at most ${max} are allowed`,
  })

const compareGroups = (left: readonly JsonScalar[], right: readonly JsonScalar[]): number => {
  for (let i = 0; i < left.length; i += 1) {
    const order = compareScalars(left[i]!, right[i]!)
    if (order !== 0) return order
  }
  return 0
}
