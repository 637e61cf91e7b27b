/**
 * The laws of an aggregate: a commutative group over the values of one path (I-1, I-3).
 *
 * An aggregate that passes can stand in a rollup. Values of every kind are mixed in: an aggregate ignores what it
 * cannot use and never throws.
 */
import assert from 'node:assert/strict'
import type { Aggregate } from '../../model/aggregate.ts'
import type { JsonValue } from '../../model/json.ts'
import { seeded, shuffled } from './operator-under-test.ts'

export interface AggregateUnderTest {
  readonly aggregate: Aggregate
  /** A value that the aggregate is made for. */
  value(random: () => number): unknown
}

export interface AggregateClause {
  readonly name: string
  run(make: () => AggregateUnderTest): Promise<void>
}

const clause = (name: string, check: (fixture: AggregateUnderTest) => void): AggregateClause => ({
  name,
  run: async (make) => check(make()),
})

const strangers: readonly unknown[] = [undefined, null, true, '', 'unicorn', [1, 'a'], { a: 1 }, -0, 1e308, 5e-324]

/** A value with the time and place of its tuple. Times and places meet now and then. */
interface Timed {
  readonly value: unknown
  readonly timeMs: number
  readonly partition: number
  readonly offset: number
}

const valuesOf = ({ value }: AggregateUnderTest, seed: number): readonly Timed[] => {
  const random = seeded(seed)
  const values = shuffled([...strangers, ...Array.from({ length: 60 }, () => value(random))], random)
  return values.map((one) => ({
    value: one,
    timeMs: Math.floor(random() * 20) * 1_000,
    partition: Math.floor(random() * 2),
    offset: Math.floor(random() * 3),
  }))
}

const added = (aggregate: Aggregate, values: readonly Timed[], weight: 1 | -1 = 1, from = aggregate.start()): unknown =>
  values.reduce<unknown>(
    (state, { value, timeMs, partition, offset }) =>
      aggregate.addAt === undefined
        ? aggregate.add(state, value, weight)
        : aggregate.addAt(state, value, weight, timeMs, partition, offset),
    from,
  )

const textOf = (aggregate: Aggregate, state: unknown): string => JSON.stringify(aggregate.encode(state))

export const aggregateClauses: readonly AggregateClause[] = [
  clause('add: any order gives the same state', (fixture) => {
    const { aggregate } = fixture
    if (aggregate.order !== 'commutative') return
    const values = valuesOf(fixture, 1)
    const text = textOf(aggregate, added(aggregate, values))
    for (const seed of [2, 3]) assert.equal(textOf(aggregate, added(aggregate, shuffled(values, seeded(seed)))), text)
  }),

  clause('add: -1 undoes +1 to the bit', (fixture) => {
    const { aggregate } = fixture
    const [kept, gone] = [valuesOf(fixture, 4), valuesOf(fixture, 5)]
    const state = added(aggregate, gone, 1, added(aggregate, kept))
    const text = textOf(aggregate, added(aggregate, kept))
    assert.equal(textOf(aggregate, added(aggregate, shuffled(gone, seeded(6)), -1, state)), text)
  }),

  clause('merge: the sum of parts is the whole, and the right part is not changed', (fixture) => {
    const { aggregate } = fixture
    const values = valuesOf(fixture, 7)
    const right = added(aggregate, values.slice(30))
    const before = textOf(aggregate, right)
    const merged = aggregate.merge(added(aggregate, values.slice(0, 30)), right)
    assert.equal(textOf(aggregate, merged), textOf(aggregate, added(aggregate, values)))
    assert.equal(textOf(aggregate, right), before)
  }),

  clause('merge: a part of weight -1 takes out what was added', (fixture) => {
    const { aggregate } = fixture
    const values = valuesOf(fixture, 8)
    const taken = added(aggregate, values.slice(0, 30), -1)
    const left = aggregate.merge(added(aggregate, values), taken)
    assert.equal(textOf(aggregate, left), textOf(aggregate, added(aggregate, values.slice(30))))
  }),

  clause('start: nothing added is the empty state, each time a new one', ({ aggregate, value }) => {
    const empty = textOf(aggregate, aggregate.start())
    added(aggregate, [{ value: value(seeded(9)), timeMs: 0, partition: 0, offset: 0 }])
    assert.equal(textOf(aggregate, aggregate.start()), empty)
    assert.deepEqual(aggregate.read(aggregate.start()), aggregate.read(aggregate.decode(JSON.parse(empty))))
  }),

  clause('isEmpty: it is told of nothing, and of nothing else', (fixture) => {
    const { aggregate } = fixture
    if (aggregate.isEmpty === undefined) return
    const values = valuesOf(fixture, 13)
    const isEmpty = (state: unknown): boolean => aggregate.isEmpty!(state)
    assert.ok(isEmpty(aggregate.start()) && isEmpty(added(aggregate, values, -1, added(aggregate, values))))
    assert.ok(!isEmpty(added(aggregate, values)) && !isEmpty(added(aggregate, values, -1)))
  }),

  clause('spread: the fragments add up to the whole, and each value has one', (fixture) => {
    const { aggregate } = fixture
    const { spread } = aggregate
    if (spread === undefined) return
    const values = valuesOf(fixture, 14)
    const fragments = Array.from({ length: spread.fragments }, () => aggregate.start())
    for (const one of values) {
      const at = spread.fragmentOf(one.value)
      assert.ok(Number.isInteger(at) && at >= -1 && at < spread.fragments, `fragment ${at} of ${spread.fragments}`)
      if (at >= 0) fragments[at] = spread.addTo(fragments[at], one.value, 1, at)
    }
    const whole = shuffled(fragments, seeded(15)).reduce<unknown>(
      (sum, fragment) => aggregate.merge(sum, fragment),
      aggregate.start(),
    )
    assert.equal(textOf(aggregate, whole), textOf(aggregate, added(aggregate, values)))
  }),

  clause('encode: decoding gives back a state with the same text and the same answer', (fixture) => {
    const { aggregate } = fixture
    const state = added(aggregate, valuesOf(fixture, 10))
    const json: JsonValue = JSON.parse(textOf(aggregate, state))
    assert.deepEqual(aggregate.encode(aggregate.decode(json)), json)
    assert.deepEqual(aggregate.read(aggregate.decode(json)), aggregate.read(state))
  }),

  clause('read: the answer is JSON and fits the column', (fixture) => {
    const { aggregate } = fixture
    for (const values of [valuesOf(fixture, 11), []]) {
      const { value } = aggregate.read(added(aggregate, values))
      assert.deepEqual(JSON.parse(JSON.stringify(value)), value)
      if (aggregate.columnType === 'integer' && value !== null) assert.ok(Number.isSafeInteger(value))
      if (aggregate.columnType === 'double' && value !== null) assert.equal(typeof value, 'number')
    }
  }),

  clause('sizeBytes: it is told and grows no faster than what is added', (fixture) => {
    const { aggregate } = fixture
    const values = valuesOf(fixture, 12)
    const size = aggregate.sizeBytes(added(aggregate, values))
    assert.ok(size > 0 && size < 16_384 + values.length * 1_024, `sizeBytes says ${size}`)
  }),
]
