/**
 * Brings a closed, undeclared epoch up to date with rules that changed since its content was computed: events that a
 * delete or a dead letter has meanwhile taken leave it again, by weight -1 (PROTOCOL section 3, step 4).
 *
 * Only offsets that can have changed are read again, so a storm of deletes by id costs a look-up each.
 */

import { readDeleteRequest } from '../../model/delete-request.ts'
import { parseEventId } from '../../model/event-id.ts'
import type { LedgerDocument, TenantScope } from '../../model/ledger-document.ts'
import { offset } from '../../model/position.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { idsOf } from '../delete-matcher.ts'
import { BatchProcessor, leftOut } from './batch-processor.ts'
import type { LaneEpoch } from './lane-epoch.ts'
import type { PartitionContext } from './partition-context.ts'
import { type OffsetSpan, readSpan } from './read-span.ts'
import { runBoltsAgain } from './run-bolts-again.ts'

/** Spans of `[from, to)` in which another document may leave out other events. */
const changedSpans = (
  before: LedgerDocument,
  now: LedgerDocument,
  sink: string,
  from: number,
  to: number,
): readonly OffsetSpan[] => {
  const spans: OffsetSpan[] = []
  for (const entry of now.deletes.slice(before.deletes.length)) {
    for (const record of entry.records) {
      const request = readDeleteRequest(record.request)
      if (typeof request === 'string') continue
      const ids = idsOf(request)
      if (ids === undefined) return [{ from, to }]
      for (const id of ids) {
        const place = parseEventId(id)?.offset
        if (place !== undefined) spans.push({ from: place, to: place + 1 })
      }
    }
  }
  if (before.deadLetters[sink] !== now.deadLetters[sink]) {
    for (const [start, end] of now.deadLetters[sink] ?? []) spans.push({ from: start, to: end })
  }
  return spans
    .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .filter((span) => span.to > span.from)
}

/** False when the epoch has to be read again instead: its lane has changed, or its sink cannot take events out. */
export const reviseEpoch = async (
  context: PartitionContext,
  node: PlannedSink,
  tenants: TenantScope,
  epoch: LaneEpoch,
): Promise<boolean> => {
  const now = context.ledger.doc
  const processor = new BatchProcessor(context)
  for (const [index, basis] of epoch.bases.entries()) {
    const to = epoch.bases[index + 1]?.from ?? epoch.to
    for (const span of mergeSpans(changedSpans(basis.doc, now, node.name, basis.from, to))) {
      if (!node.sink.subtracts) return false
      for await (const batch of readSpan(context, span)) {
        const { events } = processor.decode(batch, tenants)
        const had = leftOut(basis.doc, processor.matcherOf(basis.doc), node.name, events)
        const has = leftOut(now, processor.matcherOf(now), node.name, events)
        const fresh = has.indices.filter((one) => !had.indices.includes(one))
        if (fresh.length === 0) continue
        for (const tuples of await runBoltsAgain(context, node.name, events.select(fresh)))
          epoch.effects.add(tuples, -1)
        const deadLettered = has.deadLettered - had.deadLettered
        const { counters } = epoch
        epoch.counters = {
          received: counters.received,
          applied: counters.applied - fresh.length,
          deadLettered: counters.deadLettered + deadLettered,
          dropped: counters.dropped + fresh.length - deadLettered,
        }
      }
    }
  }
  epoch.bases = [{ from: epoch.from, doc: now }]
  return true
}

const mergeSpans = (spans: readonly OffsetSpan[]): readonly OffsetSpan[] => {
  const merged: { from: number; to: number }[] = []
  for (const span of [...spans].sort((left, right) => left.from - right.from)) {
    const last = merged.at(-1)
    if (last !== undefined && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else merged.push({ ...span })
  }
  return merged.map((span) => ({ from: offset(span.from), to: offset(span.to) }))
}
