/** Sum, average and deviation of doubles from both ends of their range, in any order and after any delete. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Aggregate, average, maximum, minimum, stddev, sum } from '../../operators/index.ts'
import { seeded, shuffled } from '../../topology/testing/conformance/operator-under-test.ts'
import { recompute } from '../oracle/recompute.ts'

const doubles = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value / 1_024),
  fc.constantFrom(1e308, -1e308, 8e307, 5e-324, -5e-324, 2.2250738585072014e-308, 1.5e-320, -0, 0, 1e16, 1, -1e16, 0.1),
  fc.integer().map((cents) => cents / 100),
)
const aggregates: readonly Aggregate[] = [sum('v'), average('v'), stddev('v'), minimum('v'), maximum('v')]

const add = (aggregate: Aggregate, values: readonly number[], weight: 1 | -1 = 1, from = aggregate.start()): unknown =>
  values.reduce<unknown>((state, value) => aggregate.add(state, value, weight), from)

const read = (aggregate: Aggregate, values: readonly number[]): unknown => aggregate.read(add(aggregate, values)).value

/** Added in an order of chance, partly in other shards, written in between; `gone` leaves again. */
const played = (aggregate: Aggregate, kept: readonly number[], gone: readonly number[], seed: number): unknown => {
  const random = seeded(seed)
  const all = shuffled([...kept, ...gone], random)
  const half = Math.floor(all.length * random())
  const written = (state: unknown): unknown => aggregate.decode(JSON.parse(JSON.stringify(aggregate.encode(state))))
  const one = written(add(aggregate, all.slice(0, half)))
  const whole = aggregate.merge(one, add(aggregate, all.slice(half)))
  return written(add(aggregate, shuffled(gone, random), -1, written(whole)))
}

describe.each(aggregates)('$name', (aggregate) => {
  test('of what is left is what the slow recomputation says, whatever has been there', () => {
    fc.assert(
      fc.property(
        fc.array(doubles, { maxLength: 6 }),
        fc.array(doubles, { maxLength: 6 }),
        fc.integer(),
        (kept, gone, seed) => {
          const { value, approximate } = aggregate.read(played(aggregate, kept, gone, seed))
          const exact = recompute[aggregate.name]!(kept)
          // Beyond the largest double an answer stops there and says so.
          if (approximate) expect(Math.abs(Number(value))).toBe(Number.MAX_VALUE)
          else expect(value).toBe(exact === null ? null : Number(exact) + 0)
        },
      ),
      { numRuns: 120 },
    )
  })

  test('is to the bit the state of what is left', () => {
    fc.assert(
      fc.property(fc.array(doubles), fc.array(doubles), fc.integer(), (kept, gone, seed) => {
        const text = JSON.stringify(aggregate.encode(played(aggregate, kept, gone, seed)))
        expect(text).toBe(JSON.stringify(aggregate.encode(add(aggregate, kept))))
      }),
      { numRuns: 150 },
    )
  })
})

test('an average that is too small for a double is zero, from whichever side', () => {
  for (const tiny of [5e-324, -5e-324]) expect(read(average('v'), [0, tiny])).toBe(0)
})

test('what cancels out leaves the small beside it', () => {
  expect(read(sum('v'), [1e308, 1e308, 5e-324, -1e308, -1e308])).toBe(5e-324)
  expect(read(average('v'), [1e308, 1e308])).toBe(1e308)
  expect(read(stddev('v'), [1e308, -1e308])).toBe(1e308)
  expect(read(stddev('v'), [5e-324, 0])).toBe(recompute['stddev']!([5e-324, 0]))
  expect([sum('v'), minimum('v'), maximum('v')].map((one: Aggregate) => read(one, [-0]))).toEqual([0, 0, 0])
})
