/** What the log has dropped is let go in one change: nothing is read twice, nothing waits for what nobody can read. */
import { describe, expect, test } from 'vitest'
import { isDeleteReady } from '../../../topology/engine/ledger/delete-entries.ts'
import { lanesOf, taken } from '../../../topology/engine/ledger/document.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import { lanesBehind } from '../../../topology/engine/ledger/skip-transition.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { commit, declare, granted, holders, passed, refusalOf, tenants, withSinks } from './given-documents.ts'

const nobody = (): boolean => false

const skipTo = (doc: LedgerDocument, start: number): Extract<Proposal, { kind: 'skip' }> => ({
  kind: 'skip',
  lanes: lanesBehind(doc, start, nobody),
  atMs: 7,
  by: 'ann',
  reason: 'retention was too short',
})

const listed = (offset: number, eventStore?: string): Proposal => ({
  kind: 'registerDeletes',
  ...{ offsets: [[offset, offset + 1]], records: 1, stored: `d${offset}`, isById: false, eventStore },
})

const expectTiled = (doc: LedgerDocument): void => {
  for (const sink of Object.keys(doc.sinks))
    for (let offset = 0; offset < 30; offset++)
      for (const tenant of tenants) expect(holders(doc, sink, offset, tenant)).toBe(1)
}

describe('lanes behind the start of the log', () => {
  test('are those of sinks in service, but for what somebody has read already', () => {
    const given = passed(withSinks({ rows: 'rows', store: 'events', old: 'rows' }), 0, 5)
    const doc = granted(given, { kind: 'retireSink', sink: 'old', retired: true })
    expect(lanesBehind(doc, 9, nobody)).toEqual([
      { lane: 0, at: 5, declared: null, to: 9 },
      { lane: 1, at: 0, declared: null, to: 9 },
    ])
    expect(lanesBehind(doc, 9, (lane) => lane === 1)).toMatchObject([{ lane: 0 }])
    expect(lanesBehind(doc, 5, nobody)).toMatchObject([{ lane: 1 }])
  })
})

describe('a skip', () => {
  test('ends the lane where it stands, records the range, and goes on behind it (I-5)', () => {
    const before = passed(withSinks({ rows: 'rows' }), 0, 5)
    const doc = granted(before, skipTo(before, 9))
    expect(doc.lost).toEqual([
      { sink: 'rows', from: 5, to: 9, tenants: { kind: 'all' }, atMs: 7, by: 'ann', reason: 'retention was too short' },
    ])
    expect(doc.sinks['rows']!.homes).toMatchObject([{ from: 0, to: 5 }])
    expect(lanesOf(doc, 'rows')).toMatchObject([[1, { from: 9, at: 9, to: null, declared: null }]])
    expect(doc.rules).toBe(before.rules + 1)
    expectTiled(doc)
  })

  test('lets a declared epoch go as a whole and gives its turn back; the next one has the next sequence number', () => {
    const before = granted(withSinks({ rows: 'rows' }), declare(withSinks({ rows: 'rows' }), 0, 12))
    const doc = granted(before, skipTo(before, 9))
    expect(doc.lost).toMatchObject([{ from: 0, to: 12, declared: 12 }])
    expect(doc.sinks['rows']!.slots[0]).toEqual({ seq: 1, turn: null })
    const next = granted(doc, declare(doc, 1, 15))
    expect(next.lanes[1]).toMatchObject({ at: 12, declared: 15, seq: 2 })
    expect(refusalOf(doc, commit(before, 0))).toBe('moved')
    expectTiled(doc)
  })

  test('lets only go what is gone of event rows: writing one again changes nothing', () => {
    const before = granted(withSinks({ store: 'events' }), declare(withSinks({ store: 'events' }), 0, 12))
    const doc = granted(before, skipTo(before, 9))
    expect(doc.lost).toMatchObject([{ from: 0, to: 9, declared: 12 }])
    expect(lanesOf(doc, 'store')).toMatchObject([[1, { at: 9, declared: null }]])
  })

  test('ends a bounded lane that is lost to its end, and keeps apart what other tenants have read', () => {
    const cut = granted(withSinks({ rows: 'rows' }), { kind: 'cut', lane: 0, at: 4, cuts: [], slots: [1] })
    const split = granted(cut, { kind: 'divert', lane: 1, at: 6, tenant: 'bob', slot: 2 })
    const before = passed(split, 2, 10)
    const doc = granted(before, skipTo(before, 8))
    expect(doc.lost?.map(({ from, to, tenants: { kind } }) => [from, to, kind])).toEqual([
      [0, 4, 'all'],
      [4, 6, 'all'],
      [6, 8, 'only'],
    ])
    expectTiled(doc)
  })

  test('is refused when a lane has moved since it was looked at', () => {
    const before = withSinks({ rows: 'rows' })
    const proposal = skipTo(before, 9)
    expect(refusalOf(passed(before, 0, 2), proposal)).toBe('moved')
    expect(refusalOf(granted(before, declare(before, 0, 2)), proposal)).toBe('moved')
    expect(refusalOf(granted(before, proposal), proposal)).toBe('moved')
    expect(refusalOf(before, { ...proposal, lanes: [] })).toBe('absent')
  })
})

describe('deletes and what is lost', () => {
  test('a delete that waited for a lost epoch waits no more, and takes nothing out of it', () => {
    const empty = withSinks({ rows: 'rows' })
    const declared = granted(passed(empty, 0, 3), declare(passed(empty, 0, 3), 0, 12))
    const before = granted(declared, listed(20))
    expect(isDeleteReady(before, before.deletes[0]!, 'rows', undefined)).toBe(false)
    const doc = granted(before, skipTo(before, 9))
    expect(doc.deletes[0]!.cover['rows']).toEqual([{ from: 0, to: 3, tenants: { kind: 'all' } }])
    expect(isDeleteReady(doc, doc.deletes[0]!, 'rows', undefined)).toBe(true)
  })

  test('a later delete does not look for what was lost: it was never taken', () => {
    const before = passed(withSinks({ rows: 'rows' }), 0, 3)
    const skipped = passed(granted(before, skipTo(before, 9)), 1, 12)
    const doc = granted(skipped, listed(20))
    expect(doc.deletes[0]!.cover['rows']?.map(({ from, to }) => [from, to])).toEqual([
      [0, 3],
      [9, 12],
    ])
  })

  test('no delete waits for events that the event store has lost', () => {
    const before = passed(withSinks({ rows: 'rows', store: 'events' }), 0, 12)
    const skipped = passed(granted(before, skipTo(before, 9)), 2, 12)
    const doc = granted(skipped, listed(20, 'store'))
    expect(doc.deletes[0]!.cover['store']?.map(({ from, to }) => [from, to])).toEqual([[9, 12]])
    expect(isDeleteReady(doc, doc.deletes[0]!, 'rows', 'store')).toBe(true)
    expect(taken(doc, 'store', true)).toMatchObject([{ from: 9, to: 12 }])
  })
})
