/** Where lanes that are behind are cut: at the head, at the same offsets for all that read together, and no more than pays. */
import { describe, expect, test } from 'vitest'
import type { PartitionFacts } from '../../../topology/engine/catch-up/lane-facts.ts'
import { planCuts } from '../../../topology/engine/catch-up/plan-cuts.ts'
import { laneClassOf } from '../../../topology/engine/lane-class.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { applied, behind, docOf, factsOf } from './given-facts.ts'

const knobs = { afterMs: 300_000, ranges: 4, leastRecords: 5_000, hasIdle: true } as const
const both = docOf(['totals', 'rows'], ['archive', 'objects'])
const end = 1_000_000

const rangesOf = (doc: LedgerDocument, sink: string): readonly (readonly [number, number | null, number])[] =>
  Object.values(doc.lanes)
    .filter((lane) => lane.sink === sink)
    .map((lane) => [lane.from, lane.to, lane.slot] as const)

describe('a live lane that is too far behind', () => {
  test('is cut at the head: the live lane goes on there, what lies behind becomes ranges in other slots', () => {
    const cuts = planCuts(factsOf(both, end, { 0: behind(0), 1: behind(0) }), knobs)
    const doc = applied(both, ...cuts)
    expect(rangesOf(doc, 'totals')).toEqual([
      [0, 2_000, 0],
      [2_000, 251_500, 1],
      [251_500, 501_000, 2],
      [501_000, 750_500, 3],
      [750_500, end, 1],
      [end, null, 0],
    ])
    expect(rangesOf(doc, 'archive')).toEqual(rangesOf(doc, 'totals'))
  })

  test('is cut before what has just come: a process that starts beside fresh events does not take them for old ones', () => {
    const facts = factsOf(both, end, { 0: behind(0), 1: behind(0) })
    const headsOf = (freshFrom?: number): readonly (number | undefined)[] =>
      planCuts(freshFrom === undefined ? facts : { ...facts, freshFrom }, knobs).map(({ cuts }) => cuts.at(-1))
    expect(headsOf(end - 2_500)).toEqual([end - 2_500, end - 2_500])
    expect(headsOf()).toEqual([end, end])
  })

  test('is cut at the end where all that it has not read has just come', () => {
    const [cut] = planCuts({ ...factsOf(both, end, { 0: behind(0) }), freshFrom: 10 }, knobs)
    expect(cut!.cuts.at(-1)).toBe(end)
  })

  test('is cut ahead of everything that it has read or declared, so that nothing is read twice', () => {
    const declared = applied(both, {
      kind: 'declare',
      lane: 0,
      at: 0,
      to: 9_000,
      rules: both.rules,
      code: 'v1',
      partBytes: 0,
      deletes: [],
    })
    const cuts = planCuts(factsOf(declared, end, { 0: behind(3_000), 1: behind(20_000) }), knobs)
    expect(cuts.map(({ at }) => at)).toEqual([22_000, 22_000])
    const alone = planCuts(factsOf(declared, end, { 0: behind(3_000) }), knobs)
    expect(alone.map(({ at }) => at)).toEqual([9_000])
  })

  test('is left alone while it is not late, or will be there in a moment', () => {
    const cutsOf = (more: Parameters<typeof behind>[1]) =>
      planCuts(factsOf(both, end, { 0: behind(990_000, more) }), knobs)
    expect(cutsOf({ lagMs: 300_000 })).toEqual([])
    expect(cutsOf({ eventsPerSecond: 2_500 })).toEqual([])
    expect(cutsOf({ eventsPerSecond: 500 })).toHaveLength(1)
  })

  test('is cut at the head alone when nobody has seen it read: what lies behind is cut when its pace is known', () => {
    const { eventsPerSecond: _unknown, ...unseen } = behind(0)
    const cutsOf = (facts: PartitionFacts): readonly unknown[] => planCuts(facts, knobs)
    const facts = factsOf(both, end, { 0: unseen, 1: unseen })
    expect(cutsOf({ ...facts, freshFrom: end - 10 })).toMatchObject([
      { lane: 0, at: end - 10, cuts: [], slots: [0] },
      { lane: 1, at: end - 10, cuts: [], slots: [0] },
    ])
    const doc = applied(both, ...planCuts(facts, knobs))
    expect(Object.values(doc.lanes).map((lane) => laneClassOf(doc, lane))).toEqual([
      ...['backlog', 'backlog', 'live', 'live'],
    ])
    expect(cutsOf({ ...facts, end: 9 * knobs.leastRecords })).toEqual([])
    expect(cutsOf(factsOf(both, end, { 0: { ...unseen, lagMs: 10 } }))).toEqual([])
  })

  test('is left alone where its sink is paused or failed, or its branch needs order', () => {
    const doc = docOf(['ordered', 'rows'], ['totals', 'rows'])
    const cuts = planCuts(factsOf(doc, end, { 0: behind(0), 1: behind(0, { isServed: false }) }), knobs)
    expect(cuts).toEqual([])
  })

  test('stands alone where other sinks are far away from it', () => {
    const cuts = planCuts(factsOf(both, end, { 0: behind(0), 1: behind(999_000, { lagMs: 10 }) }), knobs)
    expect(cuts.map(({ lane }) => lane)).toEqual([0])
  })

  test('makes ranges that are worth a lane each: a small backlog is one', () => {
    const cuts = planCuts(factsOf(both, 8_000, { 0: behind(0, { eventsPerSecond: 100 }) }), knobs)
    expect(cuts).toMatchObject([{ at: 200, cuts: [8_000], slots: [1, 0] }])
  })

  test('is not cut for ever: the document of a sink stays small however often it falls behind', () => {
    let doc = both
    for (let round = 1; round < 100; round++) {
      const live = Object.keys(doc.lanes).map(Number)
      const lanes = Object.fromEntries(
        live.map((id) => [id, doc.lanes[id]!.to === null ? behind(doc.lanes[id]!.from) : behind(doc.lanes[id]!.at)]),
      )
      doc = applied(doc, ...planCuts(factsOf(doc, end * round, lanes), { ...knobs, hasIdle: false }))
    }
    expect(Object.values(doc.lanes).filter(({ sink }) => sink === 'totals').length).toBeLessThanOrEqual(64)
  })
})

describe('a long range', () => {
  const replayed = applied(docOf(['totals', 'rows']), {
    kind: 'addSink',
    sink: 'totals@again',
    sinkKind: 'rows',
    from: 0,
    to: 400_000,
    fingerprint: 'v1',
    replay: { namespace: 'again', of: 'totals', fromMs: 0, toMs: 1 },
  })
  const lanes = { 0: behind(end, { lagMs: 0, lagEvents: 0 }), 1: behind(0, { eventsPerSecond: 0 }) }

  test('of a replay is cut into ranges too, while more may be read than are there', () => {
    const cuts = planCuts(factsOf(replayed, end, lanes), knobs)
    expect(rangesOf(applied(replayed, ...cuts), 'totals@again')).toEqual([
      [0, 100_000, 0],
      [100_000, 200_000, 1],
      [200_000, 300_000, 2],
      [300_000, 400_000, 3],
    ])
    expect(planCuts(factsOf(replayed, end, lanes), { ...knobs, hasIdle: false })).toEqual([])
  })

  test('is cut in two where workers stand idle because a slot has no range, also while no more may read', () => {
    const full = { ...knobs, hasIdle: false, hasWorkers: true } as const
    const two = applied(replayed, ...planCuts(factsOf(replayed, end, lanes), full))
    expect(rangesOf(two, 'totals@again')).toEqual([
      [0, 200_000, 0],
      [200_000, 400_000, 1],
    ])
    const four = applied(replayed, ...planCuts(factsOf(replayed, end, lanes), knobs))
    const seen = Object.fromEntries(Object.keys(four.lanes).map((id) => [id, behind(four.lanes[Number(id)]!.at)]))
    expect(planCuts(factsOf(four, end, { ...seen, 0: lanes[0], 1: behind(90_000) }), full)).toEqual([])
  })

  test('is cut further when more ranges are wanted, the longest first', () => {
    const four = applied(replayed, ...planCuts(factsOf(replayed, end, lanes), knobs))
    const longest = Object.fromEntries(Object.keys(four.lanes).map((id) => [id, behind(four.lanes[Number(id)]!.at)]))
    const caught = { ...longest, 0: lanes[0], 1: behind(90_000), 2: behind(150_000), 4: behind(350_000) }
    expect(planCuts(factsOf(four, end, caught), knobs)).toEqual([])
    const [split] = planCuts(factsOf(four, end, caught), { ...knobs, ranges: 6 })
    expect(split).toMatchObject({ lane: 3, cuts: [expect.any(Number)] })
  })
})

describe('a run that ends by itself', () => {
  const draining = { ...knobs, isDraining: true } as const

  test('cuts by size alone, so that several workers have something to do', () => {
    const calm = behind(0, { lagMs: 0, eventsPerSecond: 100_000 })
    expect(planCuts(factsOf(both, end, { 0: calm, 1: calm }), draining)).toHaveLength(2)
    expect(planCuts(factsOf(both, 9_000, { 0: calm, 1: calm }), draining)).toEqual([])
  })
})
