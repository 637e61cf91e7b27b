/**
 * One night, drawn from its seed: who sends how much, whose bug it is, how unsteady they all are, and what the servers
 * can do. One event stands for a thousand, so ten hours pass in seconds; every rate and size of a night is told so.
 */
import { seededRandom } from '../../../topology/testing/seeded-random.ts'

export const hourMs = 3_600_000

export interface Tenant {
  readonly name: string
  /** While nobody spikes. */
  readonly eventsPerSecond: number
}

export interface Spike {
  readonly tenant: string
  readonly factor: number
  readonly fromMs: number
  readonly toMs: number
}

export interface Limits {
  /** Of the broker: what all fetches of it bring together. */
  readonly fetchedEventsPerSecond: number
  /** Of the row store. */
  readonly eventRowsPerSecond: number
  /** Of the object store. */
  readonly objectBytesPerSecond: number
}

export interface Night {
  readonly seed: number
  readonly startMs: number
  readonly tenants: readonly Tenant[]
  readonly spike: Spike
  /** How much more than usual a tenant sends in a second at most. */
  readonly burst: number
  readonly partitions: number
  readonly limits: Limits
}

/** Of a line in the archive. */
export const lineBytes = 235

const allPerSecond = 3.6
// As in 2019: two and a half hours.
const spikeMs = 2.5 * hourMs
const calmBeforeMs = hourMs / 6
// Two partitions are written beside one another and use a store better: with as much of it they would hardly fall behind.
const beside = 0.9

export const drawNight = (seed: number): Night => {
  const random = seededRandom(seed)
  const between = (low: number, high: number): number => low + random.next() * (high - low)
  const startMs = Date.UTC(2019, 3, 1, 18, 10) - calmBeforeMs
  const steepness = between(0.7, 1.1)
  const weights = Array.from({ length: 12 }, (_, index) => between(0.8, 1.2) / (index + 1) ** steepness)
  const whole = weights.reduce((sum, one) => sum + one, 0)
  const first = Math.floor(between(10, 90))
  const tenants = weights.map((weight, index) => ({
    name: `customer-${first + index}`,
    eventsPerSecond: (allPerSecond * weight) / whole,
  }))
  // Neither the largest nor one of the small ones.
  const bug = tenants[2 + Math.floor(between(0, 4))]!
  const spike = { tenant: bug.name, factor: 30, fromMs: startMs + calmBeforeMs, toMs: startMs + calmBeforeMs + spikeMs }
  const excess = bug.eventsPerSecond * (spike.factor - 1)
  const peak = allPerSecond + excess
  const partitions = seed % 5 === 0 ? 2 : 1
  return {
    ...{ seed, startMs, tenants, spike, partitions, burst: between(1.5, 3) },
    limits: {
      fetchedEventsPerSecond: peak * between(120, 200),
      eventRowsPerSecond: peak * between(2, 4),
      // Enough for the spike as well, if it were written without a pause: one lane at a time does not.
      objectBytesPerSecond: lineBytes * (allPerSecond + excess * between(1.1, 1.4)) * (partitions === 1 ? 1 : beside),
    },
  }
}
