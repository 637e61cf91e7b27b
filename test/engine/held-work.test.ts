/** A run that ends by itself does not wait for what people hold back: it does the rest, says what is left, and ends. */
import { describe, expect, test } from 'vitest'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import type { RunOptions, RunOutcome } from '../../topology/model/run-handle.ts'
import type { TenantRuleLine } from '../../topology/model/run-snapshot.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenBacklog } from './given-backlog.ts'
import { numbersIn } from './seen-in-namespace.ts'

const block: TenantRuleLine = {
  ...{ tenant: 'ann', rule: 'block', author: 'bob', reason: '', untilMs: null },
}

// A fetch takes 200 ms and reads about 250 records.
const knobs = { 'fetch.partitionBytes': 65_536 }

/** A tenant reads apart since an earlier run, and has 2,000 records to read; the others have twice as many. */
const blocked = async (): Promise<GivenBacklog> => {
  const given = new GivenBacklog()
  const run = await given.start(everySink, { knobs })
  run.setTenantRules([block])
  await given.stream(5_000)
  await given.drive(run.stop())
  given.fresh(6_000)
  return given
}

interface Ended {
  readonly outcome: RunOutcome | undefined
  readonly told: readonly string[]
}

/** What has become of a run after a minute. */
const afterMinute = async (given: GivenBacklog, options: RunOptions, act: (run: EngineRun) => void): Promise<Ended> => {
  const run = await given.start(everySink, { untilCaughtUp: true, knobs, ...options })
  const told: string[] = []
  run.onHappening(({ level, text }) => level === 'warn' && told.push(text))
  act(run)
  let outcome: RunOutcome | undefined
  void run.ended.then((ended) => {
    outcome = ended
  })
  await given.pass(60_000)
  await given.drive(run.stop())
  return { outcome, told }
}

const expectTrue = (given: GivenBacklog): Promise<void> => expectTruth(given.truth(everySink))

const seenOf = async (given: GivenBacklog): Promise<readonly number[]> =>
  numbersIn(Object.values(await given.read(everySink).objects()).flat())

describe('a run until caught up', () => {
  test('ends where a tenant is blocked, with everything of the others, and names it', async () => {
    const given = await blocked()
    const { outcome, told } = await afterMinute(given, {}, (run) => run.setTenantRules([block]))
    expect(outcome).toMatchObject({ state: 'caughtUp' })
    expect(told).toEqual(['not done, because blocked: ann'])
    const seen = await seenOf(given)
    expect(seen.filter((number) => number % 3 !== 0)).toHaveLength(Math.floor((given.end * 2) / 3))
    // Until rules are known somebody may have begun.
    expect(seen.filter((number) => number % 3 === 0).length).toBeLessThan(given.end / 10)
  })

  test('ends where the tenant is blocked by a knob', async () => {
    const given = await blocked()
    const own = { knobs: { ...knobs, 'tenant.blockedNames': 'ann' } }
    expect((await afterMinute(given, own, () => undefined)).told).toEqual(['not done, because blocked: ann'])
  })

  test('reads everything where the block is over', async () => {
    const given = await blocked()
    const { outcome, told } = await afterMinute(given, {}, (run) => run.setTenantRules([]))
    expect([outcome?.state, told]).toEqual(['caughtUp', []])
    await expectTrue(given)
  })

  test('ends where a branch is paused, and names it; the next one reads the rest', async () => {
    const given = new GivenBacklog()
    given.fresh(40)
    const { outcome, told } = await afterMinute(given, {}, (run) => run.pause('archive'))
    expect([outcome?.state, told]).toEqual(['caughtUp', ['not done, because paused: archive']])
    expect(await seenOf(given)).toEqual([])
    expect(await given.run(everySink)).toMatchObject({ state: 'caughtUp' })
    await expectTrue(given)
  })

  test('waits for what is only limited', async () => {
    const given = await blocked()
    const limit: TenantRuleLine = { ...block, rule: 'limit', eventsPerSecond: 50 }
    const { outcome, told } = await afterMinute(given, {}, (run) => run.setTenantRules([limit]))
    expect([outcome?.state, told]).toEqual(['caughtUp', []])
    await expectTrue(given)
  })
})
