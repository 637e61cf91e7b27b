/** Repetitions count once in every view, whatever the cut, the crashes and the deletes (I-1, I-3). */
import { CRASH, remove, settle, TestResult, type TestStep, testTopology } from 'spillway/testing'
import { describe, expect, test } from 'vitest'
import { lanesOf } from '../../topology/engine/ledger/document.ts'
import type { LaneState } from '../../topology/model/ledger-document.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { expectOnce, once, send, windowMs } from './once.ts'
import { playPhases } from './play-phases.ts'

const one = { partitions: 1 }

test('A13: each event is sent one to three times and counts once', async () => {
  const steps = Array.from({ length: 30 }, (_, index) => index).flatMap((index) =>
    Array.from({ length: 1 + (index % 3) }, (_, again) =>
      send({ token: `t${index}`, order: index, value: index, atMs: index * 100 + again * 20_000 }),
    ),
  )
  const result = await testTopology(once, one).run(steps)
  const [even, odd] = await result.rows('per_order')
  expect([even?.['orders'], odd?.['orders']]).toEqual([15, 15])
  await expectOnce(result)
})

test('A13: a token that is older than the window is accepted again, and begins another window', async () => {
  const at = [0, windowMs - 1, windowMs, 2 * windowMs - 1, 2 * windowMs, 2 * windowMs + 1]
  const result = await testTopology(once, one).run(at.map((atMs, value) => send({ token: 't', value, atMs })))
  expect((await result.events('store', 'bought')).map(({ value }) => value)).toEqual([0, 2, 4])
  await expectOnce(result)
})

test('events without a token pass, and tokens of other projects and collections are others', async () => {
  const steps = [
    send({ value: 1, atMs: 0 }),
    send({ value: 2, atMs: 0 }),
    send({ token: '', value: 3, atMs: 0 }),
    send({ token: '', value: 4, atMs: 0 }),
    send({ token: 't', value: 5, atMs: 0 }),
    send({ token: 't', value: 6, atMs: 0, project: 'bob' }),
    send({ token: 't', value: 7, atMs: 0 }),
  ]
  const result = await testTopology(once, one).run(steps)
  expect((await result.events('store', 'bought')).length).toBe(6)
  await expectOnce(result)
})

test('append times that go back do not bring a duplicate through, also in another process', async () => {
  const at = [70_000, 55_000, 130_000, 10_001, 9_999, 69_999]
  const steps = at.flatMap((atMs, value) => [send({ token: 't', value, atMs }), settle])
  const result = await testTopology(once, one).run(steps)
  expect((await result.events('store', 'bought')).map(({ value }) => value).sort()).toEqual([0, 2, 4])
  await expectOnce(result)
})

const byToken = (token: string): TestStep =>
  remove({
    project: 'ann',
    filters: [{ property_name: 'keen.uniqueness_token', operator: 'eq', property_value: token }],
  })
const byValue = (value: number): TestStep =>
  remove({ project: 'ann', filters: [{ property_name: 'value', operator: 'eq', property_value: value }] })

describe('a delete of the first event brings no repetition back', () => {
  const first = send({ token: 't', value: 1, atMs: 0 })
  const again = send({ token: 't', value: 2, atMs: 10 })
  const late = send({ token: 't', value: 3, atMs: 20 })

  test.each<readonly [string, readonly TestStep[]]>([
    ['when all were taken before', [first, again, settle, byValue(1), settle, late]],
    ['when nothing was', [first, again, byValue(1), late]],
    ['when only the first was', [first, settle, byValue(1), again, settle, late]],
  ])('%s', async (_, steps) => {
    const result = await testTopology(once, one).run(steps)
    expect(await result.events('store', 'bought')).toEqual([])
    await expectOnce(result)
  })

  test('and a delete that matches repetitions takes each event out once', async () => {
    const result = await testTopology(once, one).run([first, again, settle, byToken('t'), byValue(2), settle, late])
    expect(await result.events('store', 'bought')).toEqual([])
    expect((await result.rows('all_totals')).map(({ value }) => value)).toEqual([3])
    await expectOnce(result)
  })
})

test('a duplicate counts as applied, and as dropped where a delete takes it first (I-8)', async () => {
  const steps = [0, 1, 2].map((value) => send({ token: 't', value, atMs: value }))
  const result = await testTopology(once, one).run([...steps, byValue(1)])
  const [doc] = Object.values(await result.ledger())
  const [[, lane]] = lanesOf(doc!, 'store') as [[number, LaneState]] // one lane
  expect(lane.counters).toEqual({ received: 3, applied: 2, deadLettered: 0, dropped: 1 })
  expect(await result.events('store', 'bought')).toHaveLength(1)
})

test.each(['before', 'after'] as const)('a crash %s any effect changes no decision', async (side) => {
  const phases = [
    [0, 1, 2].flatMap((index) => [
      send({ token: `t${index % 2}`, order: index % 2, value: index, atMs: index * 10 }),
      send({ token: `t${index}`, value: 3 + index, atMs: windowMs + index }),
    ]),
    [byValue(0), send({ token: 't0', order: 0, value: 8, atMs: 30 }), send({ token: 't9', value: 9, atMs: 40 })],
  ]
  const { effects } = await playPhases(once, phases)
  for (let effect = 1; effect <= effects; effect++) {
    const { resources } = await playPhases(once, phases, { effect, side })
    await expectOnce(new TestResult(once, resources, 0), `${side} ${effect}`)
  }
})

const seeds = Array.from({ length: 25 }, (_, index) => index + 1)

test.each(seeds)('random repetitions, deletes, crashes and batches equal the recomputation: seed %i', async (seed) => {
  const random = seededRandom(seed * 7_919)
  const below = (bound: number): number => Math.floor(random.next() * bound)
  let atMs = 0
  const step = (): TestStep => {
    const roll = below(20)
    if (roll === 0) return CRASH
    if (roll === 1) return settle
    if (roll === 2) return byToken(`t${below(4)}`)
    if (roll === 3) return byValue(below(10))
    atMs += below(9_000) - 2_000
    const [token, order] = [`t${below(5)}`, below(3)]
    const marks = below(6) === 0 ? {} : { token, order }
    return send({ ...marks, value: below(10), atMs, partition: below(2), project: below(4) === 0 ? 'bob' : 'ann' })
  }
  const steps = Array.from({ length: 40 + below(40) }, step)
  const knobs = { 'batch.records': 1 + below(6), 'epoch.records': 100, 'delete.epochMs': 10 }
  await expectOnce(await testTopology(once, { seed, knobs, partitions: 2 }).run(steps), `seed ${seed}`)
})
