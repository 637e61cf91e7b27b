/** Type stripping checks no types: what the compiler would refuse must still get a sentence. */
import { expect, test } from 'vitest'
import { log } from '../../topology/declare/log.ts'
import { refused, said } from './refused.ts'
import { keepEvents, keepRows, tally } from './shop-parts.ts'

/** The builder as JavaScript sees it. */
interface Untyped {
  bolt(name: unknown, operator?: unknown, options?: unknown): Untyped
  sink(name: unknown, sink?: unknown, options?: unknown): void
}
interface UntypedBuilder {
  spout(name: unknown, source?: unknown): Untyped
  merge(streams?: unknown): Untyped
}

const refusedUntyped = (declare: (t: UntypedBuilder, events: Untyped) => void): readonly string[] =>
  said(
    refused((typed) => {
      const t = typed as unknown as UntypedBuilder // the same object, without its types
      const events = t.spout('events', log())
      events.sink('events', keepEvents())
      declare(t, events)
    }),
  )

test.each([
  ['a sink as a bolt', keepRows(), 'bolt b was given the sink keepRows (write .sink(name, keepRows()))'],
  ['a list as a bolt', [], "bolt b was given a list (join several operators with RxJS's pipe(...))"],
  ['nothing as a bolt', undefined, 'bolt b was given undefined (a bolt is one RxJS operator or one state operator)'],
  [
    'an aggregate as a bolt',
    { kind: 'aggregate', name: 'count' },
    'bolt b was given the aggregate count (put it into rollup({ values: { ... } }))',
  ],
])('%s is refused with what to write', (_name, operator, text) => {
  expect(refusedUntyped((_t, events) => events.bolt('b', operator).sink('s', keepEvents()))).toContain(text)
})

test.each([
  ['an operator', tally(), 's was given the operator tally (write .bolt(name, tally(...)).sink(name, tableRows()))'],
  ['a sink that was not called', keepEvents, 's was given the function keepEvents (call it: keepEvents())'],
  [
    'a text',
    'rows',
    's was given a string (a sink is tableRows(), eventRows(), objects(...) or your own from defineSink)',
  ],
])('%s as a sink is refused with what to write', (_name, sink, text) => {
  expect(refusedUntyped((_t, events) => events.sink('s', sink))).toEqual([`sink ${text}`])
})

test('a spout without log() is refused', () => {
  expect(refusedUntyped((t) => t.spout('more', { collection: 'a' }).sink('m', keepEvents()))).toContain(
    'spout more has no source (write t.spout(name, log({ ... })))',
  )
})

test('unknown options of a node get the nearest name, wrong ones the right form', () => {
  expect(refusedUntyped((_t, events) => events.sink('a', keepEvents(), { versoin: '2' }))).toContain(
    'sink a has no option "versoin" (did you mean "version"?)',
  )
  expect(refusedUntyped((_t, events) => events.sink('a', keepEvents(), { version: 2 }))).toContain(
    'sink a: version is a text (write version: "2")',
  )
  expect(refusedUntyped((_t, events) => events.bolt('b', tally(), tally).sink('a', keepRows()))).toContain(
    "bolt b: options are an object (write { version: '2' }; join several operators with pipe(...))",
  )
})

test('a bolt below a state operator, and a merge with one, are refused with the way out', () => {
  const below = refusedUntyped((_t, events) => events.bolt('b', tally()).bolt('c', tally()).sink('s', keepRows()))
  expect(below).toEqual([
    'bolt c is below b, which keeps rows and emits nothing (put the bolt above the operator; below it stands .sink(name, tableRows()))',
  ])
  const merged = refusedUntyped((t, events) => t.merge([events, events.bolt('b', tally())]).sink('s', keepEvents()))
  expect(merged[0]).toBe(
    't.merge was given b, which keeps rows and emits nothing (merge the streams above the operator)',
  )
})

test('merging nothing, the same twice, or something else is refused', () => {
  expect(refusedUntyped((t) => t.merge([]).sink('s', keepEvents()))).toEqual([
    't.merge joins nothing (write t.merge([a, b]))',
    'sink s is fed by nothing',
  ])
  expect(refusedUntyped((t, events) => t.merge([events, events]).bolt('b', tally()).sink('s', keepRows()))).toEqual([
    't.merge joins events twice: each of its tuples would count twice',
  ])
  expect(refusedUntyped((t, events) => t.merge([events, 'x']).bolt('b', tally()).sink('s', keepRows()))).toEqual([
    't.merge was given something that is no stream (write t.merge([a, b]))',
  ])
})

test('a stream of another topology is refused', () => {
  refusedUntyped((_t, foreign) => {
    expect(refusedUntyped((t, events) => t.merge([events, foreign]).bolt('b', tally()).sink('s', keepRows()))).toEqual([
      't.merge was given a stream of another topology: events',
    ])
  })
})
