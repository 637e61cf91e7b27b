/**
 * Brings a closed, undeclared epoch up to date with rules that changed since its content was computed: events that a
 * delete or a dead letter has meanwhile taken leave it again, by weight -1 (PROTOCOL section 3, step 4).
 *
 * Only offsets that can have changed are read again, so a storm of deletes by id costs a look-up each.
 */
import type { EventBatch } from '../../model/decoder.ts'
import type { LedgerDocument, TenantScope } from '../../model/ledger-document.ts'
import { offset } from '../../model/position.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { type DeleteMatcher, droppedBy } from '../delete-matcher.ts'
import { DropCounts } from '../drop-counts.ts'
import { entryOffset } from '../ledger/delete-entries.ts'
import { isDeadLettered } from '../ledger/document.ts'
import type { DeleteCount } from '../ledger/proposal.ts'
import { namedOffsets } from '../named-events.ts'
import { BatchProcessor } from './batch-processor.ts'
import type { LaneEpoch } from './lane-epoch.ts'
import type { PartitionContext } from './partition-context.ts'
import { type OffsetSpan, readSpan } from './read-span.ts'
import { runBoltsAgain } from './run-bolts-again.ts'

/** Spans of `[from, to)` in which another document may leave out other events. */
const changedSpans = async (
  { deletes, partition }: PartitionContext,
  before: LedgerDocument,
  now: LedgerDocument,
  sink: string,
  { from, to }: OffsetSpan,
): Promise<readonly OffsetSpan[]> => {
  const spans: OffsetSpan[] = []
  for (const entry of now.deletes.filter(({ n }) => n >= before.nextDelete)) {
    if (entry.records === 0) continue
    if (!entry.isById) spans.push({ from, to: entryOffset(entry) })
    else
      for (const one of namedOffsets(await deletes.recordsOf(entry), partition)) spans.push({ from: one, to: one + 1 })
  }
  // What was listed and archived since then stands in a block that was not there.
  const known = new Set(before.archive.map(({ stored }) => stored))
  for (const { stored, reach } of now.archive) if (!known.has(stored)) spans.push({ from: reach[0], to: reach[1] })
  if (before.deadLetters[sink] !== now.deadLetters[sink])
    for (const [start, end] of now.deadLetters[sink] ?? []) spans.push({ from: start, to: end })
  return mergeSpans(
    spans
      .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) }))
      .filter((span) => span.to > span.from),
  )
}

/** Events of a batch that the sink leaves out now, and did not before. */
interface Fresh {
  readonly indices: readonly number[]
  /** How many more are left out as dead letters. */
  readonly deadLettered: number
  readonly drops: readonly DeleteCount[]
}

interface Change {
  readonly before: LedgerDocument
  readonly now: LedgerDocument
  /** Of `now`. */
  readonly matcher: DeleteMatcher
  readonly sink: string
}

/**
 * Asks as a lane does that reads the event now. The cover matters to the event store, which keeps what other sinks had
 * taken until their work has read it; no other sink has a cover in what it has not declared.
 */
const freshIn = ({ before, now, matcher, sink }: Change, events: EventBatch): Fresh => {
  const indices: number[] = []
  const drops = new DropCounts()
  let deadLettered = 0
  for (let index = 0; index < events.length; index++) {
    const wasDead = isDeadLettered(before, sink, events.offsets[index]!)
    const isDead = isDeadLettered(now, sink, events.offsets[index]!)
    if (isDead && !wasDead) deadLettered += 1
    const first = droppedBy(now, matcher, sink, events, index)
    const wasDropped =
      first !== undefined && droppedBy(before, matcher, sink, events, index, before.nextDelete) !== undefined
    if (wasDead || wasDropped || (!isDead && first === undefined)) continue
    indices.push(index)
    if (!isDead) drops.note(now, matcher, first!, sink, events, index)
  }
  return { indices, deadLettered, drops: drops.list() }
}

/** False when the epoch has to be read again instead: events would have to leave a sink that cannot give them back. */
export const reviseEpoch = async (
  context: PartitionContext,
  node: PlannedSink,
  tenants: TenantScope,
  epoch: LaneEpoch,
): Promise<boolean> => {
  const now = context.ledger.doc
  const processor = new BatchProcessor(context)
  const matcher = await context.deletes.matcherOf(now, epoch.from, epoch.to)
  for (const [index, basis] of epoch.bases.entries()) {
    const whole = { from: basis.from, to: epoch.bases[index + 1]?.from ?? epoch.to }
    const change = { before: basis.doc, now, matcher, sink: node.name }
    for (const span of await changedSpans(context, basis.doc, now, node.name, whole)) {
      for await (const batch of readSpan(context, span)) {
        const { events } = await processor.decode(batch, tenants)
        const fresh = freshIn(change, events)
        if (fresh.indices.length > 0 && !node.sink.subtracts) return false
        await takeOut(context, node, epoch, events, fresh)
      }
    }
  }
  epoch.bases = [{ from: epoch.from, doc: now }]
  return true
}

const takeOut = async (
  context: PartitionContext,
  node: PlannedSink,
  epoch: LaneEpoch,
  events: EventBatch,
  { indices, deadLettered, drops }: Fresh,
): Promise<void> => {
  const { counters } = epoch
  epoch.counters = {
    received: counters.received,
    applied: counters.applied - indices.length,
    deadLettered: counters.deadLettered + deadLettered,
    dropped: counters.dropped + indices.length - deadLettered,
  }
  epoch.drops.addAll(drops)
  if (indices.length === 0) return
  for (const tuples of await runBoltsAgain(context, node.name, events.select(indices))) epoch.effects.add(tuples, -1)
}

// Reading so many records in between costs less than another fetch.
const joinedGap = 64

const mergeSpans = (spans: readonly OffsetSpan[]): readonly OffsetSpan[] => {
  const merged: { from: number; to: number }[] = []
  for (const span of [...spans].sort((left, right) => left.from - right.from)) {
    const last = merged.at(-1)
    if (last !== undefined && span.from <= last.to + joinedGap) last.to = Math.max(last.to, span.to)
    else merged.push({ ...span })
  }
  return merged.map((span) => ({ from: offset(span.from), to: offset(span.to) }))
}
