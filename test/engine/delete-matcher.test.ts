/** Which listed deletes match an event, whom it belongs to, and what a lane leaves out (PROTOCOL section 5). */
import { describe, expect, test } from 'vitest'
import { belongsTo, compileDeletes, isDropped } from '../../topology/engine/delete-matcher.ts'
import type { EventBatch } from '../../topology/model/decoder.ts'
import { eventId } from '../../topology/model/event-id.ts'
import type { JsonObject, JsonValue } from '../../topology/model/json.ts'
import type { DeleteEntry, LedgerDocument, Segment } from '../../topology/model/ledger-document.ts'
import { offset, partition } from '../../topology/model/position.ts'
import { appendTimeMs, decode } from '../spouts/decode/records.ts'
import { withSinks } from './ledger/given-documents.ts'

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

const entry = (at: number, request: JsonObject, cover: DeleteEntry['cover'] = {}): DeleteEntry => ({
  records: [{ offset: at, request: { id: `delete ${at}`, project: 'ann', ...request } }],
  refused: [],
  cover,
  work: {},
})
const by = (name: string, operator: string, value: JsonValue): JsonObject => ({
  filters: [{ property_name: name, operator, property_value: value }],
})

/** Indices that some entry matches. */
const matched = (...entries: readonly DeleteEntry[]): readonly number[] => {
  const matcher = compileDeletes(entries)
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
    expect(compileDeletes([]).isEmpty).toBe(true)
    const unread: DeleteEntry = { ...entry(200, {}), records: [{ offset: 200, request: {} }] }
    expect(matched(unread)).toEqual([])
  })

  test('and so may others: entries come in the order of the list', () => {
    const matcher = compileDeletes([
      entry(300, by('kind', 'eq', 'b')),
      entry(200, {}),
      entry(150, by('price', 'lt', 9)),
    ])
    expect([0, 1, 2, 3].map((index) => matcher.entriesOf(batch, index))).toEqual([[1, 2], [0, 1, 2], [], [1]])
  })
})

describe('with what a sink had taken', () => {
  const had: readonly Segment[] = [{ from: 0, to: 101, tenants: { kind: 'all' } }]
  const doc: LedgerDocument = {
    ...withSinks({ rows: 'rows' }),
    deletes: [entry(200, by('kind', 'eq', 'a'), { rows: had }), entry(150, {}, { rows: had })],
  }
  const matcher = compileDeletes(doc.deletes)
  const all = [0, 1, 2, 3]

  test('a lane leaves out what some delete matches that had not found it taken', () => {
    expect(all.filter((index) => isDropped(doc, matcher, 'rows', batch, index))).toEqual([1, 3])
  })

  test('a sink without a cover drops everything that is matched: it came later', () => {
    expect(all.filter((index) => isDropped(doc, matcher, 'another', batch, index))).toEqual([0, 1, 3])
  })

  test('an event belongs to the first delete in the list that matches it, once (I-3)', () => {
    expect(all.filter((index) => belongsTo(doc, matcher, 0, 'rows', batch, index))).toEqual([0])
    expect(all.filter((index) => belongsTo(doc, matcher, 1, 'rows', batch, index))).toEqual([])
  })

  test('a dead-lettered event belongs to no delete: it was never applied', () => {
    const dead = { ...doc, deadLetters: { rows: [[100, 101] as const] } }
    expect(all.filter((index) => belongsTo(dead, matcher, 0, 'rows', batch, index))).toEqual([])
  })
})
