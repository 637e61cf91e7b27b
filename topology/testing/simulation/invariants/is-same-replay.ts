/**
 * What may become of a replay that has begun (PROTOCOL section 8): it gets another rate, is promoted or not, and what had
 * an end may go on without one. What it was asked for stays, and a declared sink has no end at all.
 */
import type { ReplayOrigin, SinkState } from '../../../model/ledger-document.ts'

export const isSameReplay = (before: SinkState, after: SinkState): boolean => {
  const [was, is] = [before.replay, after.replay]
  if (was === is) return before.to === after.to
  if (was === undefined || is === undefined) return false
  if (before.to !== after.to && after.to !== null) return false
  if (is.toMs !== was.toMs && (is.toMs !== null || after.to !== null)) return false
  return askedFor(was) === askedFor(is) && (is.rate === undefined || is.rate > 0)
}

const askedFor = ({ namespace, of, fromMs, tenant, timeframe }: ReplayOrigin): string =>
  JSON.stringify([namespace, of, fromMs, tenant, timeframe?.startMs, timeframe?.endMs])
