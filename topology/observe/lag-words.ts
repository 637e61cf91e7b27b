/**
 * Sentences about lag as people should get them: a delay as a range with the share of data inside it, the drain as a
 * multiple of real time, and the end as an interval. Never one number that pretends to be exact.
 */
import type { LagLine } from '../model/run-snapshot.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** `40 s`, `3 min`, `1 h 26 min`, `2 d 4 h`: two words at most, cut down. */
export const durationWords = (ms: number): string => {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < minuteMs) return `${Math.floor(ms / 1_000)} s`
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`
  if (ms < 2 * dayMs) return both(ms, hourMs, 'h', minuteMs, 'min')
  return both(ms, dayMs, 'd', hourMs, 'h')
}

const both = (ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string => {
  const rest = Math.floor((ms % large) / small)
  const head = `${Math.floor(ms / large)} ${largeUnit}`
  return rest === 0 ? head : `${head} ${rest} ${smallUnit}`
}

/** `in 2 h to 3 h 30 min`; without a rate there is no end to tell. */
export const etaWords = (etaMs: readonly [low: number, high: number] | null): string => {
  if (etaMs === null) return 'no end in sight at this rate'
  const [low, high] = etaMs.map(durationWords)
  return low === high ? `caught up in about ${low}` : `caught up in ${low} to ${high}`
}

/** `drains at 5.6 x real time`. Below 1 the lag grows. */
export const drainWords = (multiple: number | null): string => {
  if (multiple === null) return 'nothing is read'
  const shown = multiple >= 10 ? Math.round(multiple).toString() : multiple.toFixed(1)
  return multiple < 1 ? `slower than real time (${shown} x)` : `drains at ${shown} x real time`
}

/** Of what lies behind in some lanes of a branch. */
export interface Drain {
  readonly eventsPerSecond: number
  readonly etaMs: LagLine['etaMs']
}

/**
 * How fast lanes of a branch drain: as a multiple of real time where that says something. Of records that came all at
 * once, and of lanes that were made a moment ago, events a second say more. Empty: nothing of it is read.
 */
export const paceWords = (own: readonly LagLine[], { eventsPerSecond, etaMs }: Drain): string => {
  const multiple = drainMultipleOf(own)
  if (multiple !== null && (multiple >= 1 || etaMs === null)) return drainWords(multiple)
  return eventsPerSecond < 1 ? '' : `drains at ${countWords(eventsPerSecond)} events/s`
}

/** Something of what lies behind is read, though what its live lanes lose meanwhile may be as much. */
export const isBacklogRead = (own: readonly LagLine[]): boolean =>
  own.some((line) => !followsLog(line) && line.eventsPerSecond >= 1)

/** It takes longer than it is old. What came all at once passes little time, and may be gone sooner nevertheless. */
export const isSlowerThanTime = ({ drainMultiple, etaMs, lagMs }: LagLine): boolean =>
  (drainMultiple ?? 0) < 1 && (etaMs === null || etaMs[1] > lagMs)

/** It has read everything, or what it has not came a moment ago: it drains nothing. */
export const followsLog = ({ lagEvents, etaMs }: LagLine): boolean =>
  lagEvents === 0 || (etaMs !== null && etaMs[1] === 0)

/**
 * Log time passed by lanes of a branch that are behind, per partition, against the clock; `null` where none is known.
 * Lanes of different tenants pass the same time over the same records: each scope of tenants counts as its part of them.
 */
export const drainMultipleOf = (own: readonly LagLine[]): number | null => {
  const behind = own.filter((line) => !followsLog(line))
  if (behind.every(({ drainMultiple }) => drainMultiple === null)) return null
  let [sum, weights] = [0, 0]
  for (const lines of Map.groupBy(behind, ({ tenant }) => tenant).values()) {
    const partitions = new Set(lines.map(({ spout, partition }) => `${spout}/${partition}`)).size
    const events = lines.reduce((all, { ownEvents }) => all + ownEvents, 0)
    const multiples = lines.reduce((all, { drainMultiple }) => all + (drainMultiple ?? 0), 0)
    const weight = Math.max(1, events)
    sum += (multiples / partitions) * weight
    weights += weight
  }
  return sum / weights
}

/** `12,345`. */
export const countWords = (count: number): string => Math.round(count).toLocaleString('en-US')

/** `12%`. */
export const shareWords = (share: number): string => `${Math.round(share * 100)}%`

export interface DelayRange {
  /** The delay of the bulk of what is behind, ms. */
  readonly lowMs: number
  readonly highMs: number
  /** Of all events behind, those in lanes whose oldest record is at most this old, 0..1. */
  readonly share: number
}

/**
 * The delay of most of what is behind: from the freshest lane with lag to the one below which `wanted` of all events
 * behind lie. One lane that is hours behind with few events does not make the rest look late.
 */
export const delayRangeOf = (lines: readonly LagLine[], wanted = 0.9): DelayRange | undefined => {
  const behind = lines.filter((line) => line.lagEvents > 0).sort((one, other) => one.lagMs - other.lagMs)
  const total = behind.reduce((sum, line) => sum + line.lagEvents, 0)
  if (total === 0) return undefined
  let inside = 0
  for (const line of behind) {
    inside += line.lagEvents
    if (inside >= total * wanted) return { lowMs: behind[0]!.lagMs, highMs: line.lagMs, share: inside / total }
  }
  return { lowMs: behind[0]!.lagMs, highMs: behind.at(-1)!.lagMs, share: 1 }
}

/** `93% of the events behind are 6 h to 12 h late at most`. */
export const delayWords = (range: DelayRange): string => {
  const [low, high] = [durationWords(range.lowMs), durationWords(range.highMs)]
  const which = range.share >= 0.995 ? 'all events' : `${shareWords(range.share)} of the events`
  return low === high ? `${which} behind are up to ${high} late` : `${which} behind are up to ${low} to ${high} late`
}
