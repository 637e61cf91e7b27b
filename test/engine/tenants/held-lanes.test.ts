/** Lanes that stand still for a decision about tenants: the decision comes at the next look, or they go on. */
import { expect, test } from 'vitest'
import type { LaneFacts } from '../../../topology/engine/catch-up/lane-facts.ts'
import { planTenants, type TenantPlan } from '../../../topology/engine/tenants/plan-tenants.ts'
import { applied, docOf, factsOf, nowMs } from '../catch-up/given-facts.ts'
import { usualKnobs } from './given-partition.ts'

const doc = docOf(['totals', 'rows'])
// It reads much faster than records come: until a decision is in the ledger it would be at the end of the log.
const late: LaneFacts = { position: 1_000, lagEvents: 50, lagMs: 600, isServed: true, eventsPerSecond: 10_000 }
const tenants = Object.entries({ ann: 0.5, bob: 0.4, cyd: 0.03, dan: 0.03, eve: 0.02, fay: 0.02 }).map(
  ([tenant, share]) => ({
    ...{ tenant, share, eventsPerSecond: 100 * share, bytesPerSecond: 10_000 * share },
  }),
)

/** A look, so long after the first one. */
const look = (lane: LaneFacts, afterMs = 0, before?: TenantPlan, now = doc, id = 0): TenantPlan => {
  const facts = { ...factsOf(now, 1_050, { [id]: lane }), tenants, nowMs: nowMs + afterMs }
  return planTenants(facts, [], usualKnobs, before?.memory)
}

test('a lane that cannot follow stands still, and the tenant that delays it leaves where it stands', () => {
  const held = look(late)
  expect([held.proposals, held.permits.get(0)?.mayRead, held.isWaiting]).toEqual([[], false, true])
  const parted = look({ ...late, lagMs: 700 }, 100, held)
  expect(parted.proposals).toMatchObject([{ kind: 'divert', lane: 0, at: 1_000, tenant: 'ann' }])
  const waiting = look({ ...late, lagMs: 800 }, 200, parted)
  expect(waiting.permits.get(0)?.mayRead).toBe(false)
})

test('one that had come to the end of the log before it stood still goes on', () => {
  const next = look({ ...late, position: 1_050, lagEvents: 0, lagMs: 0 }, 100, look(late))
  expect([next.proposals, next.permits.size, next.isWaiting]).toEqual([[], 0, false])
})

test('what is left of it is late for having stood still: nobody else leaves it for that', () => {
  const parted = look({ ...late, lagMs: 700 }, 100, look(late))
  const after = applied(doc, ...parted.proposals)
  const [id] = Object.entries(after.lanes).find(([, { tenants: scope }]) => scope.kind === 'except')!
  const next = look({ ...late, lagMs: 800 }, 200, parted, after, Number(id))
  expect([next.proposals, next.permits.get(Number(id))]).toEqual([[], undefined])
})
