import { describe, expect, test } from 'vitest'
import type { LaneStatus } from '../../topology/model/run-handle.ts'
import { Canary, type CanaryBranch } from '../../topology/observe/canary.ts'
import type { CanaryAge } from '../../topology/observe/surroundings.ts'
import { playSeconds } from './alerts/given-desk.ts'
import { startMs } from './given-snapshot.ts'

const lane = (more: Partial<LaneStatus> = {}): LaneStatus => ({
  sink: 'events',
  kind: 'events',
  spout: 'events',
  topic: 'shop',
  partition: 0,
  lane: 0,
  from: 0,
  to: null,
  tenants: { kind: 'all' },
  at: 0,
  declared: null,
  position: 0,
  slot: 0,
  lagEvents: 0,
  heldEvents: 0,
  counters: { received: 0, applied: 0, deadLettered: 0, dropped: 0 },
  committedAtMs: 0,
  ...more,
})

const branches: readonly CanaryBranch[] = [{ branch: 'events', closeMs: 1_000, isSearchable: true }]
const unsearched: readonly CanaryBranch[] = [{ branch: 'events', closeMs: 1_000, isSearchable: false }]

/** Ages by second; 100 records a second come, `atOf` says how far the lane is durable, `isThere` whether a look finds it. */
const play = (
  seconds: number,
  atOf: (second: number) => number,
  isThere: (offset: number, second: number) => boolean | undefined,
  watched = branches,
): readonly CanaryAge[] => {
  const canary = new Canary()
  return Array.from({ length: seconds }, (_, second) => {
    const nowMs = startMs + second * 1_000
    canary.see([lane({ at: atOf(second), position: second * 100 })], watched, nowMs, 60_000)
    for (const mark of canary.wanted(watched)) canary.found(mark, isThere(mark.offset, second))
    return canary.ages(watched, nowMs)[0]!
  })
}

const firedAt = (ages: readonly CanaryAge[]): number | undefined =>
  playSeconds(ages.length, (second) => ({ surroundings: { canaries: [ages[second]!] } })).firedAt('canary')

test('what waited in a backlog is missed only from the moment on at which it should be there', () => {
  const ages = play(
    70,
    (second) => (second < 60 ? 0 : 9_000),
    (_, second) => second >= 62,
  )
  expect(ages[61]).toMatchObject({ missing: 'not found', ageMs: 1_000 })
})

describe('D23: one sink is broken silently', () => {
  test('it commits and nothing is there: an alert within two intervals, with the place', () => {
    const ages = play(
      300,
      (second) => second * 100,
      (offset) => offset < 10_000,
    )
    // It broke at second 100, which was record 10,000.
    expect(firedAt(ages)).toBeGreaterThan(100)
    expect(firedAt(ages)).toBeLessThanOrEqual(220)
    expect(ages.at(-1)).toMatchObject({ missing: 'not found', place: 'shop/0@11999' })
  })
  test('and whoever believes its word never hears of it', () => {
    expect(
      firedAt(
        play(
          300,
          (second) => second * 100,
          () => false,
          unsearched,
        ),
      ),
    ).toBeUndefined()
  })
  test('it commits no more: an alert within two intervals', () => {
    const ages = play(
      300,
      (second) => Math.min(second, 100) * 100,
      () => true,
    )
    expect(firedAt(ages)).toBeLessThanOrEqual(221)
    expect(ages.at(-1)?.missing).toBe('not committed')
  })
  test('not while all is well, nor for a record that leaves nothing to be found', () => {
    const well = play(
      600,
      (second) => Math.max(0, second - 1) * 100,
      () => true,
    )
    expect(Math.max(...well.map(({ ageMs }) => ageMs))).toBe(0)
    expect(
      firedAt(
        play(
          600,
          (second) => second * 100,
          () => undefined,
        ),
      ),
    ).toBeUndefined()
  })
})

describe('a mark', () => {
  const marksOf = (lanes: readonly LaneStatus[], later: readonly LaneStatus[]): number => {
    const canary = new Canary()
    canary.see(lanes, unsearched, startMs, 60_000)
    canary.see(later, unsearched, startMs + 30_000, 60_000)
    return canary.ages(unsearched, startMs + 30_000)[0]!.ageMs
  }
  test('is set at the end of the log, and seen when every lane that holds it is past it', () => {
    const head = lane({ position: 50, lagEvents: 50 })
    expect(marksOf([head], [lane({ at: 99, position: 100 })])).toBe(29_000)
    expect(marksOf([head], [lane({ at: 100, position: 100 })])).toBe(0)
  })
  test('is still looked for when its lane is cut or parted', () => {
    const head = lane({ position: 50, lagEvents: 50 })
    const [behind, live] = [lane({ to: 100, at: 60 }), lane({ lane: 1, from: 100, at: 500 })]
    expect(marksOf([head], [behind, live])).toBe(29_000)
    expect(marksOf([head], [live])).toBe(0)
  })
  test('is not set in an empty log', () => {
    expect(marksOf([lane({ from: 7, at: 7, position: 7 })], [lane({ from: 7, at: 7, position: 7 })])).toBe(0)
  })
})

test('a branch that is paused or gone is not looked for', () => {
  const canary = new Canary()
  canary.see([lane({ position: 10 })], branches, startMs, 60_000)
  canary.see([lane({ position: 10 })], [], startMs + 1_000, 60_000)
  expect([canary.wanted([]), canary.ages([], startMs)]).toEqual([[], []])
  canary.see([], branches, startMs + 2_000, 60_000)
  expect(canary.ages(branches, startMs + 500_000)[0]?.ageMs).toBe(0)
})
