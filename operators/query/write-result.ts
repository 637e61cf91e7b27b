/** An answer as one object, for programs (DOMAIN section 7). Large ones are written in pieces: see `write-answer.ts`. */
import { formatTime } from '../../topology/model/event-time.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import { cellObject } from './cell-object.ts'
import { CellReader } from './cell-reader.ts'
import type { RollupAnswer } from './rollup-answer.ts'

export interface RollupResult {
  readonly result: JsonValue
  /** Names of the values of which at least one answer is approximate. */
  readonly approximate: readonly string[]
  /** Only where filling would have exceeded the limit of cells. */
  readonly filled?: false
  readonly reason?: 'cells'
  readonly cells?: number
  /** Only where a window held more groups than the rollup keeps: the others count together as `(other)`. */
  readonly other?: true
}

export const writeResult = (answer: RollupAnswer): RollupResult => {
  const reader = new CellReader(answer)
  const { intervals } = answer
  const result =
    intervals === undefined
      ? block(answer, reader, 0)
      : intervals.map((frame, index) => ({ timeframe: writtenFrame(frame), value: block(answer, reader, index) }))
  return { result, approximate: reader.approximate(), ...answerFlags(answer) }
}

/** What is said beside a result, where there is something to say. */
export const answerFlags = ({ unfilled, hasOther }: RollupAnswer): Omit<RollupResult, 'result' | 'approximate'> => ({
  ...(unfilled === undefined ? {} : { filled: false, reason: unfilled.reason, cells: unfilled.cells }),
  ...(hasOther ? { other: true } : {}),
})

export const writtenFrame = (frame: { readonly startMs: number; readonly endMs: number }): JsonObject => ({
  start: formatTime(frame.startMs),
  end: formatTime(frame.endMs),
})

/** What stands in one interval, or in the whole answer. */
const block = (answer: RollupAnswer, reader: CellReader, interval: number): JsonValue => {
  const { names, values, groups, fill } = answer
  const present = answer.present(interval)
  const cells: JsonObject[] = []
  let next = 0
  for (const [group, keys] of groups.entries()) {
    const isPresent = present.groups[next] === group
    if (!isPresent && fill === 'none' && names.length > 0) continue
    cells.push(cellObject(names, keys, values, isPresent ? reader.read(present.state(next)) : reader.hole))
    if (isPresent) next += 1
  }
  return names.length > 0 ? cells : cells[0]!
}
