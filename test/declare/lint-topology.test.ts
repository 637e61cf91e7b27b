import { filter, identity, map, type Observable } from 'rxjs'
import { expect, test } from 'vitest'
import { defineTopology } from '../../topology/declare/define-topology.ts'
import { lintTopology } from '../../topology/declare/lint-topology.ts'
import { log } from '../../topology/declare/log.ts'
import type { TopologyBuilder } from '../../topology/declare/stream.ts'
import { keepAnything, keepEvents, keepObjects, keepRows, tally } from './shop-parts.ts'

const warnings = (declare: (t: TopologyBuilder) => void): readonly string[] =>
  lintTopology(defineTopology('shop', declare)).map((one) => one.text)

test('a sound topology has no warning', () => {
  const found = warnings((t) => {
    const events = t.spout('events', log())
    events.sink('events', keepEvents())
    events.bolt('tally', tally({ options: { by: ['country', 'a.b'], window: '1 minute' } })).sink('r', keepRows())
    events.sink('archive', keepObjects())
  })
  expect(found).toEqual([])
})

test('work that leads nowhere is named', () => {
  const found = warnings((t) => {
    const events = t.spout('events', log())
    events.sink('events', keepEvents())
    events.bolt('a', map(identity)).bolt('b', tally())
    t.spout('more', log({ log: 'more' }))
  })
  expect(found).toEqual([
    'spout more leads to no sink: nothing of it is kept',
    'bolt a leads to no sink: nothing of it is kept',
    'bolt b leads to no sink: nothing of it is kept',
  ])
})

test('a tenant that is a constant or stands in the body cannot be held back for free', () => {
  const found = warnings((t) => {
    t.spout('a', log({ log: 'a', project: 'acme' })).sink('a', keepEvents())
    t.spout('b', log({ log: 'b', tenant: { path: 'org' } })).sink('b', keepEvents())
    t.spout('c', log({ log: 'c', tenant: { key: true } })).sink('c', keepEvents())
  })
  expect(found).toEqual([
    'spout a: every event has the project "acme", so no tenant can be held back',
    'spout b: the project is read from the body, so a skipped tenant is parsed all the same',
  ])
})

test('two spouts on one log are named', () => {
  const found = warnings((t) => {
    t.spout('a', log()).sink('a', keepEvents())
    t.spout('b', log()).sink('b', keepEvents())
  })
  expect(found).toEqual(['spouts a and b read the same log: each record is fetched and decoded twice'])
})

test.each(['user.id', 'id', 'userId', 'email', 'order_uuid'])('a group by %s is one row for each event', (path) => {
  const found = warnings((t) => {
    t.spout('a', log())
      .bolt('tally', tally({ options: { by: [path] } }))
      .sink('r', keepRows())
  })
  expect(found).toEqual([
    `bolt tally groups by ${path}, which looks like it is different for nearly every event: one row each`,
  ])
})

test('tiny windows and tiny objects are counted out', () => {
  const found = warnings((t) => {
    const events = t.spout('a', log())
    events.bolt('tally', tally({ options: { window: '1 second' } })).sink('r', keepRows())
    events.sink('o', keepObjects({ knobs: { 'objects.targetBytes': 65_536, 'objects.ageMs': 2_000 } }))
  })
  expect(found).toEqual([
    'bolt tally has windows of 1 s: up to 3600 rows an hour for each group',
    'sink o cuts objects at 64 KiB: there will be very many',
    'sink o closes objects after 2 s (objects.ageMs), one per project and collection each time: there will be very many',
  ])
})

test('an event that reaches a sink on two ways, and a branch that needs order, are named', () => {
  const found = warnings((t) => {
    const events = t.spout('a', log())
    t.merge([events.bolt('x', filter(Boolean)), events.bolt('y', filter(Boolean))]).sink('e', keepEvents())
    events.bolt('tally', tally({ order: 'partitionOrdered' })).sink('r', keepRows())
  })
  expect(found).toEqual([
    'sink e: an event of a that passes x and y arrives twice',
    'sink r needs its tuples in order: its backlog is not drained in parallel',
  ])
})

test('an event that also comes straight from its spout is told so, and no spout is called a bolt', () => {
  const keep = (others: number): readonly string[] =>
    warnings((t) => {
      const events = t.spout('a', log())
      const bolts = ['l', 'r'].slice(0, others).map((name) => events.bolt(name, filter(Boolean)))
      t.merge([...bolts, events]).sink('e', keepEvents())
    })
  const straight = 'it also comes straight from the spout'
  expect(keep(1)).toEqual([`sink e: an event of a that passes l arrives twice: ${straight}`])
  expect(keep(2)).toEqual([`sink e: an event of a that passes l and r arrives up to 3 times: ${straight}`])
})

test('a function that was written as a bolt is read without the file', () => {
  const stamp = (source: Observable<unknown>): Observable<number> => source.pipe(map(() => Date.now()))
  const found = warnings((t) => {
    t.spout('a', log()).bolt('stamp', stamp).sink('s', keepAnything())
  })
  expect(found).toEqual([
    'bolt stamp: Date.now() reads the wall clock: after a crash or in a replay the result is another',
  ])
})
