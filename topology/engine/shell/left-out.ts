/**
 * Which events of a batch a sink leaves out, and why: dead letters and deletes by the ledger (PROTOCOL section 3),
 * duplicates by the log. Each event counts under one reason, so that I-8 holds.
 */
import type { EventBatch } from '../../model/decoder.ts'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import { type DeleteMatcher, droppedBy } from '../delete-matcher.ts'
import { DropCounts } from '../drop-counts.ts'
import { isDeadLettered } from '../ledger/document.ts'
import type { DeleteCount } from '../ledger/proposal.ts'

/** Indices that a sink leaves out of a batch, ascending, with the reason's counts. */
export interface LeftOut {
  readonly indices: readonly number[]
  readonly deadLettered: number
  readonly dropped: number
  /** The dropped ones that the sink counts, by the delete that owns them. */
  readonly counts: readonly DeleteCount[]
}

const nothing: LeftOut = { indices: [], deadLettered: 0, dropped: 0, counts: [] }

export const leftOut = (doc: LedgerDocument, matcher: DeleteMatcher, sink: string, events: EventBatch): LeftOut => {
  const isSpared = events.length === 0 || matcher.isAbove(events.offsets[0]!)
  if (isSpared && doc.deadLetters[sink] === undefined) return nothing
  const indices: number[] = []
  const counts = new DropCounts()
  let deadLettered = 0
  for (let index = 0; index < events.length; index++) {
    // What is dead-lettered was never there for a delete to take, so no drop includes it.
    if (isDeadLettered(doc, sink, events.offsets[index]!)) {
      deadLettered += 1
      indices.push(index)
      continue
    }
    const n = droppedBy(doc, matcher, sink, events, index)
    if (n === undefined) continue
    indices.push(index)
    counts.note(doc, matcher, n, sink, events, index)
  }
  return { indices, deadLettered, dropped: indices.length - deadLettered, counts: counts.list() }
}

/** Duplicates are left out too, and counted by no reason: they count as applied, like what a bolt filters out. */
export const withDuplicates = (left: LeftOut, duplicates: readonly number[] | undefined): LeftOut => {
  if (duplicates === undefined) return left
  const indices = [...new Set([...left.indices, ...duplicates])].sort((one, other) => one - other)
  return { ...left, indices }
}

/** The other indices of a batch of `length`. */
export const indicesWithout = (length: number, without: readonly number[]): readonly number[] => {
  const rest: number[] = []
  let next = 0
  for (let index = 0; index < length; index++) {
    if (without[next] === index) next += 1
    else rest.push(index)
  }
  return rest
}
