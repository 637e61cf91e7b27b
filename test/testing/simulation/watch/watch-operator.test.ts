import { map } from 'rxjs'
import {
  type Aggregate,
  defineAggregate,
  defineOperator,
  defineTopology,
  log,
  type StateOperator,
  type Topology,
} from 'spillway'
import { count, first, inferSchema, last, rollup, sum } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import { hoursOfDay } from '../../../../examples/own-parts/hours-of-day.ts'
import { shareAbove } from '../../../../examples/own-parts/share-above.ts'
import { watchedRun } from '../watched-run.ts'

const pages = hoursOfDay(['page'])

const ofOperator = (operator: StateOperator<unknown, number>): Topology =>
  defineTopology('watched', (t) => {
    t.spout('visits', log()).bolt('hours', operator).sink('table', tableRows())
  })

const ofAggregate = (aggregate: Aggregate<never>): Topology =>
  defineTopology('watched', (t) => {
    t.spout('visits', log())
      .bolt(
        'speed',
        rollup({ window: '1 day', by: ['page'], values: { visits: count(), own: aggregate as Aggregate } }),
      ) // any state
      .sink('table', tableRows())
  })

const changed = (change: Partial<StateOperator<unknown, number>>): StateOperator<unknown, number> =>
  defineOperator<unknown, number>({ ...pages, ...change })

const share = shareAbove('ms', 500) as Aggregate as Aggregate<{ above: number; all: number }> // what `start` gives

describe('an operator that breaks a law is named by its bolt, with the law', () => {
  test.each<[string, string, Partial<StateOperator<unknown, number>>]>([
    ['I-3', 'weight: -1', { fold: (tuples, _weight, into) => pages.fold(tuples, 1, into) }],
    ['I-3', 'weight: -1', { merge: (left, right) => Math.max(left, right) }],
    ['I-1', 'columns: they fit', { columns: (_key, state) => [state, state] }],
    ['I-1', 'isEmpty: a row that holds', { isEmpty: (state) => Math.abs(state) < 2 }],
    ['I-1', 'encode: decoding', { columns: () => [Math.floor(Math.random() * 1e9)] }],
  ])('%s %s', async (invariant, law, change) => {
    const run = await watchedRun(ofOperator(changed(change)))
    expect(run.part).toEqual({ kind: 'operator', name: 'hours' })
    expect(run.what).toContain(`bolt hours: operator hoursOfDay breaks the law "${law}`)
    expect(run.invariant).toBe(invariant)
  })

  test('with the clock that it reads', async () => {
    const atNow = (tuples: Parameters<typeof pages.fold>[0], weight: 1 | -1, into: Parameters<typeof pages.fold>[2]) =>
      void into.set('now', { key: ['x', Date.now(), `${tuples.length}`], state: weight })
    const { part, what } = await watchedRun(ofOperator(changed({ fold: atNow })))
    expect(part).toEqual({ kind: 'operator', name: 'hours' })
    expect(what).toContain('it reads the clock (Date.now())')
  })

  test('one that throws too (I-9)', async () => {
    const fold = (): never => {
      throw new TypeError('not today')
    }
    const { part, invariant, what } = await watchedRun(ofOperator(changed({ fold })))
    expect({ part, invariant }).toEqual({ part: { kind: 'operator', name: 'hours' }, invariant: 'I-9' })
    expect(what).toContain('throws, which stops the run: not today')
  })

  test('an aggregate by its column too (I-3)', async () => {
    const broken = defineAggregate({ ...share, add: (state, value, _weight) => share.add(state, value, 1) })
    const run = await watchedRun(ofAggregate(broken as Aggregate as Aggregate<never>)) // any state
    expect(run.part).toEqual({ kind: 'operator', name: 'speed' })
    expect(run.what).toContain('aggregate shareAbove of column own breaks the law "add: -1 undoes +1 to the bit"')
    expect(run.invariant).toBe('I-3')
  })
})

describe('what keeps the laws passes', () => {
  test.each<[string, Topology]>([
    ['an operator over events', ofOperator(pages)],
    ['an aggregate', ofAggregate(shareAbove('ms', 500) as Aggregate as Aggregate<never>)], // any state
    [
      'an operator behind a bolt',
      defineTopology('watched', (t) => {
        t.spout('visits', log())
          .bolt(
            'plain',
            map((event) => ({ timestamp: event.timestamp, page: event.body['page'] })),
          )
          .bolt('hours', pages)
          .sink('table', tableRows())
      }),
    ],
    [
      'what is built in',
      defineTopology('watched', (t) => {
        const visits = t.spout('visits', log())
        visits.bolt('schema', inferSchema()).sink('schemas', tableRows())
        visits
          .bolt('all', rollup({ window: '1 day', values: { sum: sum('ms'), first: first('ms'), last: last('ms') } }))
          .sink('table', tableRows())
      }),
    ],
  ])('%s', async (_name, topology) => {
    expect((await watchedRun(topology)).what).toBeUndefined()
  })
})
