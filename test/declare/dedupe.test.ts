/** A dedupe bolt in a declaration: where it may stand, what is planned below it, and what is said of it. */
import { filter, map } from 'rxjs'
import { expect, expectTypeOf, test } from 'vitest'
import { dedupe } from '../../operators/dedupe.ts'
import { defineTopology } from '../../topology/declare/define-topology.ts'
import { describeText } from '../../topology/declare/describe-text.ts'
import { describeTopology } from '../../topology/declare/describe-topology.ts'
import { fingerprintsOf } from '../../topology/declare/fingerprints-of.ts'
import { lintTopology } from '../../topology/declare/lint-topology.ts'
import { log } from '../../topology/declare/log.ts'
import { planSpout } from '../../topology/declare/plan-spout.ts'
import type { Stream, TopologyBuilder } from '../../topology/declare/stream.ts'
import type { Event } from '../../topology/model/event.ts'
import { defineSink } from '../../topology/model/sink.ts'
import { refused, said } from './refused.ts'
import { keepAnything, keepEvents, keepRows, tally } from './shop-parts.ts'

const declared = (options?: Parameters<typeof dedupe>[0], version?: string) =>
  defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    const once = events.bolt('once', dedupe(options), version === undefined ? {} : { version })
    expectTypeOf(once).toEqualTypeOf<Stream<Event>>()
    once.bolt('big', filter(Boolean)).bolt('tally', tally()).sink('rows', keepRows())
    once.sink('events', keepEvents())
    events.bolt('all', tally()).sink('all', keepRows())
  })

test('sinks below leave duplicates out and are fed by the spout; the others know nothing of it', () => {
  const { sinks, bolts, wanted } = planSpout(declared({ by: 'order.id' }), 'events')
  const dedupes = [{ bolt: 'once', path: ['order', 'id'], windowMs: 2_678_400_000, fingerprint: expect.any(String) }]
  expect(sinks.map(({ name, feeds, chain, order, dedupes: held }) => ({ name, feeds, chain, order, held }))).toEqual([
    { name: 'rows', feeds: ['big'], chain: ['big'], order: 'partitionOrdered', held: dedupes },
    { name: 'events', feeds: ['events'], chain: [], order: 'partitionOrdered', held: dedupes },
    { name: 'all', feeds: ['events'], chain: [], order: 'commutative', held: [] },
  ])
  expect(bolts.map(({ name, feeds }) => ({ name, feeds }))).toEqual([{ name: 'big', feeds: ['events'] }])
  expect(wanted.paths).toContainEqual(['order', 'id'])
})

test('what was decided belongs to the options, and so do the sinks below', () => {
  const heldBy = (topology: ReturnType<typeof declared>): unknown =>
    planSpout(topology, 'events').sinks[0]?.dedupes[0]?.fingerprint
  const others = [{ by: 'order' }, { window: '1 hour' }].map((options) => declared(options))
  for (const other of others) {
    expect(heldBy(other)).not.toBe(heldBy(declared()))
    expect(fingerprintsOf(other)['rows']).not.toBe(fingerprintsOf(declared())['rows'])
    expect(fingerprintsOf(other)['all']).toBe(fingerprintsOf(declared())['all'])
  }
  expect(heldBy(declared({ by: 'keen.uniqueness_token', window: '31 days' }))).toBe(heldBy(declared()))
})

test('the description says what passes, that equal tokens share a partition, and that lanes are not cut', () => {
  const text = describeText(describeTopology(declared({ window: '2 hours' })))
  expect(text).toContain('once  bolt: dedupe')
  expect(text).toContain(
    'Per project and collection, the first event of each keen.uniqueness_token, again after 2 hours; equal values must share a partition.',
  )
  expect(text.match(/in log order: one lane, no parallel catch-up/g)).toHaveLength(2)
})

const problemsOf = (declare: (t: TopologyBuilder) => void): readonly string[] => said(refused(declare))

test('it stands directly below one spout', () => {
  const problems = problemsOf((t) => {
    const events = t.spout('events', log())
    const more = t.spout('more', log({ log: 'more' }))
    events.bolt('a', filter(Boolean)).bolt('behind', dedupe()).sink('s1', keepAnything())
    events
      .bolt('first', dedupe())
      .bolt('second', dedupe({ by: 'order' }))
      .sink('s2', keepAnything())
    t.merge([events, more]).bolt('merged', dedupe()).sink('s3', keepAnything())
  })
  expect(problems).toEqual([
    'bolt behind: dedupe() stands below the bolt a (put it directly below the spout, and the other bolts below it)',
    'bolt second: dedupe() stands below first, which is one already (keep one; a spout may have several side by side, each with sinks of its own)',
    'bolt merged: dedupe() is fed by events, more; it takes one spout (give each spout a dedupe of its own, and merge below them)',
  ])
})

test('no event reaches a sink on a way around it', () => {
  const problems = problemsOf((t) => {
    const events = t.spout('events', log())
    const once = events.bolt('once', dedupe())
    t.merge([once, events]).sink('straight', keepAnything())
    t.merge([once.bolt('a', filter(Boolean)), events.bolt('b', filter(Boolean))]).sink('through', keepAnything())
    t.merge([once, events.bolt('other', dedupe({ by: 'order' }))]).sink('two', keepAnything())
  })
  const advice = '(feed all of it from once, or give it two sinks)'
  expect(problems.slice(0, 3)).toEqual([
    `sink straight gets events of events through once, which holds back duplicates, and straight ${advice}`,
    `sink through gets events of events through once, which holds back duplicates, and through b ${advice}`,
    `sink two gets events of events through once, which holds back duplicates, and through other ${advice}`,
  ])
})

test('several may stand side by side, and one above each of two merged spouts', () => {
  const topology = defineTopology('shop', (t) => {
    const [events, more] = [t.spout('events', log()), t.spout('more', log({ log: 'more' }))]
    const once = events.bolt('once', dedupe())
    events.bolt('orders', dedupe({ by: 'order' })).sink('orders', keepAnything())
    t.merge([once, more.bolt('more_once', dedupe())]).sink('all', keepAnything())
  })
  const heldIn = (spout: string): unknown =>
    planSpout(topology, spout).sinks.map(({ name, feeds, dedupes }) => [name, feeds, dedupes.map(({ bolt }) => bolt)])
  expect(heldIn('events')).toEqual([
    ['orders', ['events'], ['orders']],
    ['all', ['events'], ['once']],
  ])
  expect(heldIn('more')).toEqual([['all', ['more'], ['more_once']]])
})

test('options that are none are refused with their place', () => {
  const problems = problemsOf((t) => {
    const events = t.spout('events', log())
    const badly = [{ by: 'a..b' }, { window: 'soon' }, { window: '1 s' }, { windows: '1 day' } as object] // as without types
    for (const [index, options] of badly.entries())
      events.bolt(`b${index}`, dedupe(options)).sink(`s${index}`, keepAnything())
  })
  expect(problems).toEqual([
    'dedupe: by "a..b" is not a path',
    'dedupe: window "soon" is not a duration such as "5 minutes", "250 ms" or a number of milliseconds',
    'dedupe: window "1 s" lies outside 1 minute to 365 days',
    'dedupe: has no option "windows"; it knows by and window',
  ])
})

test('it takes events only, and is no RxJS operator', () => {
  const problems = problemsOf((t) => {
    const prices = t.spout('events', log()).bolt(
      'prices',
      map((event) => event.offset),
    )
    // @ts-expect-error prices are no events
    prices.bolt('once', dedupe()).sink('kept', keepAnything())
  })
  expect(problems.length).toBe(1)
})

test('B23: lint fails a topology that puts deletes on a live lane', () => {
  const stubborn = defineSink<Event>({ ...keepAnything(), name: 'stubborn', subtracts: false })
  const topology = defineTopology('shop', (t) => {
    const events = t.spout('events', log())
    events.sink('stubborn', stubborn)
    events.sink('fine', keepAnything())
  })
  expect(lintTopology(topology).map(({ text, suggestion }) => [text, suggestion])).toEqual([
    [
      'sink stubborn puts deletes on its live lane: stubborn() cannot take events out of an open epoch, so the lane waits for each delete and reads again',
      'let add(tuples, -1) take them out, and say subtracts: true',
    ],
  ])
})
