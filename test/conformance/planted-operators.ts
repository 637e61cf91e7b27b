/** Operators and aggregates with one planted fault each, for the clause that must go red. */
import {
  count,
  countUnique,
  first,
  inferSchema,
  last,
  percentile,
  rollup,
  selectUnique,
  sum,
} from '../../operators/index.ts'
import { type Aggregate, defineAggregate } from '../../topology/model/aggregate.ts'
import { defineOperator, type StateDelta, type StateDeltas, type StateOperator } from '../../topology/model/operator.ts'
import type { AggregateUnderTest } from '../../topology/testing/conformance/aggregate.ts'
import type { OperatorUnderTest } from '../../topology/testing/conformance/operator-under-test.ts'
import { plainTuples } from '../operators/plain-tuples.ts'

const tuple = (random: () => number): unknown => ({
  project: random() < 0.8 ? 'a' : 'b',
  collection: random() < 0.8 ? 'x' : 'y',
  timestamp: Math.floor(random() * 3) * 60_000,
  body: {
    country: ['NZ', 'DE', null, 7][Math.floor(random() * 4)],
    price: Math.round(random() * 1e5) / 100,
    ...(random() < 0.5 ? { city: 'x' } : {}),
  },
})

export const underTest = (operator: StateOperator): OperatorUnderTest => ({ operator, tuple, tuplesOf: plainTuples })

interface Total {
  n: number
  total: number
}

type Plain = StateOperator<unknown, Total>

/** A small honest operator: whole numbers per project. */
const honest: Plain = defineOperator<unknown, Total>({
  name: 'total',
  doc: 'Number of tuples and sum of their cents.',
  order: 'commutative',
  retraction: 'exact',
  options: {},
  reads: [['price']],
  readsShapes: false,
  table: {
    partition: [{ name: 'project', type: 'text' }],
    cluster: [],
    columns: [{ name: 'total', type: 'integer' }],
  },
  epochAge: 'epoch.ageMs',
  fold(tuples, weight, into) {
    const prices = tuples.column(['price'])
    for (let i = 0; i < tuples.length; i += 1) {
      const { state } = deltaOf(into, tuples.projects()[i]!)
      state.n += weight
      state.total += weight * Math.round(Number(prices[i]) * 100)
    }
  },
  merge: (left, right) => ({ n: left.n + right.n, total: left.total + right.total }),
  isEmpty: (state) => state.n === 0 && state.total === 0,
  encode: (state) => JSON.stringify([state.n, state.total]),
  decode(text) {
    const [n = 0, total = 0]: readonly number[] = JSON.parse(text)
    return { n, total }
  },
  columns: (_key, state) => [state.total],
  sizeBytes: () => 32,
})

const deltaOf = (into: StateDeltas<Total>, project: string): StateDelta<Total> => {
  const delta = into.get(project) ?? { key: [project], state: { n: 0, total: 0 } }
  into.set(project, delta)
  return delta
}

const withFault =
  (fault: Partial<Plain>): (() => StateOperator) =>
  () => ({ ...honest, ...fault })

const remembering = (): StateOperator => {
  let last: StateDeltas<Total> = new Map()
  const fold: Plain['fold'] = (tuples, weight, into) => {
    // Keeps deltas of the map that it saw first.
    if (last.size === 0) last = into
    honest.fold(tuples, weight, last)
    for (const [id, delta] of last) into.set(id, delta)
  }
  return { ...honest, fold }
}

let instances = 0

/** Clause -> an operator that breaks it. */
export const plantedOperators: Readonly<Record<string, () => StateOperator>> = {
  'fold: any batching gives the same rows': withFault({
    fold(tuples, weight, into) {
      honest.fold(tuples, weight, into)
      deltaOf(into, 'a').state.total += weight
    },
  }),
  'fold: any order of the tuples gives the same rows, where order does not matter': withFault({
    fold(tuples, _weight, into) {
      const prices = tuples.column(['price'])
      for (let i = 0; i < tuples.length; i += 1) {
        deltaOf(into, tuples.projects()[i]!).state.total = Math.round(Number(prices[i]) * 100)
      }
    },
  }),
  'fold: two maps of deltas do not disturb each other, and an emptied one starts afresh': remembering,
  'merge: any cut into epochs gives the same rows': withFault({ merge: (left) => left }),
  'merge: any order of merging gives the same rows, where order does not matter': withFault({
    merge: (left, right) => ({ n: left.n + right.n, total: 2 * left.total - right.total }),
  }),
  'merge: the right state is never changed': withFault({
    merge(left, right) {
      right.total += left.total
      right.n += left.n
      return right
    },
  }),
  'weight: -1 within a delta leaves what the other tuples alone give, to the bit': withFault({
    fold: (tuples, _weight, into) => honest.fold(tuples, 1, into),
  }),
  'weight: -1 in an epoch of its own does the same to stored rows': withFault({
    merge: (left, right) => (right.n < 0 ? left : honest.merge(left, right)),
  }),
  'weight: a row whose last tuple has left is not seen': withFault({ isEmpty: () => false }),
  'isEmpty: a row that holds tuples is seen': withFault({ isEmpty: () => true }),
  'encode: decoding gives back a state with the same text, which goes on as before': withFault({
    decode: (text) => ({ ...honest.decode(text), n: 0 }),
  }),
  'sizeBytes: a written state stays below 4 MiB, and its size is told': withFault({ sizeBytes: () => 0 }),
  'key: it fits the table and has no empty cell': withFault({
    table: { ...honest.table, partition: [{ name: 'project', type: 'integer' }] },
  }),
  'key: equal keys have one id in every epoch, and an id names one key': withFault({
    fold(tuples, weight, into) {
      honest.fold(tuples, weight, into)
      instances += 1
      for (const [id, delta] of [...into]) {
        into.delete(id)
        into.set(`${id}${instances}`, delta)
      }
    },
  }),
  'columns: they fit the table': withFault({ columns: (_key, state) => [state.n, state.total] }),
  'table: column names differ, also from those that every state table has': withFault({
    table: { ...honest.table, columns: [{ name: 'State', type: 'integer' }] },
  }),
  'bound: guides are rows of the table, and neither question changes the deltas': withFault({
    bound: {
      guides: () => new Map(),
      bounded(deltas) {
        for (const { state } of deltas.values()) state.total += 1
        return deltas
      },
    },
  }),
  'options: they are plain data and every instance has the same': withFault({ options: { window: Number.NaN } }),
}

export const honestOperators: Readonly<Record<string, () => StateOperator>> = {
  'a small operator of a test': () => honest,
  rollup: () =>
    rollup({ window: '1 minute', by: ['country', 'city'], values: { orders: count(), revenue: sum('price') } }),
  'rollup with every option': () =>
    rollup({
      window: ['1 minute', '1 day', '1 month'],
      timezone: 'Europe/Berlin',
      by: ['country', 'city'],
      where: [
        { property_name: 'price', operator: 'lt', property_value: 900 },
        { property_name: 'country', operator: 'ne', property_value: 'DE' },
      ],
      groups: 100,
      values: {
        unique: countUnique('price'),
        few: countUnique('price', { exactValues: 100 }),
        prices: selectUnique('price', { exactValues: 5_000 }),
        earliest: first('price'),
        latest: last('city'),
        p95: percentile('price', 95),
      },
    }),
  inferSchema: () => inferSchema(),
}

const plainSum: Aggregate<number> = defineAggregate({
  name: 'cents',
  doc: 'Sum of whole cents.',
  order: 'commutative',
  retraction: 'exact',
  path: ['v'],
  options: {},
  columnType: 'integer',
  start: () => 0,
  add: (state, value, weight) =>
    Number.isInteger(value) && Number(value) < 1e9 ? state + weight * Number(value) : state,
  merge: (left, right) => left + right,
  read: (state) => ({ value: state, approximate: false }),
  encode: (state) => state,
  decode: Number,
  sizeBytes: () => 8,
})

const aggregateWith = (fault: Partial<Aggregate<number>>): Aggregate => ({ ...plainSum, ...fault })

interface Boxed {
  total: number
}

const shared: Boxed = { total: 0 }
const boxed = (fault: Partial<Aggregate<Boxed>>): Aggregate => {
  const { name, doc, order, retraction, path, options, columnType } = plainSum
  const box: Aggregate<Boxed> = defineAggregate<Boxed>({
    ...{ name, doc, order, retraction, path, options, columnType },
    start: () => ({ total: 0 }),
    add(state, value, weight) {
      state.total = plainSum.add(state.total, value, weight)
      return state
    },
    merge: (left, right) => ({ total: left.total + right.total }),
    read: ({ total }) => ({ value: total, approximate: false }),
    encode: ({ total }) => total,
    decode: (json) => ({ total: Number(json) }),
    sizeBytes: () => 8,
  })
  return { ...box, ...fault }
}

/** Clause -> an aggregate that breaks it. */
export const plantedAggregates: Readonly<Record<string, Aggregate>> = {
  'add: any order gives the same state': aggregateWith({
    add: (state, value) => (Number.isInteger(value) ? Number(value) : state),
  }),
  'add: -1 undoes +1 to the bit': aggregateWith({
    add: (state, value, weight) => (typeof value === 'number' ? state + weight * value : state),
  }),
  'merge: the sum of parts is the whole, and the right part is not changed': boxed({
    merge(left, right) {
      right.total += left.total
      return right
    },
  }),
  'merge: a part of weight -1 takes out what was added': aggregateWith({
    merge: (left, right) => left + Math.abs(right),
  }),
  'start: nothing added is the empty state, each time a new one': boxed({ start: () => shared }),
  'isEmpty: it is told of nothing, and of nothing else': aggregateWith({ isEmpty: (state) => state <= 0 }),
  'spread: the fragments add up to the whole, and each value has one': aggregateWith({
    spread: {
      fragments: 4,
      fragmentOf: (value) => (typeof value === 'number' ? 1 : -1),
      addTo: (state) => state,
    },
  }),
  'encode: decoding gives back a state with the same text and the same answer': aggregateWith({
    decode: (json) => Number(json) + 1,
  }),
  'read: the answer is JSON and fits the column': aggregateWith({
    read: (state) => ({ value: state / 3, approximate: false }),
  }),
  'sizeBytes: it is told and grows no faster than what is added': aggregateWith({ sizeBytes: () => 0 }),
}

export const aggregateUnderTest = (aggregate: Aggregate): AggregateUnderTest => ({
  aggregate,
  value: (random) => (random() < 0.5 ? Math.floor(random() * 1_000) : Math.round(random() * 1e5) / 100),
})
