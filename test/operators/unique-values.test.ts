/** Unique values below, at and above the number up to which they are exact: one answer for every cut and order. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Aggregate, count, countUnique, rollup, selectUnique } from '../../operators/index.ts'
import type { UniqueValues } from '../../operators/numbers/unique-values.ts'
import { seeded, shuffled } from '../../topology/testing/conformance/operator-under-test.ts'
import { foldAll, rollupRows } from './fold-rows.ts'

const exactValues = 1_000
const unique = countUnique('v', { exactValues })
const selected = selectUnique('v', { exactValues })
const names = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => `user-${from + i}`)

const add = (
  state: UniqueValues,
  values: readonly unknown[],
  weight: 1 | -1 = 1,
  aggregate: Aggregate<UniqueValues> = unique,
): UniqueValues => values.reduce<UniqueValues>((sum, value) => aggregate.add(sum, value, weight), state)

/** As a store does between two epochs. */
const stored = (state: UniqueValues): UniqueValues => unique.decode(JSON.parse(JSON.stringify(unique.encode(state))))

/** Values in several shards, each written after every epoch, added up in an order of chance. */
const cutAndMerged = (values: readonly unknown[], seed: number): UniqueValues => {
  const random = seeded(seed)
  const shards = Array.from({ length: 1 + Math.floor(random() * 4) }, () => unique.start())
  for (let from = 0; from < values.length; ) {
    const size = 1 + Math.floor(random() * 900)
    const at = Math.floor(random() * shards.length)
    shards[at] = stored(unique.merge(shards[at]!, add(unique.start(), values.slice(from, from + size))))
    from += size
  }
  return shuffled(shards, random).reduce((sum, shard) => unique.merge(sum, shard), unique.start())
}

const seeds = fc.integer({ min: 1, max: 1_000_000 })

describe('the number of unique values', () => {
  // Two fragments of at most 1,000 values: 1,400 lie between the bound of the whole and that of a fragment.
  test.each([0, 1, 999, 1_000, 1_001, 1_400, 2_600, 9_000])('of %i values is one for every cut', (size) => {
    const whole = add(unique.start(), names(0, size))
    const { value, approximate } = unique.read(whole)
    expect(approximate).toBe(size > exactValues)
    expect(Math.abs(Number(value) - size)).toBeLessThanOrEqual(size > exactValues ? size * 0.1 : 0)
    fc.assert(
      fc.property(seeds, (seed) => {
        const merged = cutAndMerged(shuffled([...names(0, size), ...names(0, size / 3)], seeded(seed)), seed)
        expect(unique.read(merged)).toEqual({ value, approximate })
        expect(selected.read(merged)).toEqual(selected.read(whole))
      }),
      { numRuns: 8 },
    )
  })

  test('is exact again when deletes lead back below the bound and no shard ever sampled', () => {
    const [left, right] = [add(unique.start(), names(0, 800)), add(unique.start(), names(600, 1_500))]
    const sum = (): UniqueValues => [stored(left), stored(right)].reduce(unique.merge, unique.start())
    expect(unique.read(sum())).toMatchObject({ approximate: true })
    add(right, names(900, 1_500), -1)
    expect(unique.read(sum())).toEqual({ value: 900, approximate: false })
  })

  test('stays an estimate where a shard has sampled, until it is empty', () => {
    const state = stored(add(unique.start(), names(0, 9_000)))
    const few = stored(add(state, names(500, 9_000), -1))
    expect(unique.read(few).approximate).toBe(true)
    expect(unique.read(stored(add(few, names(0, 500), -1)))).toEqual({ value: 0, approximate: false })
  })

  test('of 10,000 is exact by default, of 10,001 not', () => {
    const byDefault = countUnique('v')
    const state = add(byDefault.start(), names(0, 10_000), 1, byDefault)
    expect(byDefault.read(state)).toEqual({ value: 10_000, approximate: false })
    expect(byDefault.read(add(state, ['one more'], 1, byDefault)).approximate).toBe(true)
  })
})

test('an open delta keeps every value: what comes and goes in an epoch leaves no trace', () => {
  const state = add(unique.start(), names(0, 50_000))
  add(state, names(10, 50_000), -1)
  expect(unique.read(state)).toEqual({ value: 10, approximate: false })
})

test('unique values are listed in the order of answers, containers as they are', () => {
  const long = 'x'.repeat(900)
  const values = ['b', 'a', 10, 9, true, null, { b: [1], a: 2 }, [3], '\u0000[1]', long, undefined, 'a']
  expect(selected.read(add(selected.start(), values, 1, selected))).toEqual({
    value: [null, true, 9, 10, '\u0000[1]', [3], { a: 2, b: [1] }, 'a', 'b', long],
    approximate: false,
  })
})

describe('fragments', () => {
  const operator = rollup({
    window: '1 day',
    values: { n: count(), users: countUnique('user'), few: countUnique('user', { exactValues: 600 }) },
  })
  const tuples = names(0, 9_000).map((user) => ({ timestamp: 0, body: { user } }))

  test('hold the values of a row spread evenly, each row below 32 KiB', () => {
    const rows = rollupRows(operator, tuples)
    expect(rows.map(({ fragment }) => fragment).sort((left, right) => left - right)).toEqual(
      Array.from({ length: 17 }, (_, i) => i),
    )
    for (const { state } of rows) expect(operator.encode(state).length).toBeLessThan(32_768)
  })

  test('are touched only where they hold a value, and show nothing of their own', () => {
    const deltas = [...foldAll(operator, tuples.slice(0, 2)).values()]
    expect(deltas.map(({ key, state }) => [key[5] === 0, operator.columns(key, state)])).toEqual([
      [true, [2, null, 2]],
      [false, [null, null, null]],
      [false, [null, null, null]],
    ])
  })
})

test.each([99, 1_000_001, 1.5, Number.NaN])('exactValues %s is refused', (value) => {
  expect(() => countUnique('v', { exactValues: value })).toThrow('countUnique: exactValues')
  expect(() => selectUnique('v', { exactValues: value })).toThrow('selectUnique: exactValues')
})
