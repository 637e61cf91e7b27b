/** What people rule about tenants, and the limit that holds for all of them. */
import { describe, expect, test } from 'vitest'
import type { TenantRule } from '../../../topology/engine/tenants/tenant-rule.ts'
import { holdOf, rulesBySink, tenantRuleWords } from '../../../topology/engine/tenants/tenant-rule.ts'
import { GivenPartition, usualKnobs } from './given-partition.ts'

const rule = (tenant: string, more: Partial<TenantRule> = {}): TenantRule => ({
  ...{ tenant, rule: 'block', author: 'ann', reason: '', untilMs: null },
  ...more,
})
const calm = { ann: 100, bob: 100, cyd: 100 }

const readOf = (given: GivenPartition, tenant: string, sink = 'totals'): number =>
  given.read.get(sink)?.get(tenant) ?? 0

test('a rule is told with its whole rate, be it thousands or less than one event a second', () => {
  const told = [20_000, 0.5].map((eventsPerSecond) => tenantRuleWords(rule('ann', { rule: 'limit', eventsPerSecond })))
  expect([...told, tenantRuleWords(rule('ann'))]).toEqual(['limited to 20,000/s', 'limited to 0.5/s', 'blocked'])
})

test('the strictest rule holds, as long as it stands, in its branch', () => {
  const rules = [
    rule('ann', { rule: 'limit', eventsPerSecond: 500 }),
    rule('ann', { rule: 'limit', eventsPerSecond: 50, branch: 'archive' }),
    rule('ann', { untilMs: 1_000 }),
  ]
  expect(holdOf(rules, 'ann', 'totals', 999)).toEqual({ eventsPerSecond: 0 })
  expect(holdOf(rules, 'ann', 'totals', 1_000)).toEqual({ eventsPerSecond: 500 })
  expect(holdOf(rules, 'ann', 'archive', 1_000)).toEqual({ eventsPerSecond: 50 })
  expect(holdOf(rules, 'bob', 'totals', 1_000)).toBeUndefined()
  const spread = rulesBySink([rule('ann', { branch: 'picky' })], (branch) => (branch === 'picky' ? ['a', 'b'] : []))
  expect(spread.map(({ branch }) => branch)).toEqual(['a', 'b'])
})

describe('a person', () => {
  test('D3: blocks a tenant within seconds; its events wait, and are read when the block is over', () => {
    const given = new GivenPartition()
    given.pass(10_000, calm)
    given.rules = [rule('ann', { untilMs: given.nowMs + 60_000 })]
    given.pass(5_000, calm)
    const before = readOf(given, 'ann')
    given.pass(50_000, calm)
    expect([readOf(given, 'ann'), readOf(given, 'bob')]).toEqual([before, 6_500])
    given.pass(10_000, calm)
    expect(readOf(given, 'ann')).toBeGreaterThan(7_000)
    given.pass(30_000, calm)
    expect(given.lanesOf('ann')).toEqual([])
  })

  test('D3: limits a tenant to so many events a second, and nobody else', () => {
    const given = new GivenPartition()
    given.rules = [rule('ann', { rule: 'limit', eventsPerSecond: 50 })]
    given.pass(5_000, calm)
    const before = readOf(given, 'ann')
    given.pass(60_000, calm)
    expect((readOf(given, 'ann') - before) / 60).toBeCloseTo(50, 0)
    expect(readOf(given, 'bob')).toBe(6_500)
  })

  test("D4: switches a tenant off at one branch: that branch's input changes alone, and what was skipped comes later", () => {
    const given = new GivenPartition({ totals: 'rows', archive: 'objects' })
    given.pass(10_000, calm)
    given.rules = [rule('ann', { branch: 'archive' })]
    given.pass(60_000, calm)
    expect([readOf(given, 'ann', 'totals'), readOf(given, 'bob', 'archive')]).toEqual([7_000, 7_000])
    expect(readOf(given, 'ann', 'archive')).toBeLessThan(1_500)
    const [waiting] = given.lanesOf('ann')
    expect(waiting).toMatchObject({ sink: 'archive', tenants: { kind: 'only', names: ['ann'] } })
    given.rules = []
    given.pass(60_000, calm)
    for (const counts of given.read.values()) expect(counts).toEqual(given.sent)
  })

  test('blocks a tenant in what lies behind, too', () => {
    const given = new GivenPartition()
    given.pause('totals', true)
    given.pass(30_000, calm)
    given.cut('totals', 0, 8_000)
    given.pause('totals', false)
    given.capacity = 0.1
    given.rules = [rule('ann')]
    given.pass(120_000, {})
    given.capacity = 5
    given.pass(10_000, {})
    expect(readOf(given, 'ann')).toBeLessThan(200)
    expect(readOf(given, 'bob')).toBe(3_000)
  })

  test('is told which sinks cannot be held, because they keep their order', () => {
    const given = new GivenPartition({ totals: 'rows', ordered: 'rows' })
    const ordered = { ...given.doc.sinks['ordered']!, isOrdered: true as const }
    given.doc = { ...given.doc, sinks: { ...given.doc.sinks, ordered } }
    given.rules = [rule('ann')]
    given.pass(3_000, calm)
    expect(given.plan?.kept).toEqual([{ tenant: 'ann', sink: 'ordered', why: 'ordered' }])
    expect(given.lanesOf('ann').map(({ sink }) => sink)).toEqual(['totals'])
  })
})

describe('the default limit', () => {
  const limited = { ...usualKnobs, eventsPerSecond: 150, burstEvents: 1_000 }

  test('lets honest bursts pass, and holds who is over it for longer', () => {
    const given = new GivenPartition()
    given.knobs = limited
    given.pass(30_000, calm)
    given.pass(3_000, { ...calm, ann: 300 })
    given.pass(30_000, calm)
    expect(given.diverts).toEqual([])
    given.pass(60_000, { ...calm, ann: 600 })
    expect(given.diverts).toEqual(['ann'])
    const before = readOf(given, 'ann')
    given.pass(10_000, { ...calm, ann: 600 })
    expect((readOf(given, 'ann') - before) / 10).toBeCloseTo(150, -1)
  })

  test('is shared by the partitions of a tenant', () => {
    const given = new GivenPartition()
    given.knobs = { ...limited, partitionsOf: () => 3 }
    given.pass(60_000, calm)
    expect([...new Set(given.diverts)].sort()).toEqual(['ann', 'bob', 'cyd'])
    const [permit] = [...given.plan!.permits.values()]
    expect(permit?.recordsPerSecond).toBe(50)
  })
})

test('names of the knob are blocked like those of rules', () => {
  const given = new GivenPartition()
  given.knobs = { ...usualKnobs, blockedNames: ['ann'] }
  given.pass(10_000, calm)
  expect(readOf(given, 'ann')).toBeLessThan(500)
})
