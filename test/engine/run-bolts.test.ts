/** One batch through the graph of a spout: order, merges, diamonds, bolts that answer later, failures of one branch. */
import { concatMap, delay, EMPTY, filter, map, NEVER, type OperatorFunction, of, throwError } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { defineSink, type Sink, tableRows } from 'spillway/sinks'
import { describe, expect, test } from 'vitest'
import { planSpout } from '../../topology/declare/plan-spout.ts'
import { type BatchResult, runBolts } from '../../topology/engine/run-bolts.ts'
import type { Topology } from '../../topology/model/topology.ts'
import type { Tuples } from '../../topology/model/tuples.ts'
import { tuplesOf } from '../../topology/spouts/decode/tuples-of.ts'
import { plainTuples } from '../operators/plain-tuples.ts'

type Numbered = { readonly n: number }
const anySink = (): Sink<unknown> =>
  defineSink<unknown>({
    sinkKind: 'custom',
    name: 'any',
    doc: 'takes anything',
    order: 'commutative',
    options: {},
    knobs: {},
    epochAge: 'epoch.ageMs',
    subtracts: true,
    tables: () => [],
    open: () => Promise.reject(new Error('is never opened')),
  })

const bolt = (change: (n: number) => number): OperatorFunction<unknown, unknown> =>
  map((tuple) => ({ n: change((tuple as Numbered).n) })) // the batches below hold nothing else

const topologyOf = (bolts: Readonly<Record<string, OperatorFunction<unknown, unknown>>>): Topology =>
  defineTopology('graph', (t) => {
    const events = t.spout('events', log())
    events.sink('plain', anySink())
    for (const [name, operator] of Object.entries(bolts)) events.bolt(name, operator).sink(`${name}_sink`, anySink())
  })

const numbers = (...list: readonly number[]): Tuples => plainTuples(list.map((n) => ({ n })))

const run = (topology: Topology, wanted: readonly string[], tuples: Tuples): Promise<BatchResult> =>
  runBolts(planSpout(topology, 'events'), new Set(wanted), tuples, plainTuples)

const at = (result: BatchResult, sink: string): readonly number[] | undefined =>
  result.bySink
    .get(sink)
    ?.flatMap((tuples) => Array.from({ length: tuples.length }, (_, index) => (tuples.tuple(index) as Numbered).n)) // as above

describe('a batch', () => {
  test('reaches the wanted sinks, and bolts of no other run', async () => {
    let calls = 0
    const counting = bolt((n) => n + ++calls * 0)
    const result = await run(
      topologyOf({ double: bolt((n) => 2 * n), counting }),
      ['plain', 'double_sink'],
      numbers(1, 2),
    )
    expect([at(result, 'plain'), at(result, 'double_sink'), at(result, 'counting_sink')]).toEqual([
      [1, 2],
      [2, 4],
      undefined,
    ])
    expect(calls).toBe(0)
  })

  test('goes by both ways of a diamond, in the order in which they are merged', async () => {
    const topology = defineTopology('diamond', (t) => {
      const events = t.spout('events', log())
      const left = events.bolt(
        'left',
        bolt((n) => n + 10),
      )
      const right = events.bolt(
        'right',
        bolt((n) => n + 20),
      )
      t.merge([left, right])
        .bolt(
          'both',
          bolt((n) => n + 100),
        )
        .sink('joined', anySink())
      t.merge([right, left]).sink('merged', anySink())
    })
    const result = await run(topology, ['joined', 'merged'], numbers(1, 2))
    expect(at(result, 'joined')).toEqual([111, 112, 121, 122])
    expect(at(result, 'merged')).toEqual([21, 22, 11, 12])
  })

  test('that nothing is left of gives a sink an empty share', async () => {
    const none: OperatorFunction<unknown, unknown> = filter(() => false)
    const result = await run(topologyOf({ none }), ['none_sink'], numbers(1))
    expect([at(result, 'none_sink'), result.failures]).toEqual([[], []])
  })

  test('is given anew to each subscription: a bolt keeps nothing between batches', async () => {
    const topology = topologyOf({ first: (source) => source.pipe(filter((_, index) => index === 0)) })
    expect(at(await run(topology, ['first_sink'], numbers(5, 6)), 'first_sink')).toEqual([5])
    expect(at(await run(topology, ['first_sink'], numbers(7, 8)), 'first_sink')).toEqual([7])
  })

  test('may be left early by a bolt that has enough', async () => {
    const topology = topologyOf({ nothing: () => EMPTY })
    expect(at(await run(topology, ['nothing_sink'], numbers(1, 2)), 'nothing_sink')).toEqual([])
  })
})

describe('a bolt that answers later', () => {
  test('is waited for', async () => {
    const later: OperatorFunction<unknown, unknown> = concatMap((tuple) => of(tuple).pipe(delay(0)))
    expect(at(await run(topologyOf({ later }), ['later_sink'], numbers(1, 2, 3)), 'later_sink')).toEqual([1, 2, 3])
  })

  test('and never ends keeps the batch: that is its back-pressure', async () => {
    let isDone = false
    void run(topologyOf({ stuck: () => NEVER }), ['stuck_sink'], numbers(1)).then(() => {
      isDone = true
    })
    for (let turns = 0; turns < 20; turns++) await Promise.resolve()
    expect(isDone).toBe(false)
  })

  test('and fails is a failure like any other', async () => {
    const failing: OperatorFunction<unknown, unknown> = concatMap(() =>
      of(1).pipe(
        delay(0),
        concatMap(() => throwError(() => new Error('late'))),
      ),
    )
    const result = await run(topologyOf({ failing }), ['failing_sink'], numbers(1))
    expect(result.failures).toEqual([{ bolt: 'failing', error: new Error('late') }])
  })
})

describe('a failure', () => {
  const throwing = bolt((n) => {
    throw new Error(`n is ${n}`)
  })

  test('leaves the other branches as they are', async () => {
    const result = await run(
      topologyOf({ throwing, double: bolt((n) => 2 * n) }),
      ['plain', 'throwing_sink', 'double_sink'],
      numbers(3),
    )
    expect(result.failures).toEqual([{ bolt: 'throwing', error: new Error('n is 3') }])
    expect([at(result, 'plain'), at(result, 'double_sink'), at(result, 'throwing_sink')]).toEqual([[3], [6], undefined])
  })

  test('is named once, by the bolt where it began, whatever lies below', async () => {
    const topology = defineTopology('chain', (t) => {
      const bad = t.spout('events', log()).bolt('bad', throwing)
      bad
        .bolt(
          'below',
          bolt((n) => n),
        )
        .sink('one', anySink())
      bad.sink('two', anySink())
    })
    const result = await run(topology, ['one', 'two'], numbers(3))
    expect(result.failures.map((failure) => failure.bolt)).toEqual(['bad'])
    expect(result.bySink.size).toBe(0)
  })

  test('of a tuple without event time names the bolt that emitted it, and concerns only the rollup below', async () => {
    const topology = defineTopology('timeless', (t) => {
      const split = t.spout('events', log()).bolt(
        'split',
        bolt((n) => n),
      )
      split.bolt('counts', rollup({ window: '1 day', values: { n: count() } })).sink('rows', tableRows())
      split.sink('plain', anySink())
    })
    const result = await runBolts(planSpout(topology, 'events'), new Set(['rows', 'plain']), numbers(3), tuplesOf)
    expect(result.failures.map(({ bolt: name, error }) => [name, String(error)])).toEqual([
      ['counts', expect.stringContaining('bolt split emitted tuple 0 without an event time')],
    ])
    expect([...result.bySink.keys()]).toEqual(['plain'])
  })

  test('of an operator that throws while it is built is a failure of its bolt', async () => {
    const unbuilt: OperatorFunction<unknown, unknown> = () => {
      throw new Error('no such operator')
    }
    expect((await run(topologyOf({ unbuilt }), ['unbuilt_sink'], numbers(1))).failures).toHaveLength(1)
  })
})
