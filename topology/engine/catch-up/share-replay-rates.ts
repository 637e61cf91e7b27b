/**
 * Shares the rate of a replay between the lanes that read for it in one process: what one does not use the others get, so
 * that the whole comes close to its rate wherever the events lie, and the sum is never above it.
 *
 * Each partition's document holds a part of the rate; a process has the parts of all its partitions, also of those that
 * have nothing left to read. Sinks of a replay read together, so each of them has the whole rate.
 */
import type { LedgerDocument } from '../../model/ledger-document.ts'

/** A lane of a replay that may read now. */
export interface PacedLane {
  /** Tells lanes of all partitions apart. */
  readonly key: string
  readonly sink: string
  /** What it was given at the last look; undefined: it is new. */
  readonly given: number | undefined
  /** Records that it has taken of late, a second; undefined: it was not watched for long enough. */
  readonly taken: number | undefined
}

// Who takes nearly all that it was given would take more.
const wantsMoreAt = 0.7
// Who takes less may come to take a little more at any time.
const roomRatio = 1.25
// Of an even share: who takes nothing yet must be seen to begin.
const leastRatio = 0.05

/** What each lane may read a second, by its key. Lanes of a sink without a rate are not in it. */
export const shareReplayRates = (
  docs: readonly LedgerDocument[],
  lanes: readonly PacedLane[],
): ReadonlyMap<string, number> => {
  const rates = new Map<string, number>()
  for (const sink of new Set(lanes.map((lane) => lane.sink))) {
    const whole = wholeRate(docs, sink)
    if (whole === undefined) continue
    const own = lanes.filter((lane) => lane.sink === sink)
    shareOut(whole, own).forEach((rate, index) => {
      rates.set(own[index]!.key, rate)
    })
  }
  return rates
}

/** Of all partitions together. Undefined: no limit. */
const wholeRate = (docs: readonly LedgerDocument[], sink: string): number | undefined => {
  let sum = 0
  for (const { sinks } of docs) {
    const replay = sinks[sink]?.replay
    if (replay === undefined) continue
    if (replay.rate === undefined || replay.isPromoted === true) return undefined
    sum += replay.rate
  }
  return sum === 0 ? undefined : sum
}

/** The least wanted first: what it leaves is shared by those that want more. */
const shareOut = (whole: number, lanes: readonly PacedLane[]): readonly number[] => {
  const least = (whole / lanes.length) * leastRatio
  const wanted = lanes.map((lane) => wantedBy(lane, least))
  const order = lanes.map((_, index) => index).sort((left, right) => wanted[left]! - wanted[right]!)
  const rates = lanes.map(() => 0)
  let left = whole
  order.forEach((lane, index) => {
    rates[lane] = Math.min(wanted[lane]!, left / (order.length - index))
    left -= rates[lane]
  })
  return rates.map((rate) => rate + left / lanes.length)
}

const wantedBy = ({ given, taken }: PacedLane, least: number): number => {
  if (given === undefined || taken === undefined || taken >= given * wantsMoreAt) return Number.POSITIVE_INFINITY
  return Math.max(least, taken * roomRatio)
}
