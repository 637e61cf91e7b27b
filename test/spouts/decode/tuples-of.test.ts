/** Tuples over what user bolts emit: the same columns whether events come back, change, or become other objects. */
import { expect, test } from 'vitest'
import type { EventBatch } from '../../../topology/model/decoder.ts'
import type { Event } from '../../../topology/model/event.ts'
import { tuplesOf } from '../../../topology/spouts/decode/tuples-of.ts'
import { appendTimeMs, decode, path, shapeOf } from './records.ts'

const batch = (): EventBatch =>
  decode(
    ['{"a":1,"keen":{"timestamp":"2019-04-01T10:00Z"}}', ' {"a":"x","b":{"c":[1]}} ', '{"a":null}'],
    {},
    ['a'],
    true,
  ).events

const eventsOf = (events: EventBatch): Event[] => Array.from({ length: events.length }, (_, i) => events.event(i))
const textOf = ({ buffer, start, end }: { buffer: Uint8Array; start: number; end: number }): string =>
  Buffer.from(buffer.subarray(start, end)).toString()

test('all events of a batch in order are that batch', () => {
  const events = batch()
  expect(tuplesOf(eventsOf(events))).toBe(events)
})

test('some events keep the columns that were lifted for them', () => {
  const events = batch()
  const tuples = tuplesOf([events.event(2), events.event(0)])
  expect(Array.from(tuples.column(path('a')))).toEqual([null, 1])
  expect(Array.from(tuples.timesMs())).toEqual([appendTimeMs, Date.UTC(2019, 3, 1, 10)])
  expect(Array.from(tuples.events()?.offsets ?? [])).toEqual([102, 100])
  expect(shapeOf(tuples.shapes(), 1)).toEqual(['a: num', 'keen.timestamp: datetime'])
  expect(tuples.tuple(0)).toBe(events.event(2))
})

test('a selection of a selection reads the same rows', () => {
  const events = batch().select([1, 2]).select([1])
  expect([events.length, events.event(0).offset, events.column(path('a'))[0]]).toEqual([1, 102, null])
  expect([events.projects()[0], events.collections()[0], events.keenAt(0)]).toEqual(['default', 'clicks', -1])
  expect(textOf(events.bytes(0))).toBe('{"a":null}')
})

test('paths that were not lifted are read from bodies, built once', () => {
  const events = batch()
  expect(Array.from(events.column(path('b.c')))).toEqual([undefined, [1], undefined])
  expect(events.column(path('b.c'))).toBe(events.column(path('b.c')))
  expect(events.event(1).body).toBe(events.event(1).body)
})

test('keen.id, keen.created_at and keen.timestamp are columns of every event', () => {
  const events = batch()
  expect(events.column(path('keen.id'))[1]).toBe(events.event(1).id)
  expect(events.column(path('keen.created_at'))[1]).toBe('2019-04-01T00:00:00.000Z')
  expect(Array.from(events.column(path('keen.timestamp'))).slice(0, 2)).toEqual([
    '2019-04-01T10:00:00.000Z',
    '2019-04-01T00:00:00.000Z',
  ])
  const changed = tuplesOf([events.event(0).withBody({})])
  expect(changed.column(path('keen.timestamp'))[0]).toBe('2019-04-01T10:00:00.000Z')
})

test('an event with another body keeps its identity and shows the new body', () => {
  const event = batch().event(0)
  const tuples = tuplesOf([event.withBody({ keen: { timestamp: '2019', id: 'no' }, price: 3 }), batch().event(1)])
  const columns = tuples.events()
  expect(Array.from(tuples.column(path('price')))).toEqual([3, undefined])
  expect(Array.from(tuples.column(path('a')))).toEqual([undefined, 'x'])
  expect([columns?.id(0), columns?.offsets[0], tuples.timesMs()[0]]).toEqual([event.id, 100, event.timestamp])
  expect(textOf(columns!.bytes(0))).toBe('{"keen":{"timestamp":"2019"},"price":3}')
  expect([columns?.keenAt(0), columns?.keenAt(1)]).toEqual([9, -1])
  expect(Array.from(columns?.hasTimestamp ?? [])).toEqual([true, false])
  expect(shapeOf(tuples.shapes(), 0)).toEqual(['keen.timestamp: datetime', 'price: num'])
})

test('a new body that is no JSON object rejects', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  for (const body of [null, [1], 'x', undefined, circle, { n: 1n }, { keen: 3 }]) {
    const columns = tuplesOf([batch().event(0).withBody(body)], 'enrich').events()
    expect(() => columns?.bytes(0)).toThrow(/bolt enrich failed/)
  }
})

test('a plain object carries its time, project and collection, and is no event', () => {
  const timestamp = Date.UTC(2020, 0, 1)
  const tuples = tuplesOf([
    { timestamp, project: 'p', collection: 'c', word: 'a' },
    { timestamp: '2020-01-01' },
    { timestamp: new Date(timestamp), project: 7 },
    { keen: { timestamp: '2020-01-01T00:00:00Z' } },
  ])
  expect(Array.from(tuples.timesMs())).toEqual([timestamp, timestamp, timestamp, timestamp])
  expect(Array.from(tuples.projects())).toEqual(['p', 'default', 'default', 'default'])
  expect(Array.from(tuples.collections())).toEqual(['c', 'default', 'default', 'default'])
  expect(Array.from(tuples.column(path('word')))).toEqual(['a', undefined, undefined, undefined])
  expect(shapeOf(tuples.shapes(), 2)).toEqual(['project: num', 'timestamp: datetime'])
  expect(tuples.events()).toBeUndefined()
})

test('a tuple without a time rejects when its time is asked for, not before', () => {
  for (const object of [{ word: 'a' }, 'a', { timestamp: 'soon' }, { timestamp: Number.NaN }]) {
    const tuples = tuplesOf([object], 'split')
    expect(tuples.length).toBe(1)
    expect(() => tuples.timesMs()).toThrow(/bolt split emitted tuple 0 without an event time/)
  }
})

test('no tuples are a batch without rows', () => {
  const tuples = tuplesOf([])
  expect([tuples.length, tuples.timesMs().length, tuples.events()?.length]).toEqual([0, 0, 0])
  expect(tuples.shapes().starts.length).toBe(1)
})

test('an event prints as what it holds', () => {
  const event = batch().event(0)
  expect(JSON.parse(JSON.stringify(event))).toMatchObject({ id: event.id, offset: 100, body: { a: 1 } })
  expect(JSON.parse(JSON.stringify(event.withBody(1).withBody(2)))).toMatchObject({ id: event.id, body: 2 })
})
