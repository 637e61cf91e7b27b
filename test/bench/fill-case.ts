/**
 * The benchmark's case of filling: 2,500 intervals by 5,000 groups of which one cell in twenty is there, from rows in
 * memory to the last chunk of JSON; and the same with half the intervals, which is to take at least half as long.
 */
import { answerRollup, count, type RollupRow, rollup, sum, writeRollupJson } from 'spillway/operators'

export interface MeasuredFill {
  readonly cells: number
  readonly bytes: number
  readonly ms: number
  /** With half as many intervals. */
  readonly msOfHalf: number
}

const intervals = 2_500
const groups = 5_000
const oneIn = 20
const cellsMax = 20_000_000
const rounds = 5

const minuteMs = 60_000
const startMs = Date.UTC(2026, 0, 1)

const operator = rollup({
  window: '1 minute',
  by: ['country'],
  values: { orders: count(), revenue: sum('price') },
})

/** Decoded states, as rows that were just read: each row has its own. */
const makeRows = (length: number): readonly RollupRow[] => {
  const rows: RollupRow[] = []
  for (let interval = 0; interval < length; interval++) {
    for (let group = (interval * 7) % oneIn; group < groups; group += oneIn) {
      const name = `group ${group}`
      const n = 1 + ((interval + group) % 9)
      rows.push({
        project: 'shop',
        window: '1 minute',
        windowStart: startMs + interval * minuteMs,
        group: JSON.stringify([name]),
        groupValues: [name],
        fragment: 0,
        state: operator.decode(`[${n},${n},${JSON.stringify(n * 12.5)}]`),
      })
    }
  }
  return rows
}

interface Timed {
  readonly ms: number
  readonly bytes: number
}

const timeToWrite = (rows: readonly RollupRow[], length: number): Timed => {
  const timeframe = `${new Date(startMs).toISOString()}/${new Date(startMs + length * minuteMs).toISOString()}`
  const query = { nowMs: startMs, groupBy: ['country'], interval: 'minutely', timeframe, limits: { cells: cellsMax } }
  const before = performance.now()
  const answer = answerRollup(operator, rows, query)
  let bytes = 0
  for (const chunk of writeRollupJson(answer, { isReused: true })) bytes += chunk.length
  return { ms: performance.now() - before, bytes }
}

const faster = (left: Timed | undefined, right: Timed): Timed =>
  left === undefined || right.ms < left.ms ? right : left

/** The best of some rounds; both sizes in turn, beside the same rows in memory, so that neither has the quieter moment. */
export const measureFill = (): MeasuredFill => {
  const rows = makeRows(intervals)
  const halfEnd = startMs + (intervals / 2) * minuteMs
  const firstHalf = rows.filter(({ windowStart }) => windowStart < halfEnd)
  let [half, whole]: [Timed | undefined, Timed | undefined] = [undefined, undefined]
  for (let round = 0; round < rounds; round++) {
    half = faster(half, timeToWrite(firstHalf, intervals / 2))
    whole = faster(whole, timeToWrite(rows, intervals))
  }
  return { cells: intervals * groups, bytes: whole?.bytes ?? 0, ms: whole?.ms ?? 0, msOfHalf: half?.ms ?? 0 }
}
