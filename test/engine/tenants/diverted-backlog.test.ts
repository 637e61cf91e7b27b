/** A tenant that is limited or blocked while its partition is far behind: how many lanes the document comes to. */
import { describe, expect, test } from 'vitest'
import type { LaneFacts } from '../../../topology/engine/catch-up/lane-facts.ts'
import { type CutKnobs, planCuts } from '../../../topology/engine/catch-up/plan-cuts.ts'
import { applyProposal } from '../../../topology/engine/ledger/apply-proposal.ts'
import { finishLane, withLane } from '../../../topology/engine/ledger/document.ts'
import { planTenants, type TenantPlan } from '../../../topology/engine/tenants/plan-tenants.ts'
import type { TenantRule } from '../../../topology/engine/tenants/tenant-rule.ts'
import type { LaneState, LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { lanesPerSinkMax } from '../../../topology/model/limits.ts'
import { docOf } from '../catch-up/given-facts.ts'
import { usualKnobs } from './given-partition.ts'

const end = 3_000_000
const ranges = 8
const cutKnobs: CutKnobs = { afterMs: 300_000, ranges, leastRecords: 5_000, hasIdle: true }
const rule: TenantRule = { tenant: 'ann', rule: 'block', author: 'bob', reason: '', untilMs: null }

/** Records a second; one sink is slow, and stands apart from the others before long. */
const speeds: Readonly<Record<string, number>> = { totals: 20_000, store: 13_000, archive: 5_000 }

/** A partition of which every record is of one tenant, three million behind, looked at every half second. */
class GivenLone {
  doc: LedgerDocument = docOf(['totals', 'rows'], ['store', 'events'], ['archive', 'objects'])
  nowMs = 1_000_000
  rules: readonly TenantRule[] = []
  plan: TenantPlan | undefined
  /** The most lanes of one sink that there have been, and the most of one tenant in it. */
  most = { lanes: 0, own: 0 }

  lanesOf(sink: string): readonly LaneState[] {
    return Object.values(this.doc.lanes).filter((lane) => lane.sink === sink)
  }

  pass(seconds: number): void {
    for (const untilMs = this.nowMs + seconds * 1_000; this.nowMs < untilMs; this.nowMs += 500) {
      this.#look()
      this.#read()
      for (const sink of Object.keys(speeds)) this.#count(this.lanesOf(sink))
    }
  }

  #count(lanes: readonly LaneState[]): void {
    const own = lanes.filter(({ tenants }) => tenants.kind === 'only' && tenants.names.includes('ann')).length
    this.most = { lanes: Math.max(this.most.lanes, lanes.length), own: Math.max(this.most.own, own) }
  }

  #look(): void {
    const lanes = new Map(
      Object.entries(this.doc.lanes).map(([id, lane]) => [Number(id), this.#factsOf(Number(id), lane)]),
    )
    const tenants = [{ tenant: 'ann', eventsPerSecond: 20_000, bytesPerSecond: 2_000_000, share: 1 }]
    const facts = { doc: this.doc, nowMs: this.nowMs, end, lanes, tenants }
    const cuts = planCuts(facts, cutKnobs)
    this.plan = planTenants(facts, this.rules, usualKnobs, this.plan?.memory)
    for (const one of cuts.length > 0 ? cuts : this.plan.proposals) {
      const next = applyProposal(this.doc, one)
      if (typeof next !== 'string') this.doc = next
    }
  }

  #factsOf(id: number, { at, to }: LaneState): LaneFacts {
    const lagEvents = (to ?? end) - at
    const eventsPerSecond = this.#rateOf(id)
    return { position: at, lagEvents, lagMs: lagEvents === 0 ? 0 : (end - at) * 2, isServed: true, eventsPerSecond }
  }

  /** Where nothing is the lane's own it skips what it reads. */
  #rateOf(id: number): number {
    const permit = this.plan?.permits.get(id)
    if (permit?.mayRead === false) return 0
    const { sink, tenants } = this.doc.lanes[id]!
    const speed = speeds[sink]! * (tenants.kind === 'except' ? 4 : 1)
    return Math.min(permit?.recordsPerSecond ?? speed, speed)
  }

  #read(): void {
    for (const [key, lane] of Object.entries(this.doc.lanes)) {
      const at = Math.min(lane.to ?? end, lane.at + Math.ceil(this.#rateOf(Number(key)) / 2))
      this.doc = finishLane(withLane(this.doc, Number(key), { at }), Number(key))
    }
  }
}

describe('a lone tenant, three million records behind', () => {
  const kinds = ['block', 'limit'] as const
  const moments = [0, 0.5, 1, 2, 5, 20, 40]
  const cases = kinds.flatMap((kind) => moments.map((seconds) => [kind, seconds] as const))

  test.each(cases)('has as many lanes as there are ranges when it comes to a %s after %d s', (kind, seconds) => {
    const given = new GivenLone()
    given.pass(seconds)
    given.rules = [{ ...rule, rule: kind, eventsPerSecond: 500 }]
    given.pass(60)
    // One of them is live, and one has just been left.
    expect(given.most.own).toBeLessThanOrEqual(ranges + 2)
    expect(given.most.lanes).toBeLessThanOrEqual(3 * (ranges + 2))
    for (const sink of Object.keys(speeds)) expect(given.lanesOf(sink).length).toBeLessThanOrEqual(ranges + 4)
    expect(given.most.own).toBeGreaterThan(0)
  })

  test('beside forty others that are blocked as well: the document keeps its bound, and reads on', () => {
    const given = new GivenLone()
    given.pass(2)
    given.rules = Array.from({ length: 40 }, (_, index) => ({ ...rule, tenant: `t${index}` }))
    given.pass(60)
    expect(given.most.lanes).toBeGreaterThan(40)
    expect(given.most.lanes).toBeLessThanOrEqual(lanesPerSinkMax)
  })
})
