/** Where project, collection and event time come from, and what is refused under which name. */
import { expect, test } from 'vitest'
import type { LogOptions } from '../../../topology/model/topology.ts'
import { appendTimeMs, batchOf, decode, decoderOf, path, shapeOf, type TestRecord } from './records.ts'

const namesOf = (record: TestRecord, spout: LogOptions = {}): string[] => {
  const { events } = decode([record], spout)
  return [events.projects()[0]!, events.collections()[0]!]
}

const timeOf = (record: TestRecord | string, spout: LogOptions = {}): number | undefined =>
  decode([record], spout).events.timesMs()[0]

const causeOf = (record: TestRecord | string, spout: LogOptions = {}): string | undefined =>
  decode([record], spout).rejects[0]?.cause

const time = (text: string, unit?: 'ms' | 's'): LogOptions => ({ time: { path: text, ...(unit && { unit }) } })

test('the project is the header, else the key, else default; the collection is the header, else the topic', () => {
  const headers = [
    ['project', 'shop'],
    ['collection', 'sales'],
  ] as const
  expect(namesOf({ value: '{}', key: 'k', headers })).toEqual(['shop', 'sales'])
  expect(namesOf({ value: '{}', key: 'k' })).toEqual(['k', 'clicks'])
  expect(namesOf({ value: '{}' })).toEqual(['default', 'clicks'])
})

test('a spout may name constants, headers, the key or paths as sources', () => {
  const value = '{"tenant":{"id":42},"kind":"sale"}'
  expect(namesOf({ value }, { project: 'acme', collection: { header: 'none' } })).toEqual(['acme', 'clicks'])
  expect(namesOf({ value, key: 'k' }, { tenant: { key: true } })).toEqual(['k', 'clicks'])
  expect(namesOf({ value }, { tenant: { path: 'tenant.id' }, collection: { path: 'kind' } })).toEqual(['42', 'sale'])
  expect(namesOf({ value: '{"kind":null}' }, { tenant: { path: 'x' }, collection: { path: 'kind' } })).toEqual([
    'default',
    'clicks',
  ])
})

test('event time: the own path, header spillway-time, keen.timestamp, append time, in this order', () => {
  const value = '{"at":"2001/01/02 03:04","keen":{"timestamp":"2003-01-01"}}'
  const headers = [['spillway-time', '2002-01-01T00:00:00+01:00']] as const
  expect(timeOf({ value, headers }, time('at'))).toBe(Date.UTC(2001, 0, 2, 3, 4))
  expect(timeOf({ value, headers }, time('other'))).toBe(Date.UTC(2002, 0, 1) - 3_600_000)
  expect(timeOf({ value })).toBe(Date.UTC(2003, 0, 1))
  expect(timeOf('{"keen":{}}')).toBe(appendTimeMs)
  expect(timeOf('{"at":null}', time('at'))).toBe(appendTimeMs)
})

test('numbers are times only where the spout names their unit', () => {
  expect(timeOf('{"t":1554076800}', time('t', 's'))).toBe(1_554_076_800_000)
  expect(timeOf('{"t":1554076800123.5}', time('t', 'ms'))).toBe(1_554_076_800_123)
  expect(causeOf('{"t":1554076800}', time('t'))).toBe('InvalidPropertyValueError')
})

test('an unreadable event time is an invalid value', () => {
  for (const text of ['"Jun 12 1998"', '"2019-02-30"', '5', 'null', '{}', '"2019-04-01T25:00:00Z"', '"+999999-01-01"'])
    expect(causeOf(`{"keen":{"timestamp":${text}}}`)).toBe('InvalidPropertyValueError')
  expect(causeOf({ value: '{}', headers: [['spillway-time', 'soon']] })).toBe('InvalidPropertyValueError')
})

test('causes carry the public names', () => {
  expect(causeOf('[]')).toBe('InvalidEventError')
  expect(causeOf('{"a":1,}')).toBe('InvalidEventError')
  expect(causeOf(Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1'))).toBe('InvalidEventError')
  expect(causeOf({ value: null })).toBe('InvalidEventError')
  expect(causeOf('{"a":[1e999]}')).toBe('InvalidPropertyValueError')
  expect(causeOf('{"keen":"x"}')).toBe('NamespaceTypeError')
  expect(causeOf('{"keen":{"id":"x"}}')).toBe('InvalidKeenNamespaceProperty')
  expect(causeOf('{"keen":{"created_at":"2019-04-01"}}')).toBe('InvalidKeenNamespaceProperty')
  expect(causeOf({ value: '{}', headers: [['collection', '_x']] })).toBe('InvalidCollectionNameError')
  expect(causeOf({ value: '{}', headers: [['project', '..']] })).toBe('InvalidEventError')
  expect(causeOf('{"c":["x"]}', { collection: { path: 'c' } })).toBe('InvalidEventError')
})

test('a client may set the other properties of keen', () => {
  const value = '{"keen":{"location":{"coordinates":[1,2]},"uniqueness_token":"t","addons":[]}}'
  expect(decode([value]).events.length).toBe(1)
})

test('size and nesting have a bound', () => {
  const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
  expect(causeOf(nested(1_000))).toBeUndefined()
  expect(causeOf(nested(1_001))).toBe('InvalidEventError')
  const sized = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`
  expect(causeOf(sized(1_048_576))).toBeUndefined()
  expect(causeOf(sized(1_048_577))).toBe('InvalidEventError')
  expect(causeOf('['.repeat(1_000_000))).toBe('InvalidEventError')
  expect(causeOf('{"a":'.repeat(150_000))).toBe('InvalidEventError')
})

test("limits keen: what Keen's API refused is refused", () => {
  const keen = { limits: 'keen' } as const
  expect(causeOf('{"a.b":1}', keen)).toBe('InvalidPropertyNameError')
  expect(causeOf('{"a":{"$b":1}}', keen)).toBe('InvalidPropertyNameError')
  expect(causeOf('{"":1}', keen)).toBe('InvalidPropertyNameError')
  expect(causeOf(`{"${'n'.repeat(256)}":1}`, keen)).toBe('InvalidPropertyNameError')
  expect(causeOf(`{"a":"${'x'.repeat(10_000)}"}`, keen)).toBe('InvalidPropertyValueError')
  expect(causeOf('{"a":1e19}', keen)).toBe('InvalidPropertyValueError')
  expect(causeOf('{"a":-9223372036854777856}', keen)).toBe('InvalidPropertyValueError')
  expect(causeOf(`{"a":"${'x'.repeat(900_000)}"}`, keen)).toBe('InvalidEventError')
})

test("limits keen: what Keen's API took is taken", () => {
  const keen = { limits: 'keen' } as const
  expect(
    causeOf(`{"${'n'.repeat(255)}":"${'é'.repeat(9_999)}","b":9223372036854775807,"c":1e18}`, keen),
  ).toBeUndefined()
  expect(causeOf('{"a":-9223372036854775808,"b":12345678901234567.125}', keen)).toBeUndefined()
})

test('a project that is not wanted is skipped unparsed, by offset too', () => {
  const records = ['a', 'b', 'a'].map((key) => ({ key, value: '{"not":json}' }))
  const decoded = decoderOf().decode(batchOf(records), (project, offset) => project === 'b' && offset > 0)
  expect([decoded.skipped, decoded.rejects.length, decoded.events.length]).toEqual([2, 1, 0])
  const skipped = decoderOf({ project: { path: 'p' } }).decode(batchOf([{ value: '{"p":"x"}' }]), () => false)
  expect([skipped.skipped, skipped.events.length]).toEqual([1, 0])
})

test('a refused record leaves nothing in the columns or shapes of its neighbours (I-8)', () => {
  const values = ['{"a":1}', '{"a":"x","b":tru}', '{"a":[2],"keen":7}', '{"a":"y"}']
  const { events, rejects } = decode(values, {}, ['a'], true)
  expect(rejects.length).toBe(2)
  expect(Array.from(events.column(path('a')))).toEqual([1, 'y'])
  expect([shapeOf(events.shapes(), 0), shapeOf(events.shapes(), 1)]).toEqual([['a: num'], ['a: string']])
})
