/**
 * Refuses questions whose edges lie within windows of the rollup: a window is one sum, no part of it can be told.
 *
 * Without this a window would count as a whole on one side of the edge, and the answer would be wrong without a sign.
 */
import { errors } from '../../topology/model/errors.ts'
import { formatTime } from '../../topology/model/event-time.ts'
import type { RollupWindow } from '../rollup/rollup-options.ts'
import { isLength } from './calendar.ts'
import type { Timeframe } from './timeframe.ts'

/** What is asked, in the words of the one who asks: `timeframe today`, `interval daily`. */
type Asked = () => string

/** Throws `badConfiguration` when a range does not begin and end where windows do. */
export const refuseCutWindows = (window: RollupWindow, ranges: readonly Timeframe[], asked: Asked): void => {
  let edge: number | undefined
  for (const { startMs, endMs } of ranges) {
    // Intervals lie end to end: most edges are looked at once.
    if (startMs !== edge) refuseWithin(window, startMs, 'begins', asked)
    refuseWithin(window, endMs, 'ends', asked)
    edge = endMs
  }
}

const refuseWithin = (kept: RollupWindow, edgeMs: number, verb: 'begins' | 'ends', asked: Asked): void => {
  const { calendar } = kept
  const startMs = calendar.startOf(edgeMs)
  if (startMs === edgeMs) return
  const window = `the window ${formatTime(startMs)}/${formatTime(calendar.next(startMs))}`
  throw errors.badConfiguration({
    problem:
      `${asked()} ${verb} at ${formatTime(edgeMs)}, within ${window}, and windows are not split: ` +
      `the rollup keeps ${windowText(kept)}; ask for edges that lie on theirs, or declare a rollup with other windows`,
  })
}

/** `windows of 1 day in timezone "Europe/Berlin"`. */
const windowText = ({ window, timezone }: RollupWindow): string => {
  const length = `windows of ${window.count} ${window.unit}${window.count === 1 ? '' : 's'}`
  return isLength(window) ? length : `${length} in timezone ${JSON.stringify(timezone ?? 'UTC')}`
}
