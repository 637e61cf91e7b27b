/** Which listed deletes match an event, whom it belongs to, and what a lane leaves out (PROTOCOL section 5). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileDeletes, type DeleteMatcher, droppedBy } from '../../topology/engine/delete-matcher.ts'
import type { ListedDelete } from '../../topology/engine/delete-rules.ts'
import type { EventBatch } from '../../topology/model/decoder.ts'
import { eventId } from '../../topology/model/event-id.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import type { DeleteEntry, DeleteRecord, LedgerDocument, Segment } from '../../topology/model/ledger-document.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { appendTimeMs, decode } from '../spouts/decode/records.ts'
import { withSinks } from './ledger/given-documents.ts'
import { slowMatches } from './slow-matcher.ts'

/** Offsets 100 to 103. */
const batch: EventBatch = decode([
  {
    value: '{"kind":"a","price":3}',
    headers: [
      ['project', 'ann'],
      ['collection', 'new'],
    ],
  },
  {
    value: '{"kind":"b","price":5}',
    headers: [
      ['project', 'ann'],
      ['collection', 'old'],
    ],
  },
  {
    value: '{"kind":"a"}',
    headers: [
      ['project', 'bob'],
      ['collection', 'new'],
    ],
  },
  {
    value: '{"kind":"a","keen":{"timestamp":"2020-05-01T00:00:00Z"}}',
    headers: [
      ['project', 'ann'],
      ['collection', 'new'],
    ],
  },
]).events

const entry = (at: number, request: JsonObject): ListedDelete['records'][number] => ({
  offset: at,
  request: { id: `delete ${at}`, project: 'ann', ...request },
})
const by = (name: string, operator: string, value: JsonValue): JsonObject => ({
  filters: [{ property_name: name, operator, property_value: value }],
})

const named = (project: string, collection: string): (readonly [string, string])[] => [
  ['project', project],
  ['collection', collection],
]

/** Offsets 100 to 105: values of every type, lists among them. */
const mixed: EventBatch = decode([
  { value: '{"kind":"a","price":3,"tags":["a","b"]}', headers: named('ann', 'new') },
  { value: '{"kind":null,"price":5,"tags":"a"}', headers: named('ann', 'old') },
  { value: '{"kind":true,"tags":[3,[5],{"x":1}]}', headers: named('ann', 'new') },
  { value: '{"price":"3","tags":[]}', headers: named('bob', 'new') },
  { value: '{"kind":3,"tags":{"x":1}}', headers: named('bob', 'old') },
  { value: '{"kind":["a"],"price":1,"tags":5}', headers: named('ann', 'old') },
]).events

const idIn = (events: EventBatch, index: number): string => events.id(index)

interface AnyRecord {
  readonly offset: number
  readonly project: string
  readonly collection: string | undefined
  readonly filters: readonly (readonly [name: string, operator: string, value: JsonValue])[]
}

const recordOf = ({ offset: at, project, collection, filters }: AnyRecord): DeleteRecord => ({
  offset: at,
  request: {
    ...{ id: 'any', project },
    ...(collection === undefined ? {} : { collection }),
    filters: filters.map(([name, operator, value]) => ({
      property_name: name,
      operator,
      property_value: value,
    })),
  },
})

/** Each record in an entry of its own. */
const listed = (...records: ListedDelete['records']): DeleteMatcher =>
  compileDeletes(
    records.map((record, n) => ({ n, records: [record] })),
    3,
  )

/** Indices that some entry matches. */
const matched = (...records: ListedDelete['records']): readonly number[] => {
  const matcher = listed(...records)
  return [0, 1, 2, 3].filter((index) => matcher.entriesOf(batch, index).length > 0)
}

const idOf = (index: number): string => eventId(batch.timesMs()[index]!, partition(3), offset(100 + index))

describe('a delete matches', () => {
  test.each([
    ['its project only', {}, [0, 1, 3]],
    ['its collection only', { collection: 'new' }, [0, 3]],
    ['by a value', by('kind', 'eq', 'a'), [0, 3]],
    ['by a bound, where the value is there', by('price', 'gte', 4), [1]],
    ['by a missing path only with ne and exists', by('price', 'exists', false), [3]],
    ['by its id', by('keen.id', 'eq', idOf(1)), [1]],
    ['by one of several ids', by('keen.id', 'in', [idOf(0), idOf(3), idOf(2)]), [0, 3]],
    ['by event time', by('keen.timestamp', 'gt', '2020-01-01T00:00:00Z'), [3]],
    ['by append time', by('keen.created_at', 'lt', new Date(appendTimeMs + 1).toISOString()), [0, 1, 3]],
    ['by timeframe', { timeframe: { start: '2020-01-01', end: '2021-01-01' } }, [3]],
    ['by all filters together', { collection: 'new', ...by('kind', 'eq', 'b') }, []],
  ])('%s', (_, request, indices) => {
    expect(matched(entry(200, request))).toEqual(indices)
  })

  test('events before it only', () => {
    expect(matched(entry(101, {}))).toEqual([0])
    expect(matched(entry(101, by('keen.id', 'eq', idOf(1))))).toEqual([])
  })

  test('nothing, where the list is empty or holds no request', () => {
    expect(compileDeletes([], 3).isEmpty).toBe(true)
    expect(matched({ offset: 200, request: {} })).toEqual([])
  })

  test('by an id that is written as Spillway writes it, and holds the very time and partition', () => {
    const [high, otherTime, otherPlace] = [
      idOf(1).toUpperCase(),
      eventId(batch.timesMs()[1]! + 1, partition(3), offset(101)),
      eventId(batch.timesMs()[1]!, partition(4), offset(101)),
    ]
    expect(matched(entry(200, by('keen.id', 'in', [high, otherTime, otherPlace, 'no id', 7])))).toEqual([])
    expect(matched(entry(200, by('keen.id', 'eq', [idOf(1)])))).toEqual([])
  })

  test('nothing at the offset of the last record or behind it, which one comparison tells', () => {
    const matcher = listed(entry(102, {}), entry(101, by('keen.id', 'eq', idOf(0))))
    expect([101, 102, 103].map((at) => matcher.isAbove(at))).toEqual([false, true, true])
  })

  test('and so may others: entries come in the order of the list', () => {
    const matcher = listed(entry(300, by('kind', 'eq', 'b')), entry(200, {}), entry(150, by('price', 'lt', 9)))
    expect([0, 1, 2, 3].map((index) => matcher.entriesOf(batch, index))).toEqual([[1, 2], [0, 1, 2], [], [1]])
  })
})

describe('however it is found', () => {
  const anyFilter = fc.oneof(
    fc.constantFrom('a', 'b', 3, 5, null, true).map((value) => ['kind', 'eq', value] as const),
    fc.constantFrom('a', 'b', 3, 5, null, true).map((value) => ['price', 'eq', value] as const),
    fc.subarray(['a', 'b', 3, 5, null, ['a'], { x: 1 }]).map((values) => ['tags', 'in', values] as const),
    fc.constantFrom('a', 'b').map((value) => ['tags', 'contains', value] as const),
    fc.integer({ min: 1, max: 6 }).map((value) => ['price', 'lt', value] as const),
    fc.subarray([0, 1, 2, 3, 4, 5]).map((some) => ['keen.id', 'in', some.map((one) => idIn(mixed, one))] as const),
    fc.nat(5).map((one) => ['keen.id', 'eq', idIn(mixed, one)] as const),
  )
  const anyRecord = fc.record({
    offset: fc.integer({ min: 100, max: 108 }),
    project: fc.constantFrom('ann', 'bob'),
    collection: fc.constantFrom('new', 'old', undefined),
    filters: fc.array(anyFilter, { maxLength: 3 }),
  })

  test('each event has the same deletes as when every record is asked (I-3)', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), (entries) => {
        const deletes = entries.map((records, n): ListedDelete => ({ n: n * 2, records: records.map(recordOf) }))
        const matcher = compileDeletes(deletes, 3)
        for (let index = 0; index < mixed.length; index++) {
          const slow = slowMatches(deletes, mixed, index)
          expect(matcher.entriesOf(mixed, index)).toEqual([...new Set(slow.map(([n]) => n))])
          const [first] = slow
          expect(matcher.ownerOf(mixed, index)).toEqual(first && { n: first[0], record: first[1] })
          if (slow.length > 0) expect(matcher.isAbove(mixed.offsets[index]!)).toBe(false)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('with what a sink had taken', () => {
  const had: readonly Segment[] = [{ from: 0, to: 101, tenants: { kind: 'all' } }]
  const held = (n: number, at: number): DeleteEntry => ({
    n,
    offsets: [[at, at + 1]],
    records: 1,
    stored: '',
    isById: false,
    cover: { rows: had },
    work: {},
    counted: { sink: '', byRecord: [0] },
  })
  const doc: LedgerDocument = { ...withSinks({ rows: 'rows' }), deletes: [held(0, 200), held(1, 150)] }
  const matcher = listed(entry(200, by('kind', 'eq', 'a')), entry(150, {}))
  const all = [0, 1, 2, 3]

  test('a lane leaves out what some delete matches that had not found it taken', () => {
    expect(all.filter((index) => droppedBy(doc, matcher, 'rows', batch, index) !== undefined)).toEqual([1, 3])
  })

  test('a sink without a cover drops everything that is matched: it came later', () => {
    expect(all.filter((index) => droppedBy(doc, matcher, 'another', batch, index) !== undefined)).toEqual([0, 1, 3])
  })

  test('an event is that of the first delete in the list, wherever its record stands (I-3)', () => {
    expect(all.map((index) => matcher.ownerOf(batch, index)?.n)).toEqual([0, 1, undefined, 0])
  })
})
