/** Which replays a run serves beside the declared sinks. */
import { defineTopology, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
import { expect, test } from 'vitest'
import { planSpout } from '../../topology/declare/plan-spout.ts'
import { emptyDocument } from '../../topology/engine/ledger/document.ts'
import { eventStoreOf } from '../../topology/engine/plan-questions.ts'
import { changedSink, isAbandoned, withReplays } from '../../topology/engine/replay-plan.ts'
import type { LedgerDocument, SinkState } from '../../topology/model/ledger-document.ts'
import type { SpoutPlan } from '../../topology/model/spout-plan.ts'
import { markedPlan } from '../../topology/plan-marks.ts'
import { granted, withSinks } from './ledger/given-documents.ts'

const topology = defineTopology('shop', (t) => void t.spout('events', log()).sink('store', eventRows()))
const declared = planSpout(topology, 'events')
const { fingerprint } = declared.sinks[0]!

const replayed = (more: Partial<SinkState>): LedgerDocument => {
  const replay = { namespace: 'shadow', fromMs: 0, toMs: 1, of: 'store' }
  const place = { sink: 'store@shadow', sinkKind: 'events', from: 0, to: 5, fingerprint, replay } as const
  const doc = granted(withSinks({ store: 'events' }), { kind: 'addSink', ...place })
  return { ...doc, sinks: { ...doc.sinks, 'store@shadow': { ...doc.sinks['store@shadow']!, ...more } } }
}
const served = (doc: LedgerDocument): readonly string[] => withReplays(declared, doc).sinks.map(({ name }) => name)

test('a replay is served as long as what it recomputes is declared and means the same', () => {
  expect(served(replayed({}))).toEqual(['store', 'store@shadow'])
  expect(served(replayed({ fingerprint: 'another' }))).toEqual(['store'])
})

test('a replay that has lapsed is served no more, and keeps nothing else from running', () => {
  expect(served(replayed({ retired: true, lapsed: true }))).toEqual(['store'])
})

const marked = (isSuperseded: boolean): SpoutPlan =>
  markedPlan(declared, { promoted: { store: { namespace: 'shadow', isSuperseded } } })

test('a partition that came after a promotion has what readers see as well', () => {
  const names = (plan: SpoutPlan): readonly string[] =>
    withReplays(plan, emptyDocument('log', 0)).sinks.map(({ name }) => name)
  expect([names(marked(false)), names(marked(true))]).toEqual([['store', 'store@shadow'], ['store@shadow']])
})

test('a namespace that took the place of an earlier definition is served alone, and reads what deletes need', () => {
  const doc = replayed({ to: null })
  const changed = { ...doc, sinks: { ...doc.sinks, store: { ...doc.sinks['store']!, fingerprint: 'earlier' } } }
  const plan = withReplays(marked(true), changed)
  expect([plan.sinks.map(({ name }) => name), eventStoreOf(plan)]).toEqual([['store@shadow'], 'store@shadow'])
  expect([changedSink(marked(true), changed), changedSink(marked(false), changed)]).toEqual([undefined, 'store'])
  expect([isAbandoned(marked(true), changed, 'store'), isAbandoned(declared, changed, 'store@shadow')]).toEqual([
    true,
    false,
  ])
})
