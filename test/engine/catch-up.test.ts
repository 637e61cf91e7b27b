/** A live lane that is behind goes on at the head at once; what lies behind is read beside it, and every view is the same (I-1). */
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenBacklog, placesOf } from './given-backlog.ts'
import { planted } from './planted.ts'

// A fetch reads about 250 records: without anything else 1,250 a second.
const knobs = {
  'fetch.partitionBytes': 65_536,
  'catchUp.afterMs': 10_000,
  'epoch.records': 5_000,
  'objects.ageMs': 1_000,
  'start.rampMs': 0,
}

describe('a live lane that is an hour behind', () => {
  test('shows what is fresh within seconds, long before the backlog is gone', async () => {
    const given = new GivenBacklog()
    given.backlog(40_000)
    const run = await given.start(everySink, { knobs })
    await given.stream(6_000)
    expect(Math.max(...placesOf(run, 'totals'))).toBeGreaterThan(given.end - 30)
    expect(Math.max(...placesOf(run, 'archive'))).toBeGreaterThan(given.end - 50)
    expect(run.status().lanes.filter(({ to }) => to !== null).length).toBeGreaterThan(4)
    await given.stream(20_000)
    expect(run.status().lanes.filter(({ to }) => to !== null)).toEqual([])
    await given.drive(run.stop())
    await expectTruth(given.truth(everySink))
  })

  test('would show nothing fresh, were it not cut', async () => {
    const given = new GivenBacklog()
    given.backlog(20_000)
    const run = await given.start(everySink, { knobs })
    await planted('live-is-never-cut', () => given.stream(6_000))
    expect(Math.max(...placesOf(run, 'totals'))).toBeLessThan(20_000)
    await given.drive(run.stop())
  })

  test('shares a cursor with the other sinks in every range: nothing is fetched once per sink', async () => {
    const given = new GivenBacklog()
    given.backlog(20_000)
    const run = await given.start(everySink, { knobs })
    await given.stream(30_000)
    const read = given.fetches.filter(({ from }) => from < 20_000).length
    expect(read).toBeLessThan((20_000 / 250) * 1.5)
    await given.drive(run.stop())
  })

  test('is drained by a run that ends by itself in one lane: there is nothing fresh to protect', async () => {
    const given = new GivenBacklog()
    given.backlog(5_000)
    expect(await given.run(everySink, { knobs })).toMatchObject({ state: 'caughtUp' })
    expect(given.fetches.length).toBeLessThan((5_000 / 250) * 1.2)
    await expectTruth(given.truth(everySink))
  })
})

describe('cuts that the planner makes', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'give the same results wherever they lie, with pauses and a crash: seed %i',
    async (seed) => {
      const random = seededRandom(seed)
      const between = (low: number, high: number): number => low + Math.floor(random.next() * (high - low))
      const given = new GivenBacklog()
      given.fetchMs = () => between(20, 400)
      given.backlog(between(2_000, 8_000))
      const own = {
        ...knobs,
        'catchUp.perPartitionRanges': between(1, 9),
        'backlog.activeLanes': between(0, 4),
        'epoch.records': between(500, 4_000),
        'batch.records': between(10, 500),
      }
      const run = await given.start(everySink, { knobs: own })
      await given.stream(between(1_000, 8_000))
      run.pause('totals')
      await given.stream(between(1_000, 20_000))
      run.resume('totals')
      await given.stream(between(1_000, 8_000))
      await given.drive(run.stop())
      const again = await given.start(everySink, { knobs: own })
      await given.stream(between(1_000, 15_000))
      await given.drive(again.stop())
      expect(await given.run(everySink, { knobs })).toMatchObject({ state: 'caughtUp' })
      await expectTruth(given.truth(everySink))
    },
  )
})
