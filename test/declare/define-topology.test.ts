import { filter, map, pipe } from 'rxjs'
import { expect, test } from 'vitest'
import { defineTopology, isTopology } from '../../topology/declare/define-topology.ts'
import { log } from '../../topology/declare/log.ts'
import { TopologyProblems } from '../../topology/declare/topology-problems.ts'
import { errors } from '../../topology/model/errors.ts'
import { orStandIn } from '../../topology/model/refusal.ts'
import { SpillwayError } from '../../topology/model/spillway-error.ts'
import { refused, said } from './refused.ts'
import { keepAnything, keepEvents, keepObjects, keepRows, tally } from './shop-parts.ts'

const shop = () =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log({ collection: { header: 'collection' }, datetimes: ['at'] }))
    events.sink('events', keepEvents())
    const purchases = events.bolt(
      'purchases',
      filter((e) => e.collection === 'purchases'),
    )
    purchases.bolt('revenue', tally(), { version: '2' }).sink('revenue_by_country', keepRows())
    events.sink('archive', keepObjects())
  })

test('a declaration becomes plain data: nodes with names, inputs and versions', () => {
  const topology = shop()
  expect(isTopology(topology)).toBe(true)
  expect(topology.bolts.map(({ name, inputs, version }) => ({ name, inputs, version }))).toEqual([
    { name: 'purchases', inputs: ['events'], version: undefined },
    { name: 'revenue', inputs: ['purchases'], version: '2' },
  ])
  expect(topology.sinks.map(({ name, inputs }) => ({ name, inputs }))).toEqual([
    { name: 'events', inputs: ['events'] },
    { name: 'revenue_by_country', inputs: ['revenue'] },
    { name: 'archive', inputs: ['events'] },
  ])
})

test('a topology is frozen to its leaves and apart from the objects that it was made from', () => {
  const datetimes = ['at']
  const topology = defineTopology('shop', (t) => {
    t.spout('events', log({ datetimes })).sink('events', keepEvents())
  })
  datetimes.push('later')
  expect(topology.spouts[0]?.options.datetimes).toEqual(['at'])
  const parts = [topology, topology.spouts, topology.sinks, topology.spouts[0], topology.sinks[0]?.inputs]
  expect([...parts, topology.spouts[0]?.options.datetimes].every(Object.isFrozen)).toBe(true)
})

test('streams fan out, meet again, and come from several spouts', () => {
  const topology = defineTopology('diamond', (t) => {
    const web = t.spout('web', log({ log: 'web' }))
    const app = t.spout('app', log({ log: 'app' }))
    const pages = web.bolt(
      'pages',
      map((event) => ({ page: event.id })),
    )
    const views = app.bolt('views', pipe(map((event) => ({ page: event.collection }))))
    const both = t.merge([pages, views])
    both.sink('kept', keepAnything())
    both.sink('kept_again', keepAnything())
    both.bolt('tally', tally()).sink('pages', keepRows())
  })
  expect(topology.sinks.map((sink) => sink.inputs)).toEqual([['pages', 'views'], ['pages', 'views'], ['tally']])
  expect(topology.bolts.at(-1)?.inputs).toEqual(['pages', 'views'])
})

test('merged streams can be merged again', () => {
  const topology = defineTopology('logs', (t) => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => t.spout(name, log({ log: name })))
    if (a === undefined || b === undefined || c === undefined) return
    t.merge([t.merge([a, b]), c])
      .bolt('tally', tally())
      .sink('rows', keepRows())
  })
  expect(topology.bolts[0]?.inputs).toEqual(['a', 'b', 'c'])
})

test('one error carries every problem, with the line of the call that caused it', () => {
  const problems = refused((t) => {
    const events = t.spout('bad name', log())
    events.sink('spillway_events', keepEvents({ knobs: { 'objects.ageMS': 5 } }))
  })
  const lines = problems.map((one) => one.at?.line)
  expect(problems.map((one) => one.at?.file.endsWith('test/declare/define-topology.test.ts'))).toEqual([
    true,
    true,
    true,
  ])
  expect(lines).toEqual([lines[0], (lines[0] ?? 0) + 1, (lines[0] ?? 0) + 1])
  expect(problems.every((one) => (one.at?.column ?? 0) > 0)).toBe(true)
})

test('the error is one of ours, of class stop, and prints as lines with places', () => {
  const error = new TopologyProblems('shop', [
    { text: 'no sink', at: { file: '/a/shop.ts', line: 3, column: 5 }, suggestion: 'add one' },
    { text: 'no spout' },
  ])
  expect(error).toBeInstanceOf(SpillwayError)
  expect(error.errorClass).toBe('stop')
  expect(error.message).toBe('topology "shop" has 2 problems:\n  /a/shop.ts:3:5: no sink (add one)\n  no spout')
})

test('a streamless or sinkless declaration is refused with what to write', () => {
  expect(said(refused(() => {}))).toEqual(["the topology has no spout (write t.spout('events', log()))"])
  expect(said(refused((t) => void t.spout('events', log())))).toEqual([
    'the topology has no sink: nothing would be kept (end a stream in .sink(name, ...))',
  ])
})

test('a constructor that throws inside the declaration becomes a problem beside the others', () => {
  const cause = new Error('window "1 minit" is not a duration')
  const problems = refused((t) => {
    t.spout('events 1', log())
    throw cause
  })
  expect(said(problems)[0]).toContain('window "1 minit"')
  expect(problems).toHaveLength(1)
})

test('constructors that refuse their options do not end the declaration: all of them are told', () => {
  const picky = (share: number) =>
    orStandIn(
      () => (share > 1 ? fail(`share ${share} is above 1`) : tally()),
      () => tally(),
    )
  const problems = refused((t) => {
    const events = t.spout('events', log())
    events.bolt('a', picky(2)).sink('a', keepRows())
    events.bolt('b', picky(1)).sink('b b', keepRows())
    events.bolt('c', picky(3)).sink('c', keepRows())
  })
  expect(problems.map((one) => one.text.slice(0, 18)).sort()).toEqual([
    'share 2 is above 1',
    'share 3 is above 1',
    'sink "b b": a name',
  ])
  expect(() => picky(2)).toThrow('share 2 is above 1')
})

const fail = (problem: string): never => {
  throw errors.badConfiguration({ problem })
}

test('a stream kept beyond the declaration cannot add to the topology silently', () => {
  let add = (): void => {}
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    events.sink('events', keepEvents())
    add = () => events.sink('late', keepObjects())
  })
  expect(() => add()).toThrow('sink late was added after the declaring function had returned')
})

test('an async declaration is refused: what follows its first await would be lost', () => {
  const declare = async (t: Parameters<Parameters<typeof defineTopology>[1]>[0]): Promise<void> => {
    t.spout('events', log()).sink('events', keepEvents())
  }
  expect(said(refused((t) => declare(t)))).toEqual([
    'the declaring function is async (load what it needs before, and declare at once)',
  ])
})
