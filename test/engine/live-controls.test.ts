/** What people change of a running topology, and that the data is the same in the end (I-1): pauses, tenants. */

import { TestResult } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { readSchema } from '../../sinks/rows/read-schema.ts'
import { askRun } from '../../topology/ask-run.ts'
import type { EngineRun } from '../../topology/engine/shell/run-engine.ts'
import type { Wish } from '../../topology/standing-controls.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { GivenPorts } from './given-ports.ts'
import { order, orders } from './orders.ts'

const laneAt = (run: EngineRun, sink: string): number =>
  Math.min(...run.status().lanes.flatMap((lane) => (lane.sink === sink ? [lane.at] : [])))

/** Orders that come for a while, so many at once. */
const trickle = async (given: GivenPorts, from: number, to: number, everyMs = 1_000, atOnce = 1): Promise<void> => {
  for (let index = from; index < to; index += atOnce) {
    const atMs = given.clock.nowMs()
    given.append(orders(index, index + atOnce).map((one) => ({ ...one, atMs })))
    await given.pass(everyMs)
  }
}

const ask = (given: GivenPorts, wish: Wish): Promise<unknown> =>
  askRun(given.resources.rows, everySink.name, wish, { author: 'ann', reason: '', nowMs: given.clock.nowMs() })

const expectTrue = (given: GivenPorts): Promise<void> =>
  expectTruth(new TestResult(everySink, { ...given.resources, logs: { events: given.log } }, 0))

/** Everything that waits is let go on, then compared with the slow recomputation of the log. */
const expectExact = async (given: GivenPorts): Promise<void> => {
  await given.run(everySink)
  await expectTrue(given)
}

describe('a branch is paused', () => {
  test('A4: the objects branch for ten minutes while orders come: the log keeps them, and nothing is lost', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    await trickle(given, 0, 20)
    await ask(given, { kind: 'branch', branch: 'archive', isPaused: true })
    await given.pass(2_000)
    const at = laneAt(run, 'archive')
    await trickle(given, 20, 320, 20_000, 10)
    expect([laneAt(run, 'archive'), laneAt(run, 'store') >= 310]).toEqual([at, true])
    await ask(given, { kind: 'branch', branch: 'archive', isPaused: false })
    await given.pass(90_000)
    expect(laneAt(run, 'archive')).toBe(320)
    await given.drive(run.stop())
    await expectExact(given)
  })

  test('A11: a bolt is switched off live with everything below it; switched on again the counts are those of the log', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    await trickle(given, 0, 10)
    await ask(given, { kind: 'branch', branch: 'schema', isPaused: true })
    await trickle(given, 10, 80)
    expect([laneAt(run, 'schemas') <= 12, laneAt(run, 'totals') >= 77, laneAt(run, 'store') >= 77]).toEqual([
      true,
      true,
      true,
    ])
    await ask(given, { kind: 'branch', branch: 'schema', isPaused: false })
    await given.pass(90_000)
    expect(laneAt(run, 'schemas')).toBe(80)
    await given.drive(run.stop())
    await expectExact(given)
  })

  test('B4: with the schema off, writes are as fast as ever, and its `as_of` stands still and says so', async () => {
    const delays = async (branch: string | undefined): Promise<readonly [number, unknown]> => {
      const given = new GivenPorts()
      const run = await given.start(everySink)
      await trickle(given, 0, 70, 10_000, 10)
      if (branch !== undefined) await ask(given, { kind: 'branch', branch, isPaused: true })
      await given.pass(2_000)
      const { rows } = given.resources
      const before = await readSchema({ rows, sink: 'schemas' })
      given.append([order(70)])
      const beganMs = given.clock.nowMs()
      while (laneAt(run, 'store') < 71) await given.pass(50)
      const delayMs = given.clock.nowMs() - beganMs
      await given.pass(120_000)
      const isStill = JSON.stringify(await readSchema({ rows, sink: 'schemas' })) === JSON.stringify(before)
      expect(run.status().sinks['schemas']?.paused).toBe(branch !== undefined)
      await given.drive(run.stop())
      return [delayMs, isStill]
    }
    const [usualMs, moves] = await delays(undefined)
    expect(moves).toBe(false)
    expect(await delays('schema')).toEqual([usualMs, true])
  })
})

describe('tenants are ruled while orders come', () => {
  test('D4: one is switched off at one branch; the others, and the other branches, go on; later nothing is missing', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    await trickle(given, 0, 10)
    await ask(given, { kind: 'tenant', tenant: 'ann', branch: 'totals', eventsPerSecond: 0 })
    await given.pass(5_000)
    const own = run.status().lanes.filter(({ tenants }) => tenants.kind === 'only')
    expect(own.map(({ sink, slot }) => [sink, slot > 0])).toEqual([['totals', true]])
    const waitsAt = own[0]!.at
    await trickle(given, 10, 40)
    const now = run.status().lanes.filter(({ sink }) => sink === 'totals')
    expect(now.map(({ tenants, at }) => [tenants.kind, at >= 37])).toEqual([
      ['except', true],
      ['only', false],
    ])
    expect(now[1]!.at).toBe(waitsAt)
    expect(run.status().sinks['store']?.lagEvents).toBe(0)
    await ask(given, { kind: 'tenant', tenant: 'ann', branch: 'totals', eventsPerSecond: null })
    await given.pass(60_000)
    expect(run.status().lanes.filter(({ sink }) => sink === 'totals')).toHaveLength(1)
    await given.drive(run.stop())
    await expectExact(given)
  })

  test('D3: a block acts within five seconds on all branches', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    await trickle(given, 0, 10)
    await ask(given, { kind: 'tenant', tenant: 'ann', eventsPerSecond: 0 })
    await trickle(given, 10, 15)
    const own = run.status().lanes.filter(({ tenants }) => tenants.kind === 'only')
    expect(new Set(own.map(({ sink }) => sink)).size).toBe(5)
    const before = own.map(({ at }) => at)
    await trickle(given, 15, 30)
    const after = run.status().lanes.filter(({ tenants }) => tenants.kind === 'only')
    expect(after.map(({ at }) => at)).toEqual(before)
    const rules = [{ tenant: 'ann', rule: 'block', author: 'ann' }]
    expect([run.tenantRules, run.snapshot()?.tenantRules]).toMatchObject([rules, rules])
    expect(run.snapshot()?.tenants.find(({ tenant }) => tenant === 'ann')?.place).toBe('blocked')
    await given.drive(run.stop())
  })

  /** Twelve rules at random moments, then everything is let go on to the end. */
  const ruleAtRandom = async (seed: number): Promise<GivenPorts> => {
    const random = seededRandom(seed)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)]!
    const given = new GivenPorts()
    const run = await given.start(everySink, { knobs: { 'tenant.windowMs': 1_000, 'batch.records': 3 } })
    let sent = 0
    for (let round = 0; round < 12; round++) {
      const branch = random.next() < 0.5 ? {} : { branch: pick(['totals', 'archive', 'picky', 'store']) }
      const eventsPerSecond = pick([0, 1, null, null])
      await ask(given, { kind: 'tenant', tenant: pick(['ann', 'bob']), ...branch, eventsPerSecond })
      const more = Math.floor(random.next() * 20)
      await trickle(given, sent, sent + more, Math.floor(random.next() * 500))
      sent += more
    }
    await given.drive(run.stop())
    for (const tenant of ['ann', 'bob'])
      for (const branch of [{}, ...['totals', 'archive', 'picky', 'store'].map((one) => ({ branch: one }))])
        await ask(given, { kind: 'tenant', tenant, ...branch, eventsPerSecond: null })
    return given
  }

  test.each([1, 2, 3, 4, 5, 6])('exact, whoever is blocked, limited and freed when (seed %i)', async (seed) => {
    await expectExact(await ruleAtRandom(seed))
  })

  test('red while a blocked tenant still waits', async () => {
    const given = new GivenPorts()
    const run = await given.start(everySink)
    await ask(given, { kind: 'tenant', tenant: 'ann', branch: 'totals', eventsPerSecond: 0 })
    await given.pass(5_000)
    await trickle(given, 0, 10)
    await given.drive(run.stop())
    await expect(expectTrue(given)).rejects.toThrow('totals')
    await ask(given, { kind: 'tenant', tenant: 'ann', branch: 'totals', eventsPerSecond: null })
    await expectExact(given)
  })
})
