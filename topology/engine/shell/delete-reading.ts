/**
 * Reads what a pass needs, batch after batch, and stops where it may: when a pass has lasted long enough, holds enough,
 * or one of its deletes is paused.
 *
 * A range is read on a budget of the planner, which every listed record has that is not by id (B18).
 */
import { readDeleteRequest } from '../../model/delete-request.ts'
import type { DeleteRecord } from '../../model/ledger-document.ts'
import type { RecordBatch } from '../../model/record.ts'
import { placeInSorted } from '../../model/sorted-numbers.ts'
import { planDelete, type ScanBudget } from '../delete-plan.ts'
import { deleteScopes } from '../delete-scopes.ts'
import { type Piece, piecesOf } from '../delete-work.ts'
import { coversSegments } from '../ledger/document.ts'
import { namedOffsets } from '../named-events.ts'
import type { DeletePass, PassShare } from './delete-pass.ts'
import { type BehindStart, readDeletePoints, readDeleteRange } from './delete-source.ts'
import type { PartitionContext } from './partition-context.ts'
import type { OffsetSpan } from './read-span.ts'
import type { RecordCache } from './record-cache.ts'
import { retainedSource } from './retained-source.ts'

// Passes of other partitions and the log itself may take most of the time; what is folded meanwhile is little.
const waitingRatio = 10

/** A delete of the pass and what it says. */
export interface ReadShare {
  readonly share: PassShare
  readonly records: readonly DeleteRecord[]
}

export interface DeleteReading {
  readonly pass: DeletePass
  readonly shares: readonly ReadShare[]
  readonly to: number
  /** Whether it may end before `to`; a declared end is fixed. */
  readonly maySuspend: boolean
  /** How long it may be at work, if it may end. */
  readonly workMs: number
  readonly isPaused: () => boolean
}

/** Gives the offset below which everything is folded; `undefined` when the pass is to be abandoned. */
export const readForDelete = async (
  context: PartitionContext,
  cache: RecordCache,
  { pass, shares, to, maySuspend, workMs, isPaused }: DeleteReading,
): Promise<number | undefined> => {
  const { parts, partition } = context
  const named = shares.map((one) => (one.share.entry.isById ? namedIn(one, partition) : undefined))
  const points = named.flatMap((one) => one ?? [])
  const ranges = shares.flatMap(({ share }) => (share.entry.isById ? [] : share.ranges))
  const retained: OffsetSpan[] = []
  const scopes = deleteScopes(
    shares.flatMap(({ records }) => records),
    partition,
  )
  const behind: BehindStart = {
    expired: (from, end) => {
      for (const [index, { share }] of shares.entries()) share.expired += expiredOf(share, named[index], from, end)
    },
    retained: (span) => {
      const source = retainedSource(context, span, scopes)
      if (source !== undefined) retained.push(span)
      return source
    },
  }
  // What the store has emptied, or never took, is as gone as what nobody has.
  const countedTo = (end: number): number => {
    for (const { from, to } of retained)
      for (const [index, { share }] of shares.entries())
        if (!isSourceOf(context, share, { from, to }))
          share.expired += expiredOf(share, named[index], from, Math.max(from, Math.min(to, end)))
    return end
  }
  const budget = budgetOf(shares)
  const beganMs = parts.clock.nowMs()
  let workedMs = 0
  let reached = Number.NEGATIVE_INFINITY
  for (const piece of piecesOf(
    ranges,
    [...new Set(points)].sort((left, right) => left - right),
  )) {
    for await (const batch of readPiece(context, cache, piece, budget, behind)) {
      workedMs += await takeInTurns(context, pass, batch)
      await parts.giveWay()
      if (maySuspend && isPaused()) return undefined
      // What comes from the event store is complete block by block only.
      const isComplete = batch.to > Math.max(reached, batch.from)
      reached = Math.max(reached, batch.to)
      if (!maySuspend || !isComplete) continue
      const isOld = parts.clock.nowMs() - beganMs >= workMs * waitingRatio
      const isLong = workedMs >= workMs || isOld || pass.heldBytes >= parts.knob('epoch.bytes')
      if (isLong && batch.to < to) return countedTo(batch.to)
    }
  }
  return countedTo(to)
}

/** In portions, so that fresh records wait for one of them at most. Gives the time that it took. */
const takeInTurns = async (context: PartitionContext, pass: DeletePass, batch: RecordBatch): Promise<number> => {
  const { parts, turns, signal } = context
  const most = parts.knob('batch.records')
  let workedMs = 0
  for (let start = 0; start === 0 || start < batch.records.length; start += most) {
    if (start > 0) await parts.giveWay()
    await turns?.take('delete', signal)
    const beganMs = parts.clock.nowMs()
    const records = batch.records.slice(start, start + most)
    await pass.take({ ...batch, records }).finally(() => turns?.done('delete', parts.clock.nowMs() - beganMs))
    workedMs += parts.clock.nowMs() - beganMs
  }
  return workedMs
}

const readPiece = (
  context: PartitionContext,
  cache: RecordCache,
  piece: Piece,
  budget: ScanBudget | undefined,
  behind: BehindStart,
): ReturnType<typeof readDeletePoints> => {
  if (piece.kind === 'points') return readDeletePoints(context, cache, piece.offsets, behind)
  if (budget === undefined) throw new Error('a range is read for no delete that the planner has judged')
  return readDeleteRange(context, piece, budget, behind)
}

/**
 * Whether the event store still holds what the delete has to take out of a sink. It keeps what the sink had taken when the
 * delete was listed, if it was in service then, and begins to lose it when all others are done: a sink that had been
 * retired meanwhile comes too late.
 */
const isSourceOf = (
  { eventStore = '' }: PartitionContext,
  { node, entry, ranges }: PassShare,
  span: OffsetSpan,
): boolean => {
  if (node.name === eventStore) return true
  const asked = ranges
    .map((range) => ({ ...range, from: Math.max(range.from, span.from), to: Math.min(range.to, span.to) }))
    .filter(({ from, to }) => to > from)
  return entry.work[eventStore]?.state === 'waiting' && coversSegments(entry.cover[eventStore] ?? [], asked)
}

/** Of any record that was listed: a scan was permitted, or it would have been refused. */
const budgetOf = (shares: readonly ReadShare[]): ScanBudget | undefined => {
  for (const { share, records } of shares) {
    if (share.entry.isById) continue
    const log = share.ranges.map(({ from, to }) => ({ start: from, end: to }))
    for (const { request } of records) {
      const read = readDeleteRequest(request)
      const plan = typeof read === 'string' ? undefined : planDelete(read, { log, objects: [], scanRecords: 0 })
      if (plan !== undefined && 'budget' in plan) return plan.budget
    }
  }
  return undefined
}

const namedIn = ({ share, records }: ReadShare, partition: number): readonly number[] =>
  namedOffsets(records, partition).filter((one) => share.ranges.some(({ from, to }) => one >= from && one < to))

const expiredOf = (share: PassShare, named: readonly number[] | undefined, from: number, to: number): number => {
  if (named !== undefined) return placeInSorted(named, to) - placeInSorted(named, from)
  return share.ranges.reduce((sum, range) => sum + Math.max(0, Math.min(range.to, to) - Math.max(range.from, from)), 0)
}
