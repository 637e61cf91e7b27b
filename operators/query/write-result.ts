/** The public shapes of an answer (DOMAIN section 7), filled and ordered. */
import { formatTime } from '../../topology/model/event-time.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import type { RollupDefinition } from '../rollup/rollup-options.ts'
import type { RollupState } from '../rollup/rollup-state.ts'
import type { AnswerCells, AnswerGroup } from './query-cells.ts'
import type { Timeframe } from './timeframe.ts'

/** `null`: the hole says that nothing is known; `zero`: the empty-set value; `none`: holes stay. */
export type Fill = 'null' | 'zero' | 'none'

export interface RollupResult {
  readonly result: JsonValue
  /** Names of the values of which at least one answer is approximate. */
  readonly approximate: readonly string[]
  /** Only where filling would have exceeded the limit of cells. */
  readonly filled?: false
  readonly reason?: 'cells'
  readonly cells?: number
}

export interface ResultOptions {
  readonly names: readonly string[]
  readonly values: RollupDefinition['values']
  readonly frame: Timeframe | undefined
  readonly fill: Fill
  readonly cellsMax: number
}

export const writeResult = (answer: AnswerCells, options: ResultOptions): RollupResult => {
  const cells = (answer.intervals?.length ?? 1) * answer.groups.length
  const isGrouped = options.names.length > 0
  const isTooLarge = isGrouped && answer.intervals !== undefined && options.fill !== 'none' && cells > options.cellsMax
  const writer = new ResultWriter(answer, { ...options, fill: isTooLarge ? 'none' : options.fill })
  const result =
    answer.intervals === undefined
      ? writer.value(0)
      : answer.intervals.map((frame, i) => ({
          timeframe: { start: formatTime(frame.startMs), end: formatTime(frame.endMs) },
          value: writer.value(i),
        }))
  const approximate = [...writer.approximate].sort()
  return isTooLarge ? { result, approximate, filled: false, reason: 'cells', cells } : { result, approximate }
}

class ResultWriter {
  readonly approximate = new Set<string>()
  readonly #answer: AnswerCells
  readonly #options: ResultOptions
  readonly #empty: JsonObject
  readonly #unknown: JsonObject

  constructor(answer: AnswerCells, options: ResultOptions) {
    this.#answer = answer
    this.#options = options
    this.#empty = Object.fromEntries(
      options.values.map(({ name, aggregate }) => [name, aggregate.read(aggregate.start()).value]),
    )
    this.#unknown = Object.fromEntries(options.values.map(({ name }) => [name, null]))
  }

  /** What stands in one interval, or in the whole answer. */
  value(interval: number): JsonValue {
    if (this.#options.names.length > 0) return this.#answer.groups.flatMap((group) => this.#group(interval, group))
    const state = this.#answer.cell(interval, '[]')
    return state === undefined ? this.#empty : this.#read(state)
  }

  #group(interval: number, group: AnswerGroup): readonly JsonObject[] {
    const { fill, names } = this.#options
    const state = this.#answer.cell(interval, group.id)
    if (state === undefined && fill === 'none') return []
    const values = state === undefined ? (fill === 'zero' ? this.#empty : this.#unknown) : this.#read(state)
    const keys = names.map((name, i) => [name, group.values[i]!] as const)
    return [Object.fromEntries([...keys, ...Object.entries(values)])]
  }

  #read(state: RollupState): JsonObject {
    return Object.fromEntries(
      this.#options.values.map(({ name, aggregate }, i) => {
        const { value, approximate } = aggregate.read(state.values[i])
        if (approximate) this.approximate.add(name)
        return [name, value]
      }),
    )
  }
}
