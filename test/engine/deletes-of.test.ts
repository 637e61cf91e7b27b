/** Deletes as people see them: one for each request or job, over entries, partitions and the archive (DOMAIN section 6). */
import { describe, expect, test } from 'vitest'
import { type DeletesView, deletesOf } from '../../topology/engine/deletes-of.ts'
import type { JsonObject } from '../../topology/model/json.ts'
import type { DeleteEntry, DeleteRecord, DeleteText, DeleteWork } from '../../topology/model/ledger-document.ts'
import { passed, withSinks } from './ledger/given-documents.ts'

const whole = [{ from: 0, to: 100, tenants: { kind: 'all' } }] as const
const waiting: DeleteWork = { state: 'waiting', todo: [], at: 0, declared: null, seq: 0, retracted: 0 }
const done: DeleteWork = { ...waiting, state: 'done' }
const running = (at: number, retracted: number): DeleteWork => ({
  ...waiting,
  ...{ state: 'running', at, retracted },
  todo: [{ ...whole[0], slot: 0, lane: 0 }],
})

const record = (offset: number, request: JsonObject): DeleteRecord => ({
  offset,
  request: { id: 'one', project: 'ann', ...request },
  atMs: offset * 1_000,
})

interface Given {
  readonly records?: readonly DeleteRecord[]
  readonly refused?: DeleteText['refused']
  readonly work?: DeleteEntry['work']
  readonly counted?: readonly number[]
  readonly isById?: boolean
}

/** A partition whose list has these entries; sinks a and b, both have passed the records. */
const view = (partition: number, ...entries: readonly Given[]): DeletesView => {
  const texts = entries.map(({ records = [], refused = [] }): DeleteText => ({ records, refused }))
  const deletes = entries.map((given, n): DeleteEntry => {
    const offsets = [...texts[n]!.records, ...texts[n]!.refused].map(({ offset }) => [offset, offset + 1] as const)
    const work = given.work ?? {}
    const cover = Object.fromEntries(Object.keys(work).map((sink) => [sink, whole]))
    const counted = { sink: 'a', byRecord: given.counted ?? [] }
    return {
      n,
      offsets,
      records: texts[n]!.records.length,
      stored: String(n),
      isById: given.isById ?? false,
      cover,
      work,
      counted,
    }
  })
  const doc = { ...passed(passed(withSinks({ a: 'rows', b: 'rows' }), 0, 9_000), 1, 9_000), deletes }
  return { spout: 'events', partition, doc, textOf: ({ n }) => texts[n] }
}

describe('a delete', () => {
  test('of every partition is one, with the sum of its counts and the first of its times', () => {
    const entry = (offset: number): Given => ({
      records: [record(offset, {})],
      work: { a: done, b: done },
      counted: [2],
    })
    expect(deletesOf([view(0, entry(7)), view(1, entry(5))])).toEqual([
      {
        ...{ id: 'one', state: 'done', requestedAtMs: 5_000, matched: 4, retracted: 4, remaining: 0 },
        partitions: [
          { spout: 'events', partition: 0, offset: 7, state: 'done' },
          { spout: 'events', partition: 1, offset: 5, state: 'done' },
        ],
      },
    ])
  })

  test('B13: that one command wrote as thousands of requests is one job', () => {
    const records = Array.from({ length: 2_000 }, (_, index) => record(index, { id: `r${index}`, job: 'duplicates' }))
    const counted = records.map(() => 1)
    expect(deletesOf([view(0, { records, counted, work: { a: done } })])).toMatchObject([
      { id: 'duplicates', state: 'done', matched: 2_000 },
    ])
  })

  test('counts of the requests that share an entry are told apart', () => {
    const records = [record(1, { id: 'x' }), record(2, { id: 'y' })]
    const found = deletesOf([view(0, { records, counted: [3, 0], work: { a: done } })])
    expect(found.map(({ id, matched }) => [id, matched])).toEqual([
      ['x', 3],
      ['y', 0],
    ])
  })

  test('of the archive keeps its final counts', () => {
    const archived = [{ n: 0, isById: true, records: [record(3, {})], refused: [], counted: [9], isPartial: true }]
    expect(deletesOf([{ ...view(0), archived }])).toMatchObject([
      { id: 'one', state: 'partial', matched: 9, remaining: 0 },
    ])
  })

  test('whose text is not at hand is told by its place', () => {
    const given = view(0, { records: [record(3, {})], work: { a: waiting }, counted: [1] })
    expect(deletesOf([{ ...given, textOf: () => undefined }])).toMatchObject([
      { id: '0@3', state: 'accepted', matched: 1 },
    ])
  })
})

describe('what is left of a delete', () => {
  const state = (work: DeleteEntry['work'], more: Given = {}): unknown => {
    const [{ state, retracted, remaining }] = deletesOf([
      view(0, { records: [record(3, {})], counted: [5], work, ...more }),
    ]) as [ReturnType<typeof deletesOf>[number]] // one record, one delete
    return [state, retracted, remaining]
  }

  test('is read for each sink; what has left all of them is retracted', () => {
    expect(state({ a: waiting, b: waiting })).toEqual(['accepted', 0, 200])
    expect(state({ a: running(40, 3), b: waiting })).toEqual(['running', 0, 160])
    expect(state({ a: running(40, 3), b: running(90, 4) })).toEqual(['running', 3, 70])
    expect(state({ a: running(40, 3), b: done })).toEqual(['partial', 3, 60])
    expect(state({ a: done, b: done })).toEqual(['done', 5, 0])
  })

  test('of one by id are the events that it names', () => {
    const filters = [{ property_name: 'keen.id', operator: 'in', property_value: ['x', 'y', 'z'] }]
    expect(state({ a: waiting, b: running(0, 0) }, { records: [record(3, { filters })], isById: true })).toEqual([
      ...['running', 0, 6],
    ])
  })

  test('fails where a sink has stopped with an error', () => {
    const given = view(0, { records: [record(3, {})], work: { a: waiting, b: done } })
    expect(deletesOf([{ ...given, hasFailed: (sink) => sink === 'a' }])).toMatchObject([{ state: 'failed' }])
    expect(deletesOf([{ ...given, hasFailed: (sink) => sink === 'b' }])).toMatchObject([{ state: 'partial' }])
  })

  test('is nothing where it was refused; the reason is told', () => {
    const refused = [{ offset: 4, reason: 'no', id: 'bad', atMs: 4_000 }]
    expect(deletesOf([view(0, { refused }), view(1, { refused })])).toMatchObject([
      { id: 'bad', state: 'refused', reason: 'no', partitions: [{ partition: 0 }, { partition: 1 }], remaining: 0 },
    ])
  })

  test('are its numbers, until the sink that counts has passed it', () => {
    const given = view(0, { records: [record(30, {})], work: { a: done, b: done }, counted: [5] })
    const at = (...[a, b]: readonly [number, number]): unknown => {
      const doc = passed(passed(withSinks({ a: 'rows', b: 'rows' }), 0, a), 1, b)
      return deletesOf([{ ...given, doc: { ...doc, deletes: given.doc.deletes } }])[0]!.state
    }
    expect([at(29, 90), at(30, 29)]).toEqual(['running', 'done'])
  })

  test('in one partition is left of the whole', () => {
    const entry = (work: DeleteWork): Given => ({ records: [record(3, {})], work: { a: work } })
    const of = (...works: readonly DeleteWork[]): unknown =>
      deletesOf(works.map((work, partition) => view(partition, entry(work))))[0]!.state
    expect(of(waiting, waiting)).toBe('accepted')
    expect(of(waiting, running(1, 0))).toBe('running')
    expect(of(done, running(1, 0))).toBe('partial')
    expect(of(done, { ...done, expired: 3 })).toBe('partial')
  })
})
