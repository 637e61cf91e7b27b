/** A ledger document and what was seen of its lanes, for the tests of the planners. */
import type { LaneFacts, PartitionFacts } from '../../../topology/engine/catch-up/lane-facts.ts'
import { applyProposal } from '../../../topology/engine/ledger/apply-proposal.ts'
import { emptyDocument } from '../../../topology/engine/ledger/document.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { SinkKind } from '../../../topology/model/sink.ts'

export const nowMs: number = Date.UTC(2026, 0, 2)

export const applied = (doc: LedgerDocument, ...proposals: readonly Proposal[]): LedgerDocument => {
  let next = doc
  for (const proposal of proposals) {
    const answer = applyProposal(next, proposal)
    if (typeof answer === 'string') throw new Error(`${proposal.kind} is refused: ${answer}`)
    next = answer
  }
  return next
}

/** Each sink with one live lane from 0 on; an ordered one has a name that says so. */
export const docOf = (...sinks: readonly (readonly [name: string, kind: SinkKind])[]): LedgerDocument =>
  applied(
    emptyDocument('log', 0),
    ...sinks.map(([sink, sinkKind]) => ({
      kind: 'addSink' as const,
      sink,
      sinkKind,
      order: sink.startsWith('ordered') ? ('keyOrdered' as const) : ('commutative' as const),
      from: 0,
      to: null,
      fingerprint: 'v1',
    })),
  )

/** An hour behind, at 1,000 a second, where nothing else is said. */
export const behind = (position: number, more: Partial<LaneFacts> = {}): LaneFacts => ({
  position,
  lagEvents: 1,
  lagMs: 3_600_000,
  isServed: true,
  eventsPerSecond: 1_000,
  ...more,
})

export const factsOf = (
  doc: LedgerDocument,
  end: number,
  lanes: Readonly<Record<number, LaneFacts>>,
): PartitionFacts => ({
  doc,
  nowMs,
  end,
  lanes: new Map(Object.entries(lanes).map(([id, one]) => [Number(id), one])),
  tenants: [],
})
