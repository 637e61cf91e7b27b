/**
 * Over which windows the rates are measured that an end is told from. What reads an epoch at a time and then waits for its
 * store is either fast or still over seconds; so an end that lies hours away is told from what minutes have brought, and
 * one that is near from the last seconds as well.
 */
import { type Backlog, type DrainRate, type EtaRange, etaRange, unsteadinessOf } from './eta-range.ts'

/** A drain as it was watched. */
export interface WatchedDrain {
  readonly rateOver: (ms: number) => DrainRate
  /** Rates of stretches of so many ms. */
  readonly stretches: (ms: number) => readonly number[]
}

const windowsMs: readonly number[] = [15_000, 60_000, 300_000, 1_800_000]
// A window of a twentieth of what is left has seen a drain well enough.
const partOfLeft = 20
// However far the end is: what has changed some minutes ago counts.
const longEnoughMs = 300_000
// Longer than an archive needs for an epoch as a rule.
const stillMs = 120_000
const leastStretchMs = 10_000
// What comes changes at once when a spike ends, and says so within minutes; what is read goes in epochs.
const inflowMs = 120_000

export const etaFromWindows = (left: Backlog, watched: WatchedDrain): EtaRange | null => {
  if (left.events <= 0) return [0, 0]
  // Who has read nothing for minutes does not end at this rate.
  if (watched.rateOver(stillMs).eventsPerSecond <= 0) return null
  const leastMs = Math.min(longEnoughMs, (roughMs(left, watched) ?? Number.POSITIVE_INFINITY) / partOfLeft)
  const rates = windowsMs.filter((ms) => ms >= leastMs).map((ms) => rateOf(watched, ms))
  const stretchMs = Math.max(leastStretchMs, leastMs)
  return etaRange(left, rates, unsteadinessOf(watched.stretches(stretchMs)))
}

/** What was read over the window, against what comes now. */
const rateOf = ({ rateOver }: WatchedDrain, ms: number): DrainRate => {
  const { inflowEventsPerSecond, inflowBytesPerSecond } = rateOver(Math.min(ms, inflowMs))
  return { ...rateOver(ms), inflowEventsPerSecond, inflowBytesPerSecond }
}

/** About when it ends, by what minutes have brought. */
const roughMs = (left: Backlog, watched: WatchedDrain): number | undefined => {
  const over = (ms: number): EtaRange | null => etaRange(left, [rateOf(watched, ms)], 0)
  const range = over(longEnoughMs) ?? over(windowsMs.at(-1)!)
  return range === null ? undefined : Math.sqrt(range[0] * range[1])
}
