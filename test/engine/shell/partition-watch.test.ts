/** What the supervisor makes of the reports of lanes: never more than was read, and no time in which nobody looked. */
import { describe, expect, test } from 'vitest'
import { planUnstuck } from '../../../topology/engine/catch-up/plan-unstuck.ts'
import { applied, docOf } from '../catch-up/given-facts.ts'
import { GivenLane, lookedFromMs as startMs } from './given-lane.ts'

/** A range of the backlog. */
const ranges = applied(docOf(['totals', 'rows']), { kind: 'cut', lane: 0, at: 1_000_000, cuts: [], slots: [1] })
const written = applied(docOf(['totals', 'rows']), {
  ...{ kind: 'declare', lane: 0, at: 0, to: 10, rules: 1, code: 'v1', partBytes: 0, deletes: [] },
})

describe('what a lane has read', () => {
  test('is what its runner counts, also where places are told more often than counts', async () => {
    const given = new GivenLane(ranges)
    for (let look = 0; look <= 20; look++) {
      given.tell(look * 500, Math.floor(look / 2) * 1_000)
      await given.look()
    }
    expect(given.watch.behindRecords).toBeGreaterThan(9_500)
  })

  test('is never less than nothing, nor a burst, when its worker is replaced and the old one is heard once more', async () => {
    const given = new GivenLane(ranges)
    const rates: number[] = []
    const tell = async (position: number, records: number): Promise<void> => {
      given.tell(position, records)
      rates.push((await given.look()).lanes.get(0)?.takenPerSecond ?? 0)
    }
    for (let look = 0; look < 10; look++) await tell(500_000 + look * 500, 500_000 + look * 500)
    const before = given.watch.behindRecords
    await tell(504_500, 0)
    await tell(504_600, 504_500)
    await tell(504_700, 100)
    await tell(504_800, 200)
    expect(given.watch.behindRecords - before).toBeGreaterThanOrEqual(100)
    expect(given.watch.behindRecords - before).toBeLessThan(2_000)
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...rates)).toBeLessThanOrEqual(4_000)
  })

  test('is not forgotten while nothing is told of it', async () => {
    const given = new GivenLane(ranges)
    given.tell(0, 0)
    await given.look()
    given.tell(1_000, 1_000)
    await given.look()
    given.report = undefined
    await given.look()
    given.tell(1_200, 1_200)
    await given.look()
    expect(given.watch.behindRecords).toBe(1_200)
  })
})

describe('an epoch that is being written', () => {
  const knobs = { stuckMs: 10_000, isAlive: () => true }
  const writing = { phase: 'writing', phaseSinceMs: startMs } as const

  test('is stuck when it was seen so for ten seconds', async () => {
    const given = new GivenLane(written)
    given.tell(20, 20, writing)
    for (let look = 0; look < 19; look++) expect(planUnstuck(await given.look(), knobs)).toEqual([])
    expect(planUnstuck(await given.look(), knobs)).toMatchObject([{ kind: 'cut' }])
    expect(given.watch.isAlive('totals', 10_000)).toBe(false)
  })

  test('is not stuck because the process was stopped for a minute', async () => {
    const given = new GivenLane(written)
    given.tell(20, 20, writing)
    await given.look()
    const facts = await given.look(60_000)
    expect(planUnstuck(facts, knobs)).toEqual([])
    expect(facts.lanes.get(0)?.isServed).toBe(true)
    expect(given.watch.isAlive('totals', 10_000)).toBe(true)
    for (let look = 0; look < 14; look++) expect(planUnstuck(await given.look(), knobs)).toEqual([])
    given.tell(20, 20, { phase: 'writing', phaseSinceMs: given.clock.nowMs() })
    for (let look = 0; look < 10; look++) expect(planUnstuck(await given.look(), knobs)).toEqual([])
  })
})
