import { filter, identity, map } from 'rxjs'
import { expect, test } from 'vitest'
import { log } from '../../topology/declare/log.ts'
import { validateTopology } from '../../topology/declare/validate-topology.ts'
import type { Event } from '../../topology/model/event.ts'
import { defineSink } from '../../topology/model/sink.ts'
import type { SinkNode, Topology } from '../../topology/model/topology.ts'
import { refused, said } from './refused.ts'
import { keepAnything, keepEvents, keepObjects, keepRows, tally } from './shop-parts.ts'

test.each([
  ['a blank', 'my rows', '"my_rows"'],
  ['an accent', 'café', '"cafe"'],
  ['a leading digit', '2024', '"name"'],
  ['a path', '../x', '"x"'],
])('a sink name with %s is refused with a name that would do', (_what, name, advice) => {
  const found = said(refused((t) => t.spout('events', log()).sink(name, keepEvents())))
  expect(found).toEqual([
    `sink ${JSON.stringify(name)}: a name begins with a letter and holds letters, digits, _ and - (write ${advice})`,
  ])
})

test('names that are empty, too long or reserved are refused', () => {
  const names = ['', 'x'.repeat(41), 'spillway_rows', 'SQLite_rows']
  const found = refused((t) => {
    const events = t.spout('events', log())
    for (const name of names) events.bolt(`b${names.indexOf(name)}`, tally()).sink(name, keepRows())
  })
  expect(said(found)).toEqual([
    'a sink has an empty name',
    `the name of sink "${'x'.repeat(41)}" has 41 characters, at most 40 are allowed (write "${'x'.repeat(40)}")`,
    'sink spillway_rows: names that begin with spillway_ are reserved (write "rows")',
    'sink SQLite_rows: names that begin with sqlite_ are reserved (write "rows")',
  ])
})

test('a name is given once among spouts and bolts and once among sinks; a spout and a sink may share one', () => {
  const found = refused((t) => {
    const events = t.spout('events', log())
    events.sink('events', keepEvents())
    events.bolt('events', filter(Boolean)).sink('kept', keepAnything())
    events.sink('kept', keepAnything())
  })
  expect(found.map((one) => [one.text.replace(/line \d+/, 'line N'), one.suggestion])).toEqual([
    [
      'bolt events: the name is taken by a spout, first in line N; names of spouts and bolts differ',
      'write "events_2"',
    ],
    ['sink kept: the name is taken by a sink, first in line N; names of sinks differ', 'write "kept_2"'],
  ])
})

test('a rows sink on a plain stream, and other sinks below a state operator, are refused', () => {
  const node = (name: string, input: string, sink: SinkNode['sink']): SinkNode => ({
    kind: 'sink',
    name,
    inputs: [input],
    sink,
    version: undefined,
  })
  const topology: Topology = {
    kind: 'topology',
    name: 'shop',
    spouts: [{ kind: 'spout', name: 'events', options: {} }],
    bolts: [{ kind: 'bolt', name: 'tally', inputs: ['events'], operator: tally(), version: undefined }],
    sinks: [
      // Widened: a declaration without types can say this.
      node('a', 'events', keepRows() as SinkNode['sink']), // the sink's type is what would refuse it
      node('b', 'tally', keepEvents() as SinkNode['sink']), // the sink's type is what would refuse it
    ],
  }
  expect(said(validateTopology(topology))).toEqual([
    'sink a: keepRows() keeps the rows of a state operator; none is above it (put .bolt(name, rollup(...)) or .bolt(name, inferSchema()) above it, or use eventRows() for events)',
    'sink b: keepEvents() takes tuples; tally keeps rows and emits none (use tableRows() there, or feed this sink from above the operator)',
  ])
})

test('event rows and objects of two spouts are refused: ids are unique within one log', () => {
  const found = refused((t) => {
    const both = t.merge([t.spout('web', log({ log: 'web' })), t.spout('app', log({ log: 'app' }))])
    both.sink('events', keepEvents())
    both.bolt('large', filter(Boolean)).sink('archive', keepObjects())
    both.bolt('tally', tally()).sink('rows', keepRows())
  })
  const reason = 'is fed by the spouts web, app: ids are unique within one log only (give each spout a sink of its own)'
  expect(said(found)).toEqual([`sink events: keepEvents() ${reason}`, `sink archive: keepObjects() ${reason}`])
})

test('a spout has one event store, from which deletes are read', () => {
  const found = refused((t) => {
    const events = t.spout('events', log())
    events.sink('a', keepEvents())
    events.sink('b', keepEvents())
  })
  expect(said(found)).toEqual([
    'sink b: sink a keeps the event rows of spout events already (keep one; deletes read their events from it)',
  ])
})

test('two sinks never keep one table, whatever the case of letters or a hyphen', () => {
  const found = refused((t) => {
    const events = t.spout('events', log())
    events.sink('x', keepEvents())
    events.bolt('a', tally()).sink('x_buckets', keepRows())
    events.bolt('b', tally()).sink('by-day', keepRows())
    events.bolt('c', tally()).sink('By_Day', keepRows())
  })
  expect(said(found)).toEqual([
    'sink x_buckets keeps table x_buckets, which sink x keeps already (give one of them another name)',
    'sink By_Day keeps table By_Day, which sink by-day keeps already (give one of them another name)',
  ])
})

test('knobs of a sink exist and lie within their bounds', () => {
  const knobs = { 'objects.targetByte': 5, 'objects.ageMs': 5 }
  const found = refused((t) => {
    t.spout('events', log()).sink('archive', keepObjects({ knobs, epochAge: 'objects.age' }))
  })
  expect(said(found)).toEqual([
    'sink archive: no knob is named objects.targetByte (did you mean "objects.targetBytes"?)',
    'sink archive: objects.ageMs is 5, it lies between 1000 and 86400000 ms',
    'sink archive: no knob is named objects.age (did you mean "objects.ageMs"?)',
  ])
})

test('a graph made by hand is checked for inputs that do not exist and for circles', () => {
  const bolt = (name: string, input: string) =>
    ({ kind: 'bolt', name, inputs: [input], operator: map(identity), version: undefined }) as const
  const topology: Topology = {
    kind: 'topology',
    name: 'shop',
    spouts: [{ kind: 'spout', name: 'events', options: {} }],
    bolts: [bolt('a', 'b'), bolt('b', 'a'), bolt('c', 'evnets')],
    sinks: [{ kind: 'sink', name: 's', inputs: ['c'], sink: keepAnything(), version: undefined }],
  }
  expect(said(validateTopology(topology))).toEqual([
    'bolt c is fed by "evnets", which does not exist (did you mean "events"?)',
    'bolts feed each other in a circle: a, b',
  ])
})

test("Spillway's own tables are shared by sinks", () => {
  const shared = defineSink<Event>({ ...keepObjects(), tables: () => [{ ...manifest }] })
  const found = refused((t) => {
    const events = t.spout('events', log())
    events.sink('a', shared)
    events.sink('b', shared)
  })
  expect(found).toEqual([])
})

const manifest = { name: 'spillway_manifest', partition: [], cluster: [], columns: [] }
