/** One tenant must not delay the others: the planner of tenants in a model of a partition that cannot follow. */
import { describe, expect, test } from 'vitest'
import { planTenants } from '../../../topology/engine/tenants/plan-tenants.ts'
import { GivenPartition } from './given-partition.ts'

const others = ['bob', 'cyd', 'dan', 'eve', 'fay', 'gil', 'hal', 'ida', 'jim']
const calm = Object.fromEntries(['ann', ...others].map((tenant) => [tenant, 100]))
const loud = { ...calm, ann: 10_000 }

interface Spike {
  readonly given: GivenPartition
  /** p99 delay of the others as a multiple of what it was before. */
  readonly late: number
  /** Their longest delay, ms. */
  readonly latest: number
}

/** A minute of calm, then one tenant at 100 x. */
const spike = (ms: number, given = new GivenPartition()): Spike => {
  given.pass(60_000, calm)
  const [fromMs, usual] = [given.nowMs, given.delay(0.99, others)]
  given.pass(ms, loud)
  return { given, late: given.delay(0.99, others, fromMs) / usual, latest: given.delay(1, others, fromMs) }
}

const isWhole = (given: GivenPartition): void => {
  for (const counts of given.read.values()) expect(counts).toEqual(given.sent)
}

describe('one tenant at 100 x', () => {
  test.each([60_000, 120_000, 300_000])('C20: for %i ms: the p99 delay of the others is 1.5 x that of calm', (ms) => {
    const { late, latest } = spike(ms)
    expect(late).toBeLessThanOrEqual(1.5)
    expect(latest).toBeLessThanOrEqual(2_250)
  })

  test('C20: red where nobody is diverted, and where it takes too long', () => {
    const never = new GivenPartition()
    never.planner = (facts, rules, _knobs, before) =>
      planTenants(facts, rules, { ...never.knobs, shareRatio: 2 }, before)
    const late = new GivenPartition()
    late.planner = (facts, rules, _knobs, before) => {
      const isLate = [...facts.lanes.values()].some(({ lagMs }) => lagMs > 30_000)
      return planTenants(facts, rules, { ...late.knobs, shareRatio: isLate ? 0.25 : 2 }, before)
    }
    for (const wrong of [never, late]) {
      expect(spike(120_000, wrong).late).toBeGreaterThan(1.5)
    }
  })

  test("D2: its own lag grows, the others' stay flat, and it joins them again when it has caught up", () => {
    const { given } = spike(120_000)
    expect(given.diverts).toEqual(['ann'])
    const facts = given.lags()
    expect(facts.get('ann')).toBeGreaterThan(30_000)
    expect(facts.get('')).toBeLessThan(200)
    given.pass(360_000, calm)
    expect([given.lanesOf('ann').length, given.rejoins.length, given.refused]).toEqual([0, 1, 0])
    given.pass(1_000, {})
    isWhole(given)
  })

  test('while it is still too large it stays apart although it has caught up', () => {
    const given = new GivenPartition()
    given.pass(60_000, calm)
    given.pass(20_000, loud)
    given.pass(300_000, { ...calm, ann: 2_000 })
    expect([given.lanesOf('ann').length, given.rejoins]).toEqual([1, []])
    given.pass(60_000, calm)
    expect(given.lanesOf('ann')).toEqual([])
  })

  test('who comes and goes in waves stays apart longer each time', () => {
    const given = new GivenPartition()
    given.pass(60_000, calm)
    for (let wave = 0; wave < 20; wave++) {
      given.pass(5_000, loud)
      given.pass(30_000, calm)
    }
    expect(given.diverts.length).toBeLessThanOrEqual(4)
    given.pass(600_000, calm)
    expect(given.lanesOf('ann')).toEqual([])
    isWhole(given)
  })
})

describe('nobody is diverted', () => {
  test('while the lane follows, whatever its share is', () => {
    const given = new GivenPartition()
    given.pass(120_000, { ...calm, ann: 2_000 })
    expect(given.diverts).toEqual([])
  })

  test.each([2, 3, 4, 6])('of %i tenants that are even when all are too much', (count) => {
    const given = new GivenPartition()
    given.pass(60_000, Object.fromEntries(others.slice(0, count).map((tenant) => [tenant, 6_000 / count])))
    expect(given.diverts).toEqual([])
  })

  test('where it is alone', () => {
    const given = new GivenPartition()
    given.pass(60_000, { ann: 6_000 })
    expect(given.diverts).toEqual([])
  })

  test('where the lane is only paused', () => {
    const given = new GivenPartition()
    given.pass(10_000, loud)
    given.pause('totals', true)
    given.diverts.length = 0
    given.pass(60_000, { ...loud, bob: 10_000 })
    expect(given.diverts).toEqual([])
  })
})

test('several are diverted one after the other, the largest first, and never too many', () => {
  const given = new GivenPartition({ totals: 'rows', archive: 'objects' })
  given.pass(30_000, calm)
  given.pass(60_000, { ...calm, ann: 9_000, bob: 7_000, cyd: 6_000 })
  // Both sinks share their cursors still.
  expect(given.diverts).toEqual(['ann', 'ann', 'bob', 'bob', 'cyd', 'cyd'])
  for (const tenant of ['ann', 'bob', 'cyd']) {
    const lanes = given.lanesOf(tenant)
    expect([lanes.length, new Set(lanes.map(({ from, slot }) => `${from} ${slot}`)).size]).toEqual([2, 1])
    expect(lanes[0]!.slot).toBeGreaterThan(0)
  }
  given.pass(400_000, {})
  isWhole(given)
})

test('a sink that needs its events in order keeps one lane; the others are parted as ever', () => {
  const given = new GivenPartition({ totals: 'rows', ordered: 'rows' })
  given.doc = {
    ...given.doc,
    sinks: { ...given.doc.sinks, ordered: { ...given.doc.sinks['ordered']!, isOrdered: true } },
  }
  spike(30_000, given)
  expect(given.lanesOf('ann').map(({ sink }) => sink)).toEqual(['totals'])
})
