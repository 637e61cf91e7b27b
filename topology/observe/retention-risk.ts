/** The clock of the log's retention: whether what is unread will be dropped before it is read. Asked in one way by all. */
import type { LagLine } from '../model/run-snapshot.ts'

/**
 * How much of the time that is left the drain needs; from 1 on records are lost. Where no end is known the age says it:
 * what is still far from its end is no risk (0), what has passed the guard is lost if nothing changes (infinite).
 * `undefined`: nothing is unread, or the log keeps it.
 */
export const retentionRisk = (
  { lagEvents, lagMs, etaMs, retentionMsLeft: leftMs }: LagLine,
  guardRatio: number,
): number | undefined => {
  if (leftMs === null || lagEvents === 0) return undefined
  if (etaMs !== null) return etaMs[1] / Math.max(1, leftMs)
  return lagMs > guardRatio * (lagMs + leftMs) ? Number.POSITIVE_INFINITY : 0
}
