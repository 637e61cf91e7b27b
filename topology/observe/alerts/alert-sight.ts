/** What a rule may look at: this second, the seconds before it, and the knobs. Questions about rates and slopes are answered here, once. */
import type { RunSnapshot } from '../../model/run-snapshot.ts'
import type { Surroundings } from '../surroundings.ts'
import type { AlertSample } from './alert-sample.ts'

export interface AlertSight {
  readonly snapshot: RunSnapshot
  readonly surroundings: Surroundings
  /** The oldest first; the last one is of this snapshot. */
  readonly samples: readonly AlertSample[]
  /** One for each minute that has passed, the oldest first. */
  readonly minutes: readonly AlertSample[]
  readonly knob: (name: string) => number
  /** Whether the alert path works: its last test, of each channel. */
  readonly path: AlertPath
}

export interface AlertPath {
  readonly channels: number
  readonly failing: readonly { readonly channel: string; readonly sinceMs: number; readonly reason: string }[]
  /** There are channels, and none of them works. */
  readonly isCut: boolean
}

export const noAlertPath: AlertPath = { channels: 0, failing: [], isCut: false }

/**
 * Change of a number per second over the last `windowMs`: the line through all samples, so that one odd second does not
 * turn it. `undefined` while less than half of the window is known.
 */
export const slopeOf = (
  samples: readonly AlertSample[],
  windowMs: number,
  numberOf: (sample: AlertSample) => number | undefined,
): number | undefined => {
  const last = samples.at(-1)
  if (last === undefined) return undefined
  const points = samples.flatMap((sample) => {
    const value = last.atMs - sample.atMs <= windowMs ? numberOf(sample) : undefined
    return value === undefined ? [] : [{ at: (sample.atMs - last.atMs) / 1_000, value }]
  })
  const first = points[0]
  if (first === undefined || points.length < 3 || -first.at * 1_000 < windowMs / 2) return undefined
  const [meanAt, meanValue] = [meanOf(points.map(({ at }) => at)), meanOf(points.map(({ value }) => value))]
  const spread = points.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0)
  const both = points.reduce((sum, { at, value }) => sum + (at - meanAt) * (value - meanValue), 0)
  return spread === 0 ? undefined : both / spread
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** How much a counter has grown since the sample nearest to `windowMs` ago; one that began anew has grown by what it shows. */
export const growthOf = (
  samples: readonly AlertSample[],
  windowMs: number,
  numberOf: (sample: AlertSample) => number | undefined,
): number => {
  const last = samples.at(-1)
  const first = samples.find((sample) => last !== undefined && last.atMs - sample.atMs <= windowMs)
  if (last === undefined || first === undefined) return 0
  const [before, now] = [numberOf(first) ?? 0, numberOf(last) ?? 0]
  return now < before ? now : now - before
}
