/**
 * Whatever happens to a topology, its views equal the slow recomputation of the whole log (I-1, I-2, I-3): random
 * events, broken records, poison, deletes, cuts into ranges, crashes, and batches of every size.
 */
import fc from 'fast-check'
import { CRASH, cut, put, remove, settle, type TestStep, testTopology } from 'spillway/testing'
import { test } from 'vitest'
import { everySink } from './every-sink.ts'
import { expectTruth } from './expect-truth.ts'
import { startMs } from './orders.ts'

const place = fc.record({
  project: fc.constantFrom('ann', 'bob', 'cyd'),
  collection: fc.constantFrom('new', 'old'),
  partition: fc.nat(1),
  minutes: fc.nat(3),
})
const body = fc.record(
  {
    kind: fc.constantFrom('a', 'b'),
    value: fc.integer({ min: -2, max: 3 }),
    tags: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
    note: fc.constantFrom(null, true, 'text', 1.5),
    poison: fc.constantFrom(true, false, false, false, false),
  },
  { requiredKeys: ['kind', 'value'] },
)
const putStep = fc.tuple(place, fc.oneof({ weight: 9, arbitrary: body }, fc.constantFrom('{', '[1]', '', '"a"')))
const deleteStep = fc.record({
  project: fc.constantFrom('ann', 'bob', 'cyd'),
  filter: fc.constantFrom(
    { property_name: 'kind', operator: 'eq', property_value: 'a' },
    { property_name: 'kind', operator: 'ne', property_value: 'a' },
    { property_name: 'value', operator: 'gte', property_value: 2 },
  ),
})
const steps = fc.array(
  fc.oneof(
    { weight: 30, arbitrary: putStep.map(([at, content]) => ({ at, content })) },
    { weight: 3, arbitrary: deleteStep },
    { weight: 2, arbitrary: fc.constantFrom<TestStep>(CRASH, settle) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('store', 'schemas', 'totals', 'notes', 'archive').map((one) => cut(one, 2)),
    },
  ),
  { minLength: 1, maxLength: 50 },
)

type Given = typeof steps extends fc.Arbitrary<readonly (infer Step)[]> ? Step : never

const stepOf = (given: Given, index: number): TestStep => {
  if ('kind' in given) return given
  if ('filter' in given) return remove({ project: given.project, filters: [given.filter] })
  const { at, content } = given
  // Through JSON: what fast-check makes has no prototype.
  const text = typeof content === 'string' ? content : JSON.stringify({ number: index, ...content })
  const { project, collection, partition } = at
  return put(text, { project, collection, partition, atMs: startMs + at.minutes * 60_000 + index })
}

const knobs = fc.record({
  'batch.records': fc.integer({ min: 1, max: 12 }),
  'epoch.ageMs': fc.constantFrom(100, 1_000),
})

test('all views equal the recomputation of the log', async () => {
  await fc.assert(
    fc.asyncProperty(steps, knobs, fc.nat(1_000), async (given, tuned, seed) => {
      // More rejects than that would stop the lane, which has tests of its own.
      const options = { seed, knobs: { ...tuned, 'deadLetter.laneRatio': 1 }, startMs }
      await expectTruth(await testTopology(everySink, options).run(given.map(stepOf)))
    }),
    { numRuns: 60 },
  )
})
