import { expect, test } from 'vitest'
import { applyProposal } from '../../../topology/engine/ledger/apply-proposal.ts'
import { emptyDocument, noCounters } from '../../../topology/engine/ledger/document.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import { replayProgress } from '../../../topology/engine/ledger/replay-progress.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'

const replay = { namespace: 'shadow', fromMs: 0, toMs: 1, of: 'store' }
const sink = { sinkKind: 'events', order: 'commutative', fingerprint: 'f' } as const
const apply = (doc: LedgerDocument, ...proposals: readonly Proposal[]): LedgerDocument =>
  proposals.reduce((before, proposal) => {
    const next = applyProposal(before, proposal)
    if (typeof next === 'string') throw new Error(`${proposal.kind}: ${next}`)
    return next
  }, doc)

/** A live sink and its replay of `[2, 5)`; the log ends at 9. */
const begun = apply(
  emptyDocument('log', 0),
  { kind: 'addSink', ...sink, sink: 'store', from: 0, to: null },
  { kind: 'addSink', ...sink, sink: 'store@shadow', from: 2, to: 5, replay },
)
/** A lane declares and commits everything up to `to`. */
const moved = (doc: LedgerDocument, lane: number, to: number): LedgerDocument => {
  const { at, seq } = doc.lanes[lane]!
  const { rules } = doc
  return apply(
    doc,
    { kind: 'declare', lane, at, to, rules, code: 'f', partBytes: 0, deletes: [] },
    { kind: 'commit', lane, at, to, seq: seq + 1, counters: noCounters, atMs: 0 },
  )
}
const progressOf = (doc: LedgerDocument): unknown => {
  const [one] = replayProgress(doc, 'shadow', 9)
  return [one?.committed, one?.isDone]
}

test('a replay is done when its range is durable and somebody has looked for deletes up to the end of the log', () => {
  expect(progressOf(begun)).toEqual([0, false])
  expect(progressOf(moved(begun, 1, 4))).toEqual([2, false])
  const read = moved(begun, 1, 5)
  expect(progressOf(read)).toEqual([3, false])
  expect(progressOf(moved(read, 0, 8))).toEqual([3, false])
  expect(progressOf(moved(read, 0, 9))).toEqual([3, true])
})

test('a replay is not done while a listed delete has still to be taken out of it', () => {
  const all = moved(moved(begun, 1, 5), 0, 8)
  const listed = apply(all, {
    kind: 'registerDeletes',
    offsets: [[8, 9]],
    records: 1,
    stored: 'digest',
    isById: false,
    eventStore: undefined,
  })
  expect(progressOf(moved(listed, 0, 9))).toEqual([3, false])
})

test('other namespaces do not count', () => {
  expect(replayProgress(begun, 'other', 9)).toEqual([])
})
