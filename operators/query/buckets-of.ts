/**
 * Which buckets of a rollup's table hold the windows of a timeframe, so that a query reads these and no others.
 *
 * All windows that begin in the timeframe lie in one of them; a bucket may turn out to be empty.
 */
import { bucketText } from '../rollup/rollup-key.ts'
import type { RollupWindow } from '../rollup/rollup-options.ts'
import { spanMs } from './calendar.ts'
import type { Timeframe } from './timeframe.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
// A week of hours; each bucket costs one look into the store, whether it is there or not.
const bucketsMax = 168

/** In the order of time; `undefined` when they are too many to be looked up one by one. */
export const bucketsOf = (window: RollupWindow, frame: Timeframe): readonly string[] | undefined => {
  if (frame.endMs <= frame.startMs) return []
  // Shorter than the hour, month or year of a bucket: no bucket lies between two steps.
  const length = spanMs(window.window)
  const stepMs = length < hourMs ? hourMs : length < dayMs ? 28 * dayMs : 360 * dayMs
  if ((frame.endMs - frame.startMs) / stepMs > bucketsMax) return undefined
  const buckets = new Set<string>()
  for (let atMs = frame.startMs; atMs < frame.endMs; atMs += stepMs) buckets.add(bucketText(window, atMs))
  buckets.add(bucketText(window, frame.endMs - 1))
  return [...buckets]
}

/** Whether windows of a bucket may begin in the timeframe. */
export const bucketTest = (window: RollupWindow, frame: Timeframe): ((bucket: string) => boolean) => {
  if (frame.endMs <= frame.startMs) return () => false
  const [first, last] = [bucketText(window, frame.startMs), bucketText(window, frame.endMs - 1)]
  // Years outside of 0 to 9999 are longer texts; they are looked at rather than compared.
  return (bucket) =>
    (bucket.length !== first.length || bucket >= first) && (bucket.length !== last.length || bucket <= last)
}
