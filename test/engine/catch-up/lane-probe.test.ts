/** The number of backlog lanes is found by measuring (D17). */
import { describe, expect, test } from 'vitest'
import { firstProbe, type ProbeSample, probeStep } from '../../../topology/engine/catch-up/lane-probe.ts'
import { seededRandom } from '../../../topology/testing/seeded-random.ts'

type Step = typeof probeStep

/** What so many lanes read together where they contend for the same stores: it rises, bends and falls. */
const contended =
  (alone: number, contention: number, coherence: number) =>
  (lanes: number): number =>
    (alone * lanes) / (1 + contention * (lanes - 1) + coherence * lanes * (lanes - 1))

const settingsOf = (rateOf: (lanes: number) => number, step: Step, seed = 1, wanted = 64): readonly number[] => {
  const random = seededRandom(seed)
  let state = firstProbe(2, 0)
  let records = 0
  return Array.from({ length: 1_200 }, (_, second) => {
    // A tenth of noise.
    records += rateOf(Math.min(state.limit, wanted)) * (0.9 + 0.2 * random.next())
    const sample: ProbeSample = { nowMs: (second + 1) * 1_000, records, wanted, isStrained: false }
    state = step(state, sample, { probeMs: 10_000, most: 256, least: 1 })
    return state.limit
  })
}

/** What it gives in the last ten of twenty minutes, to what the best number would. */
const settledShare = (rateOf: (lanes: number) => number, step: Step, seed = 1): number => {
  const best = Math.max(...Array.from({ length: 64 }, (_, index) => rateOf(index + 1)))
  const late = settingsOf(rateOf, step, seed).slice(600)
  return late.reduce((sum, lanes) => sum + rateOf(lanes), 0) / late.length / best
}

const models: readonly (readonly [string, number, number, number])[] = [
  ['one lane is best', 50_000, 0.9, 0.2],
  ['three lanes are best', 20_000, 0.05, 0.08],
  ['seven lanes are best', 10_000, 0.05, 0.02],
  ['twenty lanes are best', 2_000, 0.02, 0.0024],
]

describe('D17: backlog concurrency under contention', () => {
  test.each(models)('D17: settles within 15 % of the best setting where %s', (_name, alone, contention, coherence) => {
    for (const seed of [1, 2, 3, 4, 5])
      expect(settledShare(contended(alone, contention, coherence), probeStep, seed)).toBeGreaterThan(0.85)
  })

  test('D17: would not, were all ranges read at once, or one after the other', () => {
    const asMany: Step = (state) => ({ ...state, limit: 64 })
    const one: Step = (state) => ({ ...state, limit: 1 })
    expect(settledShare(contended(20_000, 0.05, 0.08), asMany)).toBeLessThan(0.85)
    expect(settledShare(contended(20_000, 0.05, 0.08), one)).toBeLessThan(0.85)
  })

  test('stays where it is once it has settled: neighbours are tried again now and then only', () => {
    const late = settingsOf(contended(10_000, 0.05, 0.02), probeStep).slice(600)
    const moves = late.filter((lanes, index) => index > 0 && lanes !== late[index - 1])
    expect(moves.length).toBeLessThan(20)
  })

  test('never measures fewer lanes than there are workers: one would stand idle for it', () => {
    const tried = settingsOf(
      () => 1_000,
      (state, sample, knobs) => probeStep(state, sample, { ...knobs, least: 2 }),
      1,
      4,
    )
    expect(Math.min(...tried)).toBe(2)
    expect(Math.min(...settingsOf(() => 1_000, probeStep, 1, 4))).toBe(1)
  })

  test('takes the smaller of two numbers that give the same', () => {
    expect(settingsOf((lanes) => Math.min(lanes, 4) * 1_000, probeStep).at(-1)).toBeLessThanOrEqual(4)
  })
})

describe('D5: when log or store answer late', () => {
  const strained = (nowMs: number): ProbeSample => ({ nowMs, records: 0, wanted: 64, isStrained: true })

  test('D5: the number is halved at once, and again after a while', () => {
    const knobs = { probeMs: 10_000, most: 256, least: 1 }
    const begun = { ...firstProbe(16, 0), measured: new Map([[16, { rate: 9, atMs: 0 }]]) }
    const half = probeStep(begun, strained(1_000), knobs)
    const same = probeStep(half, strained(2_000), knobs)
    const quarter = probeStep(same, strained(11_000), knobs)
    expect([half.limit, same.limit, quarter.limit]).toEqual([8, 8, 4])
    expect(half.measured.size).toBe(0)
  })

  test('nothing is learnt from a time in which fewer ranges were there than might read', () => {
    const state = probeStep(
      firstProbe(8, 0),
      { nowMs: 60_000, records: 9, wanted: 2, isStrained: false },
      {
        probeMs: 10_000,
        most: 256,
        least: 1,
      },
    )
    expect(state).toMatchObject({ limit: 8, sinceMs: 60_000 })
    expect(state.measured.size).toBe(0)
  })

  test('a partition that others have now takes its records along: nothing is learnt from that, and nothing breaks', () => {
    const knobs = { probeMs: 10_000, most: 256, least: 1 }
    const sample = (second: number, records: number): ProbeSample => ({
      nowMs: second * 1_000,
      records,
      wanted: 64,
      isStrained: false,
    })
    const before = probeStep(firstProbe(2, 0), sample(10, 50_000), knobs)
    const fewer = probeStep(before, sample(21, 1_000), knobs)
    expect(fewer).toEqual({ ...before, sinceMs: 21_000, sinceRecords: 1_000 })
    expect(probeStep(fewer, sample(31, 51_000), knobs).measured.get(fewer.limit)?.rate).toBe(5_000)
  })
})
