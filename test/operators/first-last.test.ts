/** The first and the last value by event time, with ties, deletes and many tuples. */
import { describe, expect, test } from 'vitest'
import { type Aggregate, first, last, rollup } from '../../operators/index.ts'
import type { Earliest } from '../../operators/numbers/earliest.ts'
import { eventId } from '../../topology/model/event-id.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { seeded, shuffled } from '../../topology/testing/conformance/operator-under-test.ts'
import { foldAll } from './fold-rows.ts'

interface Timed {
  readonly value: unknown
  readonly timeMs: number
  readonly partition: number
  readonly offset: number
}

const aggregates: readonly Aggregate<Earliest>[] = [first('v'), last('v')]

const add = (
  aggregate: Aggregate<Earliest>,
  list: readonly Timed[],
  weight: 1 | -1 = 1,
  from = aggregate.start(),
): Earliest =>
  list.reduce<Earliest>(
    (state, one) => aggregate.addAt!(state, one.value, weight, one.timeMs, one.partition, one.offset),
    from,
  )

const written = (aggregate: Aggregate<Earliest>, state: Earliest): Earliest =>
  aggregate.decode(JSON.parse(JSON.stringify(aggregate.encode(state))))

/** Many tuples of few times, so that ids decide. */
const many: readonly Timed[] = Array.from({ length: 3_000 }, (_, i) => ({
  value: `v${i}`,
  timeMs: -5_000 + Math.floor(i / 100) * 1_000,
  partition: i % 3,
  offset: Math.floor(i / 3) ^ 5,
}))
const idOf = (one: Timed): string => eventId(one.timeMs, partition(one.partition), offset(one.offset))
const byId = many.toSorted((left, right) => (idOf(left) < idOf(right) ? -1 : 1))
const answers = (aggregate: Aggregate, list: readonly Timed[]): unknown =>
  aggregate.name === 'first' ? list[0]?.value : list.at(-1)?.value

describe.each(aggregates)('$name', (aggregate) => {
  test('goes by event time and keen.id, whatever came first', () => {
    for (const seed of [1, 2]) {
      const state = add(aggregate, shuffled(many, seeded(seed)))
      expect(aggregate.read(state)).toEqual({ value: answers(aggregate, byId), approximate: false })
    }
  })

  test('is the same for every cut and number of writes, and stays below 32 KiB', () => {
    const whole = JSON.stringify(aggregate.encode(add(aggregate, many)))
    const list = shuffled(many, seeded(3))
    const parts = [list.slice(0, 700), list.slice(700, 710), list.slice(710)].map((part) => add(aggregate, part))
    const merged = parts
      .map((part) => written(aggregate, part))
      .reduceRight((left, right) => aggregate.merge(left, right))
    expect(JSON.stringify(aggregate.encode(merged))).toBe(whole)
    expect(whole.length).toBeLessThan(32_768)
  })

  test('is exact as long as one of the 256 that are kept is left', () => {
    const order = aggregate.name === 'first' ? byId : byId.toReversed()
    const state = add(aggregate, order.slice(0, 255), -1, written(aggregate, add(aggregate, many)))
    expect(aggregate.read(state)).toEqual({ value: order[255]!.value, approximate: false })
    expect(aggregate.read(add(aggregate, [order[255]!], -1, state))).toEqual({ value: null, approximate: true })
  })

  test('is not known when one that was only counted may be nearer than what another shard has kept', () => {
    const order = aggregate.name === 'first' ? byId : byId.toReversed()
    const far = add(aggregate, order.slice(-1))
    const many = written(aggregate, add(aggregate, order.slice(0, 600)))
    const left = aggregate.merge(far, add(aggregate, order.slice(0, 256), -1, many))
    expect(aggregate.read(left)).toEqual({ value: null, approximate: true })
  })

  test('leaves nothing behind when all have left', () => {
    const state = add(aggregate, shuffled(many, seeded(4)), -1, written(aggregate, add(aggregate, many)))
    expect(aggregate.isEmpty!(state)).toBe(true)
    expect(aggregate.encode(state)).toEqual([])
  })

  test('knows null as a value, passes over what is absent, and gives lists back', () => {
    const at = (value: unknown, timeMs: number): Timed => ({ value, timeMs, partition: 0, offset: 0 })
    const read = (...list: readonly Timed[]): unknown => aggregate.read(add(aggregate, list)).value
    expect(read(at(undefined, 1), at(null, 2), at(undefined, 3))).toBe(null)
    expect(read(at(undefined, 1), at([1, { a: 2 }], 2))).toEqual([1, { a: 2 }])
    expect(read()).toBe(null)
  })

  test('among tuples that are no events and have one time takes the smallest value', () => {
    const operator = rollup({ window: '1 day', values: { v: aggregate } })
    const tuples = ['b', 'a', 'c'].map((v) => ({ timestamp: 5, body: { v } }))
    for (const seed of [5, 6, 7]) {
      const [delta] = foldAll(operator, shuffled(tuples, seeded(seed))).values()
      expect(operator.columns(delta!.key, delta!.state)).toEqual(['a'])
    }
  })
})
