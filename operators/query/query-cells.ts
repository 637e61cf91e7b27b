/** The cells of an answer while rows come in: one summed state per interval and group. */
import type { JsonScalar } from '../../topology/model/json.ts'
import { compareScalars } from '../plain-value.ts'
import type { RollupDefinition } from '../rollup/rollup-options.ts'
import { isEmptyRollup, mergeRollup, type RollupState, rollupSizeBytes, startRollup } from '../rollup/rollup-state.ts'
import type { Calendar } from './calendar.ts'
import { intervalStarts } from './intervals.ts'
import type { Timeframe } from './timeframe.ts'

export interface AnswerGroup {
  readonly id: string
  readonly values: readonly JsonScalar[]
}

export interface AnswerCells {
  /** All groups of the whole timeframe, ordered. */
  readonly groups: readonly AnswerGroup[]
  /** Ordered; `undefined` when the query has no interval. */
  readonly intervals: readonly Timeframe[] | undefined
  /** State of a group in an interval (by its index; 0 without intervals). */
  cell(interval: number, group: string): RollupState | undefined
}

interface Cell {
  readonly state: RollupState
  /** Size at which the state is looked at again. */
  checkBytes: number
}

// Values of a sum of many rows are kept exactly up to this size before they are bounded.
const checkBytes = 1_048_576

export class QueryCells {
  readonly #values: RollupDefinition['values']
  readonly #calendar: Calendar | undefined
  readonly #intervals = new Map<number, Map<string, Cell>>()
  readonly #groups = new Map<string, AnswerGroup>()
  readonly #startOfWindow = new Map<number, number>()

  constructor(values: RollupDefinition['values'], calendar: Calendar | undefined) {
    this.#values = values
    this.#calendar = calendar
  }

  add(windowStart: number, group: readonly JsonScalar[], state: RollupState): void {
    const id = JSON.stringify(group)
    if (!this.#groups.has(id)) this.#groups.set(id, { id, values: group })
    const start = this.#intervalOf(windowStart)
    let cells = this.#intervals.get(start)
    if (cells === undefined) {
      cells = new Map()
      this.#intervals.set(start, cells)
    }
    let cell = cells.get(id)
    if (cell === undefined) {
      cell = { state: startRollup(this.#values), checkBytes }
      cells.set(id, cell)
    }
    mergeRollup(this.#values, cell.state, state)
    this.#bound(cell)
  }

  /** Reading an aggregate bounds its state: shards hold no negative counts, so what is given up is not needed later. */
  #bound(cell: Cell): void {
    if (rollupSizeBytes(this.#values, cell.state) < cell.checkBytes) return
    for (let i = 0; i < this.#values.length; i += 1) this.#values[i]!.aggregate.read(cell.state.values[i])
    cell.checkBytes = 2 * Math.max(checkBytes, rollupSizeBytes(this.#values, cell.state))
  }

  #intervalOf(windowStart: number): number {
    if (this.#calendar === undefined) return 0
    let start = this.#startOfWindow.get(windowStart)
    if (start === undefined) {
      start = this.#calendar.startOf(windowStart)
      this.#startOfWindow.set(windowStart, start)
    }
    return start
  }

  finish(frame: Timeframe | undefined, intervalsMax: number): AnswerCells {
    const live = new Set<string>()
    for (const cells of this.#intervals.values()) {
      for (const [id, { state }] of cells) {
        if (isEmptyRollup(this.#values, state)) cells.delete(id)
        else live.add(id)
      }
    }
    const groups = [...this.#groups.values()].filter(({ id }) => live.has(id)).sort(byValues)
    const starts = this.#starts(frame, intervalsMax)
    return {
      groups,
      intervals: starts?.map((start) => ({
        startMs: Math.max(start, frame?.startMs ?? start),
        endMs: Math.min(this.#next(start), frame?.endMs ?? Number.POSITIVE_INFINITY),
      })),
      cell: (interval, group) => this.#intervals.get(starts === undefined ? 0 : starts[interval]!)?.get(group)?.state,
    }
  }

  #next(start: number): number {
    return this.#calendar === undefined ? start : this.#calendar.next(start)
  }

  /** From the timeframe, else from the first to the last interval that holds something. */
  #starts(frame: Timeframe | undefined, max: number): readonly number[] | undefined {
    if (this.#calendar === undefined) return undefined
    if (frame !== undefined) return intervalStarts(this.#calendar, frame, max)
    let first = Number.POSITIVE_INFINITY
    let last = Number.NEGATIVE_INFINITY
    for (const [start, cells] of this.#intervals) {
      if (cells.size === 0) continue
      first = Math.min(first, start)
      last = Math.max(last, start)
    }
    return first > last ? [] : intervalStarts(this.#calendar, { startMs: first, endMs: last + 1 }, max)
  }
}

const byValues = (left: AnswerGroup, right: AnswerGroup): number => {
  for (let i = 0; i < left.values.length; i += 1) {
    const order = compareScalars(left.values[i]!, right.values[i]!)
    if (order !== 0) return order
  }
  return 0
}
