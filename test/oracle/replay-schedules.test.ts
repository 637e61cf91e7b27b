/**
 * The random schedules with replays among them: of random ranges, tenants and event times, beside deletes, cuts and
 * crashes. Every namespace equals the recomputation of its range, and the live views stay what they are (I-1, I-3, D21).
 */
import { replay, settle, type TestStep, testTopology } from 'spillway/testing'
import { expect, test } from 'vitest'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { createVirtualClock } from '../../topology/testing/virtual-clock.ts'
import { type Difference, differenceOf } from './compare-views.ts'
import { partitions, randomSchedule } from './random-schedule.ts'
import { scheduleTopology } from './schedule-topology.ts'

const startMs = createVirtualClock().nowMs()
const eventTimesMs = Date.UTC(2026, 0, 1)

/** The steps of a schedule with one or two replays somewhere behind a first settling. */
const withReplays = (
  seed: number,
  follows = false,
): { readonly steps: readonly TestStep[]; readonly namespaces: readonly string[] } => {
  const random = seededRandom(seed * 7_919 + 3)
  const below = (bound: number): number => Math.floor(random.next() * bound)
  const steps = [...randomSchedule(seed).steps]
  const first = below(steps.length)
  steps.splice(first, 0, settle)
  const namespaces = below(3) === 0 ? ['one', 'two'] : ['one']
  for (const into of namespaces) {
    const from = startMs + (below(2) === 0 ? 0 : below(4_000))
    const to = from + 1 + (below(2) === 0 ? 3_600_000 : below(4_000))
    const tenant = below(4) === 0 ? { tenant: 'ann' } : {}
    const frame = { startMs: eventTimesMs + below(3) * 40_000, endMs: eventTimesMs + 130_000 }
    const timeframe = below(4) === 0 ? { timeframe: frame } : {}
    const place = first + 1 + below(steps.length - first)
    const range = { from, into, ...tenant, ...timeframe }
    steps.splice(place, 0, replay(follows && below(2) === 0 ? range : { ...range, to }))
    // What ends is let go on later, by the same request without an end.
    if (follows) steps.splice(place + 1 + below(steps.length - place), 0, replay(range))
  }
  return { steps, namespaces }
}

const differenceAfter = async (seed: number, follows = false): Promise<Difference | undefined> => {
  const { knobs } = randomSchedule(seed)
  const { steps, namespaces } = withReplays(seed, follows)
  const result = await testTopology(scheduleTopology, { seed, partitions, knobs }).run(steps)
  for (const namespace of [undefined, ...namespaces]) {
    const difference = await differenceOf(result, namespace)
    if (difference !== undefined) return { ...difference, view: `${difference.view} of ${namespace ?? 'live'}` }
  }
  return undefined
}

test('every namespace equals the recomputation of its range after 200 random schedules', async () => {
  for (let seed = 1; seed <= 200; seed++) expect(await differenceAfter(seed), `seed ${seed}`).toBeUndefined()
}, 120_000)

test('the same where replays go on without an end, from the beginning or after they had one', async () => {
  for (let seed = 1; seed <= 100; seed++) expect(await differenceAfter(seed, true), `seed ${seed}`).toBeUndefined()
}, 120_000)
