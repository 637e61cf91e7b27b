/**
 * The laws of a state operator. Run each clause against your own: `for (const clause of operatorClauses) test(clause.name, () => clause.run(make))`.
 *
 * Together they are what exactness rests on: any batching, cut and order gives the same rows (I-1), weight -1 undoes
 * weight +1 to the bit (I-3), and a state stays bounded (I-6).
 */
import assert from 'node:assert/strict'
import type { StateDeltas } from '../../model/operator.ts'
import { operatorShape } from './operator-shape.ts'
import {
  apply,
  fold,
  type OperatorClause,
  operatorClause,
  pieces,
  rowsOf,
  sampleOf,
  seeded,
  shuffled,
  visible,
} from './operator-under-test.ts'

const operatorLaws: readonly OperatorClause[] = [
  operatorClause('fold: any batching gives the same rows', (fixture) => {
    const { operator } = fixture
    const tuples = sampleOf(fixture)
    const whole = rowsOf(operator, fold(fixture, [tuples]))
    assert.ok(whole.length > 0, 'the sample makes at least one row')
    for (const max of [1, 7, 40]) {
      assert.deepEqual(rowsOf(operator, fold(fixture, pieces(tuples, max, seeded(max)))), whole)
    }
  }),

  operatorClause('fold: any order of the tuples gives the same rows, where order does not matter', (fixture) => {
    const { operator } = fixture
    if (operator.order !== 'commutative') return
    const tuples = sampleOf(fixture)
    const whole = rowsOf(operator, fold(fixture, [tuples]))
    for (const seed of [2, 3, 4]) {
      assert.deepEqual(rowsOf(operator, fold(fixture, [shuffled(tuples, seeded(seed))])), whole)
    }
  }),

  operatorClause('fold: two maps of deltas do not disturb each other, and an emptied one starts afresh', (fixture) => {
    const { operator } = fixture
    const tuples = sampleOf(fixture)
    const whole = rowsOf(operator, fold(fixture, [tuples]))
    const one: StateDeltas<unknown> = new Map()
    const two: StateDeltas<unknown> = new Map()
    for (const batch of pieces(tuples, 20, seeded(5))) {
      fold(fixture, [batch], 1, one)
      fold(fixture, [batch], 1, two)
    }
    assert.deepEqual([rowsOf(operator, one), rowsOf(operator, two)], [whole, whole])
    one.clear()
    assert.deepEqual(rowsOf(operator, fold(fixture, [tuples], 1, one)), whole)
  }),

  operatorClause('merge: any cut into epochs gives the same rows', (fixture) => {
    const { operator } = fixture
    const tuples = sampleOf(fixture)
    const whole = rowsOf(operator, fold(fixture, [tuples]))
    for (const max of [10, 50]) {
      const parts = pieces(tuples, max, seeded(max)).map((part) => fold(fixture, [part]))
      assert.deepEqual(rowsOf(operator, ...parts), whole)
    }
  }),

  operatorClause('merge: any order of merging gives the same rows, where order does not matter', (fixture) => {
    const { operator } = fixture
    if (operator.order !== 'commutative') return
    const parts = pieces(sampleOf(fixture), 25, seeded(6))
    const merged = (seed: number): readonly string[] =>
      rowsOf(operator, ...shuffled(parts, seeded(seed)).map((part) => fold(fixture, [part])))
    assert.deepEqual(merged(8), merged(7))
    assert.deepEqual(merged(9), merged(7))
  }),

  operatorClause('merge: the right state is never changed', (fixture) => {
    const { operator } = fixture
    for (const { state: right } of fold(fixture, [sampleOf(fixture, 60, 10)]).values()) {
      const before = operator.encode(right)
      for (const { state: left } of fold(fixture, [sampleOf(fixture, 60, 11)]).values()) operator.merge(left, right)
      assert.equal(operator.encode(right), before)
    }
  }),

  operatorClause('weight: -1 within a delta leaves what the other tuples alone give, to the bit', (fixture) => {
    const { operator } = fixture
    const tuples = sampleOf(fixture)
    const deltas = fold(fixture, [tuples])
    fold(fixture, [tuples.slice(0, 50)], -1, deltas)
    assert.deepEqual(rowsOf(operator, deltas), rowsOf(operator, fold(fixture, [tuples.slice(50)])))
  }),

  operatorClause('weight: -1 in an epoch of its own does the same to stored rows', (fixture) => {
    const { operator } = fixture
    const tuples = sampleOf(fixture)
    const gone = tuples.filter((_tuple, i) => i % 3 === 0)
    const left = tuples.filter((_tuple, i) => i % 3 !== 0)
    const rows = rowsOf(operator, fold(fixture, [tuples]), fold(fixture, [gone], -1))
    assert.deepEqual(rows, rowsOf(operator, fold(fixture, [left])))
  }),

  operatorClause('weight: a row whose last tuple has left is not seen', (fixture) => {
    const { operator } = fixture
    const tuples = sampleOf(fixture)
    assert.deepEqual(rowsOf(operator, fold(fixture, [tuples]), fold(fixture, [shuffled(tuples, seeded(12))], -1)), [])
  }),

  operatorClause('isEmpty: a row that holds tuples is seen', (fixture) => {
    const { operator } = fixture
    for (const tuple of sampleOf(fixture, 20, 13)) {
      const states = [...fold(fixture, [[tuple]]).values()]
      assert.ok(states.length === 0 || states.some(({ state }) => !operator.isEmpty(state)))
    }
  }),

  operatorClause('encode: decoding gives back a state with the same text, which goes on as before', (fixture) => {
    const { operator } = fixture
    const more = fold(fixture, [sampleOf(fixture, 60, 14)])
    for (const { key, state } of fold(fixture, [sampleOf(fixture)]).values()) {
      const text = operator.encode(state)
      assert.equal(operator.encode(operator.decode(text)), text)
      for (const { state: next } of more.values()) {
        const merged = operator.merge(operator.decode(text), next)
        const again = operator.merge(operator.decode(operator.encode(operator.decode(text))), next)
        assert.deepEqual(operator.columns(key, merged), operator.columns(key, again))
      }
    }
  }),

  operatorClause('sizeBytes: a written state stays below 4 MiB, and its size is told', (fixture) => {
    const { operator } = fixture
    const rows = new Map<string, string>()
    for (let round = 0; round < 20; round += 1) {
      apply(operator, rows, fold(fixture, [sampleOf(fixture, 1_000, 100 + round)]))
    }
    for (const text of rows.values()) {
      const size = operator.sizeBytes(operator.decode(text))
      assert.ok(text.length < 4_194_304, `a state of ${text.length} characters`)
      assert.ok(size > 0 && size * 20 > text.length, `sizeBytes says ${size} for a text of ${text.length}`)
    }
    assert.ok(visible(operator, rows).length > 0)
  }),
]

/** All clauses for a `StateOperator`. */
export const operatorClauses: readonly OperatorClause[] = [...operatorLaws, ...operatorShape]
