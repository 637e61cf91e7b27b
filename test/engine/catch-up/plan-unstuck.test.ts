/** What is done about an epoch that its store does not take (A9). */
import { describe, expect, test } from 'vitest'
import type { LaneFacts } from '../../../topology/engine/catch-up/lane-facts.ts'
import { mayJoin, planUnstuck } from '../../../topology/engine/catch-up/plan-unstuck.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { applied, behind, docOf, factsOf, nowMs } from './given-facts.ts'

const knobs = { stuckMs: 10_000, isAlive: () => true } as const
const stuck = (more: Partial<LaneFacts> = {}): LaneFacts => behind(20, { writingSinceMs: nowMs - 10_000, ...more })

const declared = (doc: LedgerDocument, lane: number, at: number, to: number): LedgerDocument =>
  applied(doc, { kind: 'declare', lane, at, to, rules: doc.rules, code: 'v1', partBytes: 0, deletes: [] })

const held = declared(docOf(['totals', 'rows']), 0, 0, 10)

describe('A9: an epoch that is not written for long', () => {
  test('A9: waits alone: the tenant it hangs on and all others go on behind it, each in a slot of its own', () => {
    const plan = planUnstuck(factsOf(held, 100, { 0: stuck({ stuckTenant: 'ann' }) }), knobs)
    const { lanes, sinks } = applied(held, ...plan)
    expect(Object.values(lanes).map(({ from, to, slot, tenants }) => [from, to, slot, tenants.kind])).toEqual([
      [0, 10, 0, 'all'],
      [10, null, 1, 'except'],
      [10, null, 2, 'only'],
    ])
    expect(sinks['totals']!.slots[0]!.turn).toBe('L0')
  })

  test('is cut behind it where nobody knows whose data it is, as long as the rest of the sink goes on', () => {
    const facts = factsOf(held, 100, { 0: stuck() })
    expect(planUnstuck(facts, knobs)).toEqual([{ kind: 'cut', lane: 0, at: 10, cuts: [], slots: [1] }])
    expect(planUnstuck(facts, { ...knobs, isAlive: () => false })).toEqual([])
  })

  test('is left alone for a while, where order is needed, and where a tenant is alone already', () => {
    expect(planUnstuck(factsOf(held, 100, { 0: stuck({ writingSinceMs: nowMs - 9_000 }) }), knobs)).toEqual([])
    const ordered = declared(docOf(['ordered', 'rows']), 0, 0, 10)
    expect(planUnstuck(factsOf(ordered, 100, { 0: stuck() }), knobs)).toEqual([])
    const plan = planUnstuck(factsOf(held, 100, { 0: stuck({ stuckTenant: 'ann' }) }), knobs)
    const apart = declared(applied(held, ...plan), 2, 10, 20)
    expect(planUnstuck(factsOf(apart, 100, { 0: stuck(), 2: stuck({ stuckTenant: 'ann' }) }), knobs)).toEqual([])
  })

  test('is not given one slot after the other: where half of them are lost it is no single key', () => {
    const twice = declared(applied(held, ...planUnstuck(factsOf(held, 100, { 0: stuck() }), knobs)), 1, 10, 20)
    const again = applied(twice, ...planUnstuck(factsOf(twice, 100, { 0: stuck(), 1: stuck() }), knobs))
    const third = declared(again, 2, 20, 30)
    expect(planUnstuck(factsOf(third, 100, { 0: stuck(), 1: stuck(), 2: stuck() }), knobs)).toEqual([])
  })

  test('keeps its tenant apart until the store has taken it', () => {
    const rejoin = { kind: 'rejoin', lanes: [1, 2], at: 30, slot: 1 } as const
    const plan = planUnstuck(factsOf(held, 100, { 0: stuck({ stuckTenant: 'ann' }) }), knobs)
    const doc = applied(held, ...plan)
    expect(mayJoin(factsOf(doc, 100, { 0: stuck({ stuckTenant: 'ann' }), 1: behind(20), 2: behind(20) }), rejoin)).toBe(
      false,
    )
    expect(mayJoin(factsOf(doc, 100, { 1: behind(20), 2: behind(20) }), rejoin)).toBe(true)
  })
})
