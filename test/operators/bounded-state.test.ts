/** What aggregates say and keep when a row holds more distinct values than they keep one by one. */
import { describe, expect, test } from 'vitest'
import { type Aggregate, countUnique, maximum, minimum, percentile } from '../../operators/index.ts'
import { seeded, shuffled } from '../../topology/testing/conformance/operator-under-test.ts'

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i)

const add = <State>(aggregate: Aggregate<State>, state: State, values: readonly unknown[], weight: 1 | -1 = 1): State =>
  values.reduce<State>((sum, value) => aggregate.add(sum, value, weight), state)

/** As a store does between two epochs. */
const written = <State>(aggregate: Aggregate<State>, state: State): State => aggregate.decode(aggregate.encode(state))

const text = (aggregate: Aggregate, state: unknown): string => JSON.stringify(aggregate.encode(state))

const many = shuffled(range(0, 30_000), seeded(1))
const aggregates: readonly Aggregate[] = [minimum('v'), maximum('v'), percentile('v', 90), countUnique('v')]

describe.each(aggregates)('$name of 30,000 values', (aggregate) => {
  const whole = add(aggregate, aggregate.start(), many)

  test('is the same for every cut, order and number of writes', () => {
    const parts = [many.slice(0, 7_000), many.slice(7_000, 7_400), many.slice(7_400)]
    const stored = parts.reduce((state, part) => written(aggregate, add(aggregate, state, part)), aggregate.start())
    const merged = parts
      .map((part) => written(aggregate, add(aggregate, aggregate.start(), part)))
      .reduceRight((left, right) => aggregate.merge(left, right))
    expect(text(aggregate, stored)).toBe(text(aggregate, whole))
    expect(text(aggregate, merged)).toBe(text(aggregate, whole))
  })

  test('keeps a bounded text, in fragments where it is large', () => {
    const { fragments } = aggregate.spread ?? { fragments: 1 }
    expect(text(aggregate, whole).length / fragments).toBeLessThan(16_384)
  })

  test('is near the exact answer and says so', () => {
    const exact: Record<string, number> = { minimum: 0, maximum: 29_999, percentile: 26_999, countUnique: 30_000 }
    const { value, approximate } = aggregate.read(whole)
    expect(Math.abs(Number(value) - exact[aggregate.name]!)).toBeLessThanOrEqual(exact[aggregate.name]! * 0.05)
    expect(approximate).toBe(aggregate.name === 'percentile' || aggregate.name === 'countUnique')
  })

  test('within an epoch, values that come and go leave no trace', () => {
    const state = add(aggregate, aggregate.start(), [1, 2, 3])
    add(aggregate, state, many)
    add(aggregate, state, many, -1)
    expect(text(aggregate, state)).toBe(text(aggregate, add(aggregate, aggregate.start(), [1, 2, 3])))
  })

  test('when all but a few have left stored rows, the answer is right within the error', () => {
    const state = written(aggregate, add(aggregate, aggregate.start(), many))
    const left = written(aggregate, add(aggregate, state, range(0, 29_900), -1))
    const exact: Record<string, number> = { minimum: 29_900, maximum: 29_999, percentile: 29_989, countUnique: 100 }
    const { value, approximate } = aggregate.read(left)
    const error = aggregate.name === 'countUnique' ? 0.6 : 0.01
    expect(Math.abs(Number(value) - exact[aggregate.name]!)).toBeLessThanOrEqual(exact[aggregate.name]! * error)
    expect(approximate).toBe(aggregate.name !== 'maximum')
  })

  test('when all have left stored rows, the state is as if nothing had been', () => {
    const state = written(aggregate, add(aggregate, aggregate.start(), many))
    expect(text(aggregate, add(aggregate, state, many, -1))).toBe(text(aggregate, aggregate.start()))
  })
})

test('a thousand distinct values may leave in any order and the minimum stays exact', () => {
  const state = written(minimum('v'), add(minimum('v'), minimum('v').start(), range(0, 5_000)))
  expect(minimum('v').read(add(minimum('v'), state, range(0, 999), -1))).toEqual({ value: 999, approximate: false })
})

test('values that cannot be told apart by a short text still count as different', () => {
  const long = (end: string): string => 'x'.repeat(5_000) + end
  const values = [long('a'), long('b'), long('a'), '[1]', [1], { a: 1 }, '{"a":1}', '\u0000[1]', 5, '5', -0, 0]
  expect(countUnique('v').read(add(countUnique('v'), countUnique('v').start(), values)).value).toBe(10)
})
