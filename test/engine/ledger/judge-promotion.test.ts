/** When readers may see one sink in the place of another. */
import { expect, test } from 'vitest'
import { emptyDocument, newSink, withLane } from '../../../topology/engine/ledger/document.ts'
import { judgePromotion } from '../../../topology/engine/ledger/judge-promotion.ts'
import { addSink } from '../../../topology/engine/ledger/lane-transitions.ts'
import type { DeleteEntry, LedgerDocument, ReplayRequest } from '../../../topology/model/ledger-document.ts'

const request: ReplayRequest = { namespace: 'v2', fromMs: 0, toMs: null }

/** A live sink that stands at 8 (lane 0), and a replay from `from` on that stands at `at` (lane 1). */
const given = (from: number, to: number | null, at: number, more: Partial<ReplayRequest> = {}): LedgerDocument => {
  const sink = { kind: 'addSink', sinkKind: 'rows', fingerprint: 'f' } as const
  const live = addSink(emptyDocument('log', 0), { ...sink, sink: 'totals', from: 0, to: null }) as LedgerDocument // the name is new
  const replay = { ...request, ...more, of: 'totals' }
  const both = addSink(withLane(live, 0, { at: 8 }), { ...sink, sink: 'totals@v2', from, to, replay }) as LedgerDocument // the same
  return withLane(both, 1, { at })
}
const kinds = (doc: LedgerDocument): readonly string[] =>
  judgePromotion(doc, 'totals', 'totals@v2').map(({ kind }) => kind)

test('a replay of everything that goes on and is as far may take the place', () => {
  expect(kinds(given(0, null, 8))).toEqual([])
})

test('one that is behind, begins later, has an end, or holds a part only may not', () => {
  expect(judgePromotion(given(0, null, 5), 'totals', 'totals@v2')).toEqual([
    { kind: 'behind', sink: 'totals@v2', records: 3 },
  ])
  expect(kinds(given(2, null, 8))).toEqual(['late'])
  expect(kinds(given(0, 9, 8))).toEqual(['ended'])
  expect(kinds(given(0, null, 8, { tenant: 'ann' }))).toEqual(['narrow'])
  expect(kinds(given(0, null, 8, { timeframe: { startMs: 0, endMs: 1 } }))).toEqual(['narrow'])
})

test('one that is not there, or out of service, may not', () => {
  expect(judgePromotion(given(0, null, 8), 'totals', 'totals@v3').map(({ kind }) => kind)).toEqual(['missing'])
  const doc = given(0, null, 8)
  const retired = { ...newSink('rows', 0, null, 'f'), retired: true }
  expect(kinds({ ...doc, sinks: { ...doc.sinks, 'totals@v2': retired } })).toEqual(['retired'])
})

test('D21: one that holds events of a delete which is done where readers look now may not', () => {
  const work = { todo: [], at: 0, declared: null, seq: 0, retracted: 0 }
  const entry = (live: 'done' | 'running'): DeleteEntry => ({
    ...{
      n: 0,
      offsets: [[7, 8]],
      records: 1,
      stored: '',
      isById: false,
      cover: {},
      counted: { sink: '', byRecord: [] },
    },
    work: { totals: { ...work, state: live }, 'totals@v2': { ...work, state: 'waiting' } },
  })
  const doc = given(0, null, 8)
  expect(kinds({ ...doc, deletes: [entry('done')] })).toEqual(['deletes'])
  expect(kinds({ ...doc, deletes: [entry('running')] })).toEqual([])
})
