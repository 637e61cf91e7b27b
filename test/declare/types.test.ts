/** Checked by the compiler: what stands behind an expected error must stay an error. Run, it is refused as well. */
import { filter, map, pipe } from 'rxjs'
import { expect, expectTypeOf, test } from 'vitest'
import { inferSchema } from '../../operators/index.ts'
import { objects } from '../../sinks/objects/objects.ts'
import { eventRows } from '../../sinks/rows/event-rows.ts'
import { tableRows } from '../../sinks/rows/table-rows.ts'
import { log } from '../../topology/declare/log.ts'
import type { StateStream, Stream } from '../../topology/declare/stream.ts'
import type { Event } from '../../topology/model/event.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import { defineSink, type Sink } from '../../topology/model/sink.ts'
import { refused, said } from './refused.ts'
import { keepAnything, keepEvents, keepObjects, keepRows, tally } from './shop-parts.ts'

test('types flow from the spout through RxJS operators to the sink', () => {
  refused((t) => {
    const events = t.spout('events', log())
    expectTypeOf(events).toEqualTypeOf<Stream<Event<JsonObject>>>()
    const purchases = events.bolt(
      'purchases',
      filter((e) => {
        expectTypeOf(e).toEqualTypeOf<Event<JsonObject>>()
        return e.collection === 'purchases'
      }),
    )
    expectTypeOf(purchases).toEqualTypeOf<Stream<Event<JsonObject>>>()
    const prices = purchases.bolt(
      'prices',
      pipe(
        map((e) => e.body['price']),
        filter((price) => typeof price === 'number'),
      ),
    )
    expectTypeOf(prices).toEqualTypeOf<Stream<number>>()
    expectTypeOf(prices.bolt('tally', tally())).toEqualTypeOf<StateStream>()
    expectTypeOf(t.merge([prices, purchases])).toEqualTypeOf<Stream<number | Event<JsonObject>>>()
    expectTypeOf(t.merge([prices, prices])).toEqualTypeOf<Stream<number>>()
  })
})

test('a spout may promise the type of its bodies, and still feeds event sinks', () => {
  interface Purchase {
    readonly price: number
  }
  refused((t) => {
    const events = t.spout('events', log<Purchase>())
    const prices = events.bolt(
      'prices',
      map((e) => e.body.price),
    )
    expectTypeOf(prices).toEqualTypeOf<Stream<number>>()
    events.sink('events', keepEvents())
    const anyEvents: Sink<Event<unknown>> = keepEvents() as Sink<Event<unknown>> // it reads no body
    events.sink('more', anyEvents)
  })
})

test('sinks of events take events only, rows sinks state only', () => {
  const problems = refused((t) => {
    const events = t.spout('events', log())
    const ids = events.bolt(
      'ids',
      map((e) => e.id),
    )
    const state = ids.bolt('tally', tally())
    // @ts-expect-error texts are no events
    ids.sink('a', keepEvents())
    // @ts-expect-error texts are no events
    ids.sink('b', keepObjects())
    // @ts-expect-error a rows sink needs a state operator
    events.sink('c', keepRows())
    // @ts-expect-error a rows sink needs a state operator
    ids.sink('d', keepRows())
    // @ts-expect-error state is no event
    state.sink('e', keepEvents())
    // @ts-expect-error nothing flows out of a state operator
    state.bolt('f', tally()).sink('g', keepRows())
    // @ts-expect-error nothing flows out of a state operator
    t.merge([ids, state]).sink('h', keepAnything())
    state.sink('i', keepRows())
    ids.sink('j', keepAnything())
  })
  expect(problems.length).toBeGreaterThanOrEqual(5)
})

test('bolts and custom sinks take the type that arrives', () => {
  interface Place {
    readonly city: string
  }
  const keepPlaces = (): Sink<Place> => defineSink<Place>({ ...keepAnything() })
  refused((t) => {
    const events = t.spout('events', log())
    const places = events.bolt(
      'places',
      map((e): Place & { readonly id: string } => ({ city: e.project, id: e.id })),
    )
    places.sink('places', keepPlaces())
    // @ts-expect-error an event is no place
    events.sink('a', keepPlaces())
    const double = map((n: number) => n * 2)
    // @ts-expect-error places are no numbers
    places.bolt('b', double)
    // @ts-expect-error a predicate is no operator
    places.bolt('d', (place: Place) => place.city === '')
    // @ts-expect-error a bolt takes one operator; several are joined by pipe
    places.bolt('e', filter(Boolean), filter(Boolean))
    // @ts-expect-error no such option
    places.bolt('f', tally(), { versoin: '2' })
    // @ts-expect-error no such option
    t.spout('g', log({ colection: 'a' }))
  })
})

test('the real sinks are refused where they do not belong, by the types and by validation', () => {
  const found = refused((t) => {
    const events = t.spout('events', log())
    // @ts-expect-error rows are kept of state operators
    events.sink('a', tableRows())
    const state = events.bolt('schema', inferSchema())
    // @ts-expect-error a schema is no event
    state.sink('b', eventRows())
    // @ts-expect-error a schema is no event
    state.sink('c', objects())
  })
  expect(said(found).map((text) => text.slice(0, 27))).toEqual([
    'sink a: tableRows() keeps t',
    'sink b: eventRows() takes t',
    'sink c: objects() takes tup',
  ])
})
