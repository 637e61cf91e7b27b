/** How a delete is listed, started, worked off and finished, with what each step requires (PROTOCOL section 5). */
import { describe, expect, test } from 'vitest'
import {
  isDeleteDone,
  isDeletePartial,
  lowestOfDeletes,
  rangesOf,
} from '../../../topology/engine/ledger/delete-entries.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { commit, declare, granted, passed, refusalOf, withSinks } from './given-documents.ts'

const all = { kind: 'all' } as const
const register = (...offsets: readonly number[]): Proposal => ({
  kind: 'registerDeletes',
  offsets: rangesOf(offsets),
  records: offsets.length,
  stored: `text of ${offsets.join()}`,
  isById: false,
  eventStore: 'store',
})
const work = { entry: 0, eventStore: 'store' } as const

/** Rows at 5 with [5, 8) declared, the event store at 3. */
const uneven = (): LedgerDocument => {
  const doc = passed(passed(withSinks({ rows: 'rows', store: 'events' }), 0, 5), 1, 3)
  return granted(doc, declare(doc, 0, 8))
}

describe('listing', () => {
  const listed = granted(uneven(), register(20))

  test('covers what each sink has taken, declared included; the event store what any has (I-3)', () => {
    expect(listed.deletes[0]!.cover).toEqual({
      rows: [{ from: 0, to: 8, tenants: all }],
      store: [{ from: 0, to: 8, tenants: all }],
    })
    expect(listed.rules).toBe(uneven().rules + 1)
  })

  test('cuts the cover off at the record, which matches earlier events only', () => {
    expect(granted(uneven(), register(6)).deletes[0]!.cover['rows']).toEqual([{ from: 0, to: 6, tenants: all }])
  })

  test('asks of an event store that came later nothing that lies before it', () => {
    const doc = passed(withSinks({ rows: 'rows' }), 0, 8)
    const later: Proposal = { kind: 'addSink', sink: 'store', sinkKind: 'events', from: 6, to: null, fingerprint: 'f' }
    const { deletes } = granted(doc, later, register(20))
    expect(deletes[0]!.cover).toEqual({
      rows: [{ from: 0, to: 8, tenants: all }],
      store: [{ from: 6, to: 8, tenants: all }],
    })
  })

  test('takes a record once; several that are met together share an entry', () => {
    expect(refusalOf(listed, register(20))).toBe('present')
    expect(refusalOf(listed, register(19, 20, 21))).toBe('present')
    const more = granted(listed, register(21, 22, 30))
    expect(more.deletes.map(({ n, offsets, records }) => ({ n, offsets, records }))).toEqual([
      { n: 0, offsets: [[20, 21]], records: 1 },
      {
        n: 1,
        offsets: [
          [21, 23],
          [30, 31],
        ],
        records: 3,
      },
    ])
    expect(more.nextDelete).toBe(2)
  })

  test('keeps a refused record too, for ever: it matches nothing and has no work', () => {
    const refused = granted(uneven(), {
      kind: 'registerDeletes',
      offsets: [[9, 10]],
      records: 0,
      stored: 'refusals',
      isById: true,
      eventStore: undefined,
    })
    expect(refused.deletes[0]).toMatchObject({ records: 0, offsets: [[9, 10]], cover: {}, work: {} })
    expect(isDeleteDone(refused, refused.deletes[0]!)).toBe(true)
  })
})

describe('starting', () => {
  const start = (sink: string): Proposal => ({ kind: 'startDelete', sink, ...work })

  test('waits until the covered events are committed in the sink and in the event store', () => {
    let doc = granted(uneven(), register(20))
    expect(refusalOf(doc, start('rows'))).toBe('notReady')
    doc = granted(doc, commit(doc, 0))
    expect(refusalOf(doc, start('rows'))).toBe('notReady')
    doc = passed(doc, 1, 8)
    expect(refusalOf(doc, start('rows'))).toBe('granted')
    expect(refusalOf(doc, start('store'))).toBe('notReady')
  })

  test('knows the ranges to work off, each with the slot where its effects live', () => {
    let doc = withSinks({ rows: 'rows', store: 'events' })
    doc = granted(doc, { kind: 'cut', lane: 0, at: 4, cuts: [], slots: [3] })
    doc = passed(passed(passed(doc, 0, 4), 2, 9), 1, 9)
    doc = granted(doc, register(7), start('rows'))
    expect(doc.deletes[0]!.work['rows']).toMatchObject({
      state: 'running',
      at: 0,
      todo: [
        { from: 0, to: 4, slot: 0 },
        { from: 4, to: 7, slot: 3 },
      ],
    })
    expect(refusalOf(doc, start('rows'))).toBe('moved')
  })

  test('the event store goes last; a retired sink is not waited for', () => {
    let doc = granted(passed(passed(withSinks({ rows: 'rows', store: 'events' }), 0, 5), 1, 5), register(9))
    expect(refusalOf(doc, start('store'))).toBe('notReady')
    doc = granted(doc, { kind: 'retireSink', sink: 'rows', retired: true })
    expect(refusalOf(doc, start('store'))).toBe('granted')
  })
})

describe('work of an entry by id', () => {
  test('reads the ranges that hold an event which it names, and no other', () => {
    let doc = withSinks({ rows: 'rows' })
    doc = granted(doc, { kind: 'cut', lane: 0, at: 4, cuts: [8], slots: [1, 2] })
    doc = passed(passed(passed(doc, 0, 4), 1, 8), 2, 12)
    doc = granted(doc, register(20), { kind: 'startDelete', sink: 'rows', named: [4, 11, 300], ...work })
    expect(doc.deletes[0]!.work['rows']!.todo.map(({ from, to }) => [from, to])).toEqual([
      [4, 8],
      [8, 12],
    ])
  })

  test('is over at once where the sink had taken none of them', () => {
    const doc = granted(passed(withSinks({ rows: 'rows' }), 0, 8), register(20))
    const started = granted(doc, { kind: 'startDelete', sink: 'rows', named: [15], ...work })
    expect(refusalOf(started, { kind: 'finishDelete', entry: 0, sink: 'rows' })).toBe('granted')
  })
})

describe('events that a delete takes are counted', () => {
  const listed = granted(passed(withSinks({ rows: 'rows', more: 'rows', store: 'events' }), 0, 8), register(20, 21))

  test('at one sink, that has met every event and is no event store', () => {
    expect(listed.deletes[0]!.counted).toEqual({ sink: 'rows', byRecord: [0, 0] })
    const retired = granted(withSinks({ store: 'events', rows: 'rows', more: 'rows' }), {
      kind: 'retireSink',
      sink: 'rows',
      retired: true,
    })
    expect(granted(retired, register(20)).deletes[0]!.counted.sink).toBe('more')
    expect(granted(withSinks({ store: 'events' }), register(20)).deletes[0]!.counted.sink).toBe('store')
    const late = granted(withSinks({ archive: 'objects', rows: 'rows' }), register(20))
    expect(late.deletes[0]!.counted.sink).toBe('rows')
  })

  test('by the commits of its lanes and of the work, record by record', () => {
    const declared = granted(listed, declare(listed, 0, 12))
    const dropped = {
      dropped: [
        { n: 0, byRecord: [[1, 3]] as const },
        { n: 9, byRecord: [[0, 1]] as const },
      ],
    }
    const doc = granted(declared, { ...commit(declared, 0), ...dropped } as Proposal) // a commit with its counts
    expect(doc.deletes[0]!.counted.byRecord).toEqual([0, 3])
    const other = granted(listed, declare(listed, 1, 4))
    expect(granted(other, { ...commit(other, 1), ...dropped } as Proposal).deletes[0]!.counted.byRecord).toEqual([0, 0]) // as above
  })
})

describe('an epoch of a delete', () => {
  const started = granted(passed(withSinks({ rows: 'rows' }), 0, 8), register(20), {
    kind: 'startDelete',
    sink: 'rows',
    ...work,
  })
  const declareIt = (to: number): Proposal => ({ kind: 'declareDelete', sink: 'rows', at: 0, to, left: 1, ...work })
  const commitIt = (to: number, seq: number, expired = 0): Proposal => ({
    kind: 'commitDelete',
    entry: 0,
    sink: 'rows',
    at: 0,
    to,
    seq,
    left: 1,
    retracted: 2,
    expired,
  })

  test('takes the turn of the slot where the events live, so a lane waits', () => {
    const declared = granted(started, declareIt(8))
    expect(declared.sinks['rows']!.slots[0]).toEqual({ seq: 2, turn: 'D0:rows' })
    expect(refusalOf(declared, declare(declared, 0, 9))).toBe('waits')
    const busy = granted(started, declare(started, 0, 9))
    expect(refusalOf(busy, declareIt(8))).toBe('waits')
  })

  test('does not wait for a turn that another delete holds: its owner may be gone, so it is finished first (I-9)', () => {
    const doc = granted(started, register(21), { kind: 'startDelete', sink: 'rows', entry: 1, eventStore: 'store' })
    const held = granted(doc, declareIt(8))
    expect(refusalOf(held, { ...declareIt(8), entry: 1 } as Proposal)).toBe('moved') // the same kind of another entry
  })

  test('is declared and committed once', () => {
    const declared = granted(started, declareIt(5))
    expect(refusalOf(declared, declareIt(5))).toBe('moved')
    expect(refusalOf(declared, commitIt(5, 1))).toBe('moved')
    const done = granted(declared, commitIt(5, 2))
    expect(refusalOf(done, commitIt(5, 2))).toBe('moved')
    expect(done.deletes[0]!.work['rows']).toMatchObject({ at: 5, declared: null, retracted: 2, todo: [{ to: 8 }] })
    expect(done.sinks['rows']!.slots[0]).toEqual({ seq: 2, turn: null })
  })

  test('gives the cover of a sink up with its work, and keeps those that others still need', () => {
    const both = granted(passed(passed(withSinks({ rows: 'rows', more: 'rows' }), 0, 8), 1, 8), register(20))
    const one = granted(
      both,
      { kind: 'startDelete', sink: 'rows', named: [], ...work },
      { kind: 'finishDelete', entry: 0, sink: 'rows' },
    )
    expect(Object.keys(one.deletes[0]!.cover)).toEqual(['more'])
  })

  test('ends the work with the last range; covers go, the entry stays for sinks yet to come', () => {
    const declared = granted(started, declareIt(8))
    const finish: Proposal = { kind: 'finishDelete', entry: 0, sink: 'rows' }
    expect(refusalOf(declared, finish)).toBe('moved')
    const done = granted(declared, commitIt(8, 2), finish)
    expect(done.deletes[0]).toMatchObject({ cover: {}, records: 1, work: { rows: { state: 'done' } } })
    expect(refusalOf(done, finish)).toBe('moved')
  })
})

describe('a source that the log drops', () => {
  const expire = (doc: LedgerDocument, to: number, expired: number): LedgerDocument => {
    const { at, todo } = doc.deletes[0]!.work['rows']!
    const place = { sink: 'rows', at, to, left: todo.length, ...work }
    const declared = granted(doc, { kind: 'declareDelete', ...place })
    const { seq } = declared.deletes[0]!.work['rows']!
    return granted(declared, { kind: 'commitDelete', ...place, seq, retracted: 0, expired })
  }
  const started = granted(passed(withSinks({ rows: 'rows' }), 0, 8), register(20), {
    kind: 'startDelete',
    sink: 'rows',
    ...work,
  })

  test('is counted over all epochs; the work is done all the same, and partial for good', () => {
    expect(started.deletes[0]!.work['rows']).not.toHaveProperty('expired')
    const doc = granted(expire(expire(started, 5, 4), 8, 0), { kind: 'finishDelete', entry: 0, sink: 'rows' })
    expect(doc.deletes[0]!.work['rows']).toMatchObject({ state: 'done', expired: 4 })
    expect([isDeleteDone(doc, doc.deletes[0]!), isDeletePartial(doc.deletes[0]!)]).toEqual([true, true])
    expect(isDeletePartial(started.deletes[0]!)).toBe(false)
  })

  test('is needed from the lowest offset that unfinished work of a sink in service still has to read', () => {
    const waiting = granted(uneven(), register(20))
    expect(lowestOfDeletes(uneven())).toBe(Number.POSITIVE_INFINITY)
    expect(lowestOfDeletes(waiting)).toBe(0)
    const half = expire(started, 5, 0)
    expect(lowestOfDeletes(half)).toBe(5)
    expect(lowestOfDeletes(expire(half, 8, 0))).toBe(Number.POSITIVE_INFINITY)
    const retired = granted(half, { kind: 'retireSink', sink: 'rows', retired: true })
    expect(lowestOfDeletes(retired)).toBe(Number.POSITIVE_INFINITY)
  })
})

test('the start of the log only grows and never passes an unfinished lane (I-4)', () => {
  const doc = passed(withSinks({ rows: 'rows' }), 0, 8)
  expect(granted(doc, { kind: 'moveStart', start: 5 }).start).toBe(5)
  expect(granted(doc, { kind: 'moveStart', start: 50 }).start).toBe(8)
  expect(refusalOf(granted(doc, { kind: 'moveStart', start: 5 }), { kind: 'moveStart', start: 3 })).toBe('present')
})

test('work goes through its ranges in the order of the log, whichever lane has finished first', () => {
  const doc = granted(withSinks({ archive: 'objects' }), { kind: 'cut', lane: 0, at: 0, slots: [0, 0], cuts: [5, 9] })
  const [first, second] = Object.keys(doc.lanes).map(Number)
  const read = passed(passed(doc, second!, 9), first!, 5)
  expect(read.sinks['archive']!.homes.map(({ from }) => from)).toEqual([5, 0])
  const start: Proposal = { kind: 'startDelete', entry: 0, sink: 'archive', eventStore: undefined }
  const started = granted(read, register(20), start)
  expect(started.deletes[0]!.work['archive']).toMatchObject({ at: 0, todo: [{ from: 0 }, { from: 5 }] })
})
