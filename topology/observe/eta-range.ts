/**
 * When a backlog will be gone, as a range that is meant to hold the truth four times out of five.
 *
 * Work may cost by the event or by the byte, and what was measured in the last seconds and in the last minutes need not
 * agree: each pair gives an estimate, and the range spans them, widened by how unsteady the rate has been. A range that
 * spans more than a factor of three says nothing; then its middle is told with that width.
 */

/** What is left, and what comes in meanwhile. */
export interface Backlog {
  readonly events: number
  readonly bytes: number
}

/** Measured over one window: what was read, and what came in. */
export interface DrainRate {
  readonly eventsPerSecond: number
  readonly bytesPerSecond: number
  readonly inflowEventsPerSecond: number
  readonly inflowBytesPerSecond: number
}

export type EtaRange = readonly [low: number, high: number]

// Known in the best case: what is measured over seconds differs from what the next minutes bring.
const leastDoubt = 1.15
const mostDoubt = 1.6
export const widestFactor = 3
// By how much the slowest part may be later than the whole: most of what it has left, others help with.
const waitedFor = 1.3
// Nobody plans by more: a hundred days.
const longestMs = 8_640_000_000

/** `null`: at none of these rates it ends. `unsteadiness`: deviation of the rate as a share of its mean. */
export const etaRange = (left: Backlog, rates: readonly DrainRate[], unsteadiness: number): EtaRange | null => {
  if (left.events <= 0) return [0, 0]
  const estimates = rates.flatMap((rate) => [
    timeFor(left.events, rate.eventsPerSecond - rate.inflowEventsPerSecond),
    left.bytes > 0 ? timeFor(left.bytes, rate.bytesPerSecond - rate.inflowBytesPerSecond) : undefined,
  ])
  // It did end at the rate of some minutes ago: who stands still since does not end at this rate.
  if (rates.length > 1 && estimates.slice(0, 4).every((one) => one === undefined)) return null
  const known = estimates.filter((one) => one !== undefined)
  if (known.length === 0) return null
  const doubt = Math.min(mostDoubt, leastDoubt + unsteadiness / 3)
  return narrowed(Math.min(...known) / doubt, Math.max(...known) * doubt)
}

const timeFor = (amount: number, perSecond: number): number | undefined => {
  const ms = perSecond > 0 ? (amount * 1_000) / perSecond : Number.POSITIVE_INFINITY
  return ms <= longestMs ? ms : undefined
}

/** The same middle, at most three times as late as early. */
const narrowed = (low: number, high: number): EtaRange => {
  if (high <= low * widestFactor) return [Math.floor(low), Math.min(Math.floor(low) * widestFactor, Math.ceil(high))]
  const middle = Math.sqrt(low * high)
  const least = Math.ceil(middle / Math.sqrt(widestFactor))
  return [least, least * widestFactor]
}

/**
 * Of the whole, from what it reads together and from the ends of its parts: parts help each other where they share what
 * limits them, and the slowest one is waited for where they do not.
 */
export const wholeOf = (together: EtaRange, parts: readonly EtaRange[]): EtaRange => {
  const latest = Math.max(together[1], ...parts.map(([, high]) => high))
  const most = Math.min(together[1] * waitedFor, together[0] * widestFactor)
  return [together[0], Math.max(together[1], Math.min(latest, most))]
}

/** Of two that nothing helps with: both are waited for. */
export const laterOf = (one: EtaRange, other: EtaRange): EtaRange =>
  narrowed(Math.max(one[0], other[0]), Math.max(one[1], other[1]))

/** Of a part that may go on faster once the others have ended. */
export const partOf = (own: EtaRange, together: EtaRange): EtaRange =>
  own[0] <= together[0] ? own : [Math.max(together[0], Math.ceil(own[1] / widestFactor)), own[1]]

/** Deviation of some rates as a share of their mean; 0 where that tells nothing. */
export const unsteadinessOf = (rates: readonly number[]): number => {
  if (rates.length < 2) return 0
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  if (mean <= 0) return 1
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (rates.length - 1)
  return Math.min(1, Math.sqrt(variance) / mean)
}
