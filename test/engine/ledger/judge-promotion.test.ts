/** When readers may see one sink in the place of another. */
import { describe, expect, test } from 'vitest'
import { emptyDocument, newSink, withLane, withSink } from '../../../topology/engine/ledger/document.ts'
import { isPartial, isPassing, judgePromotion, seenAgain } from '../../../topology/engine/ledger/judge-promotion.ts'
import { addSink } from '../../../topology/engine/ledger/lane-transitions.ts'
import { allTenants, onlyTenant } from '../../../topology/engine/ledger/tenant-scope.ts'
import type {
  DeleteEntry,
  DeleteWorkState,
  LedgerDocument,
  LostRange,
  ReplayRequest,
  TenantScope,
} from '../../../topology/model/ledger-document.ts'

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

const work = { todo: [], at: 0, declared: null, seq: 0, retracted: 0 }
const entry = (live: DeleteWorkState, next: DeleteWorkState): DeleteEntry => ({
  ...{ n: 0, offsets: [[7, 8]], records: 1, stored: '', isById: false, cover: {} },
  counted: { sink: '', byRecord: [] },
  work: { totals: { ...work, state: live }, 'totals@v2': { ...work, state: next } },
})

test('D21: one that a listed delete is not done on may not, however far that is where readers look now', () => {
  const doc = given(0, null, 8)
  for (const live of ['waiting', 'running', 'done'] as const)
    expect(kinds({ ...doc, deletes: [entry(live, 'waiting')] }), live).toEqual(['deletes'])
  expect(kinds({ ...doc, deletes: [entry('running', 'done')] })).toEqual([])
})

test('D21: readers see again what a delete has begun to take out of what they saw, and only that', () => {
  const doc = given(0, null, 8)
  const seen = (live: DeleteWorkState, next: DeleteWorkState): number =>
    seenAgain({ ...doc, deletes: [entry(live, next)] }, 'totals', 'totals@v2')
  expect([seen('done', 'running'), seen('running', 'waiting')]).toEqual([1, 1])
  expect([seen('waiting', 'waiting'), seen('done', 'done')]).toEqual([0, 0])
})

describe('offsets that the log had dropped before they were read', () => {
  const lost = (sink: string, from: number, to: number): LostRange => ({
    ...{ sink, from, to, tenants: allTenants, atMs: 0, by: '', reason: '' },
  })

  /** What is read now has taken `[0, 2)` and, behind what it has lost, `[from, 8)`. */
  const behindGap = (from: number, tenants: TenantScope = allTenants): LedgerDocument => {
    const doc = given(0, null, 8)
    const homes = [{ from: 0, to: 2, tenants: allTenants, slot: 0, lane: 0 }]
    return withLane(withSink(doc, 'totals', { homes }), 0, { from, tenants })
  }

  test('are told as such where what is read now holds them', () => {
    const doc = { ...behindGap(5), lost: [lost('totals@v2', 1, 6), lost('totals', 2, 5)] }
    const found = judgePromotion(doc, 'totals', 'totals@v2')
    expect(found).toEqual([{ kind: 'lost', sink: 'totals@v2', from: 1, to: 6, offsets: 2 }])
    expect([isPartial(found[0]!), isPassing(found[0]!)]).toEqual([true, false])
  })

  test('are nothing where what is read now does not hold them either', () => {
    expect(kinds({ ...behindGap(6), lost: [lost('totals@v2', 2, 6), lost('totals', 2, 6)] })).toEqual([])
    expect(kinds({ ...given(0, null, 8), lost: [lost('totals@v2', 8, 9)] })).toEqual([])
    const ofAnn = { ...lost('totals@v2', 6, 7), tenants: onlyTenant('ann') }
    expect(kinds({ ...behindGap(6, onlyTenant('bob')), lost: [ofAnn] })).toEqual([])
    expect(kinds({ ...behindGap(6, onlyTenant('ann')), lost: [ofAnn] })).toEqual(['lost'])
  })
})
