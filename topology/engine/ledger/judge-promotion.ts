/**
 * Whether readers may see one sink of a partition in the place of another, from the ledger document alone: it must go on
 * with what comes, hold all that the other one holds, and nothing that a delete has taken out of the other one (I-3).
 */
import type { LedgerDocument, SinkState } from '../../model/ledger-document.ts'
import { joinSegments, lanesOf, taken } from './document.ts'
import { lostOf, withoutLost } from './lost-ranges.ts'
import { allTenants } from './tenant-scope.ts'

export type PromotionObstacle =
  | { readonly kind: 'missing' | 'retired' | 'ended'; readonly sink: string }
  /** It holds one tenant or some event times only. */
  | { readonly kind: 'narrow'; readonly sink: string; readonly tenant: string | undefined }
  /** It begins at `from`, the other one at `before`. */
  | { readonly kind: 'late'; readonly sink: string; readonly from: number; readonly before: number }
  /** `records` that the other one has and it has not. */
  | { readonly kind: 'behind'; readonly sink: string; readonly records: number }
  /** `offsets` between `from` and `to` that the log had dropped before it read them, and that the other one holds. */
  | {
      readonly kind: 'lost'
      readonly sink: string
      readonly from: number
      readonly to: number
      readonly offsets: number
    }
  /** Entries of the delete list that it is not done with. */
  | { readonly kind: 'deletes'; readonly sink: string; readonly entries: number }

/** Those with which it is whole, and those that time will take away. */
export const isPartial = ({ kind }: PromotionObstacle): boolean =>
  kind === 'ended' || kind === 'narrow' || kind === 'late' || kind === 'lost'
export const isPassing = ({ kind }: PromotionObstacle): boolean => kind === 'behind' || kind === 'deletes'

/** `now` and `next`: names of sinks in the document. */
export const judgePromotion = (doc: LedgerDocument, now: string, next: string): readonly PromotionObstacle[] => {
  const [before, after] = [doc.sinks[now], doc.sinks[next]]
  if (now === next || (before === undefined && after === undefined)) return []
  if (after === undefined) return [{ kind: 'missing', sink: next }]
  if (after.retired) return [{ kind: 'retired', sink: next }]
  const found: PromotionObstacle[] = [...scopeObstacles(after, next)]
  if (before === undefined) return found
  if (after.from > before.from) found.push({ kind: 'late', sink: next, from: after.from, before: before.from })
  const records = Math.max(0, reached(doc, now, before) - reached(doc, next, after))
  // What has ended is told as such; behind its end it never comes.
  const isOver = after.to !== null && reached(doc, next, after) >= after.to
  if (records > 0 && !isOver) found.push({ kind: 'behind', sink: next, records })
  const lost = lostWhere(doc, now, next)
  if (lost !== undefined) found.push({ kind: 'lost', sink: next, ...lost })
  // Also those that the other one has yet to do: it may be done with them before readers change.
  const entries = doc.deletes.filter(({ work }) => !isDone(work[next]?.state)).length
  if (entries > 0) found.push({ kind: 'deletes', sink: next, entries })
  return found
}

const scopeObstacles = ({ to, replay }: SinkState, sink: string): readonly PromotionObstacle[] => {
  const found: PromotionObstacle[] = []
  if (to !== null) found.push({ kind: 'ended', sink })
  if (replay?.tenant !== undefined || replay?.timeframe !== undefined)
    found.push({ kind: 'narrow', sink, tenant: replay.tenant })
  return found
}

/** Everything of the sink below is committed. */
const reached = (doc: LedgerDocument, sink: string, { to, from }: SinkState): number => {
  const open = lanesOf(doc, sink).map(([, { at }]) => at)
  return open.length === 0 ? (to ?? from) : Math.min(...open)
}

/**
 * Entries of the delete list that have begun to take out of `now` what `next` still shows. Asked once readers see `next`:
 * what was listed and done since `next` was judged leads them to deleted events again.
 */
export const seenAgain = ({ sinks, deletes }: LedgerDocument, now: string, next: string): number => {
  if (now === next || sinks[now] === undefined) return 0
  return deletes.filter(({ work }) => work[now]?.state !== 'waiting' && !isDone(work[next]?.state)).length
}

/** What `next` has lost of what `now` holds, tenant by tenant. */
const lostWhere = (
  doc: LedgerDocument,
  now: string,
  next: string,
): { readonly from: number; readonly to: number; readonly offsets: number } | undefined => {
  const lost = lostOf(doc, next)
  const held = withoutLost(lost, withoutLost(lost, taken(doc, now, true)))
  const ranges = joinSegments(held.map(({ from, to }) => ({ from, to, tenants: allTenants })))
  if (ranges.length === 0) return undefined
  const offsets = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  return { from: ranges[0]!.from, to: ranges.at(-1)!.to, offsets }
}

/** A delete that never was any of its business is done. */
const isDone = (state: string | undefined): boolean => state === undefined || state === 'done'
