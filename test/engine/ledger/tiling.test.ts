/** Whatever is asked of a document, in whatever order, its ranges tile the partition and nothing goes back. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyProposal } from '../../../topology/engine/ledger/apply-proposal.ts'
import { addCounters, lanesOf, noCounters } from '../../../topology/engine/ledger/document.ts'
import type { Counters, LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { anyMove, holders, type Move, proposalOf, tenants, withSinks } from './given-documents.ts'

const sinks = { rows: 'rows', store: 'events', archive: 'objects' } as const

const played = (moves: readonly Move[], each: (before: LedgerDocument, after: LedgerDocument) => void): void => {
  let doc = withSinks(sinks)
  for (const move of moves) {
    const proposal = proposalOf(doc, move)
    const next = proposal === undefined ? 'absent' : applyProposal(doc, proposal)
    if (typeof next === 'string') continue
    each(doc, next)
    doc = next
  }
}

const moves = fc.array(anyMove, { maxLength: 60 })

test('each offset and tenant stays in exactly one lane or finished range of each sink (I-5)', () => {
  fc.assert(
    fc.property(moves, (given) =>
      played(given, (_, doc) => {
        for (const sink of Object.keys(sinks))
          for (let offset = 0; offset < 30; offset++)
            for (const tenant of tenants) expect(holders(doc, sink, offset, tenant)).toBe(1)
      }),
    ),
    { numRuns: 60 },
  )
})

test('offsets, sequence numbers, lane ids and rules only grow (I-4)', () => {
  fc.assert(
    fc.property(moves, (given) =>
      played(given, (before, after) => {
        expect(after.nextLane).toBeGreaterThanOrEqual(before.nextLane)
        expect(after.rules).toBeGreaterThanOrEqual(before.rules)
        for (const [id, lane] of Object.entries(before.lanes)) {
          const next = after.lanes[Number(id)]
          if (next !== undefined) expect([next.at >= lane.at, next.seq >= lane.seq]).toEqual([true, true])
        }
        for (const [name, sink] of Object.entries(before.sinks))
          for (const [slot, { seq }] of sink.slots.entries())
            expect(after.sinks[name]!.slots[slot]!.seq).toBeGreaterThanOrEqual(seq)
      }),
    ),
  )
})

test('a slot has one turn, and it belongs to a lane with a declared epoch in it', () => {
  fc.assert(
    fc.property(moves, (given) =>
      played(given, (_, doc) => {
        const declared = lanesOf(doc, 'rows').filter(([, lane]) => lane.declared !== null)
        const turns = doc.sinks['rows']!.slots.map((slot) => slot.turn)
        for (const [id, lane] of declared) expect(turns[lane.slot]).toBe(`L${id}`)
        expect(turns.filter((turn) => turn !== null)).toHaveLength(declared.length)
      }),
    ),
  )
})

const total = (doc: LedgerDocument, sink: string): Counters =>
  lanesOf(doc, sink).reduce((sum, [, lane]) => addCounters(sum, lane.counters), doc.sinks[sink]!.counters)

test('counters are never lost when a lane ends (I-8)', () => {
  fc.assert(
    fc.property(moves, (given) => {
      const committed: Record<string, Counters> = {}
      played(given, (before, after) => {
        for (const sink of Object.keys(sinks)) {
          const was = committed[sink] ?? noCounters
          const now = total(after, sink)
          expect(now.received).toBeGreaterThanOrEqual(was.received)
          expect(now.received).toBe(now.applied + now.deadLettered + now.dropped)
          committed[sink] = now
        }
        expect(before).not.toBe(after)
      })
    }),
  )
})
