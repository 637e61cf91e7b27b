/** When deletes that are done leave the ledger document, and what is then known of them (PROTOCOL section 5). */
import { describe, expect, test } from 'vitest'
import { archivable, scannedTo } from '../../../topology/engine/ledger/archive-transition.ts'
import { isListed, rangesOf } from '../../../topology/engine/ledger/delete-entries.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import type { DeleteBlock, LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { declare, granted, passed, refusalOf, withSinks } from './given-documents.ts'

const register = (...offsets: readonly number[]): Proposal => ({
  kind: 'registerDeletes',
  offsets: rangesOf(offsets),
  records: offsets.length,
  stored: `text of ${offsets.join()}`,
  isById: false,
  eventStore: undefined,
})
const block = (stored: string, from: number, to: number): DeleteBlock => ({
  ...{ stored, from, to, bytes: 100, entries: 1, records: 1 },
  reach: [0, to - 1],
})
const archive = (entries: readonly number[], replaced: readonly string[] = [], to = 100): Proposal => ({
  kind: 'archiveDeletes',
  block: block(`block of ${entries.join()}`, 0, to),
  entries,
  replaced,
})

/** Does the whole work of an entry on a sink. */
const worked = (doc: LedgerDocument, n: number, sink: string): LedgerDocument => {
  let next = granted(doc, { kind: 'startDelete', entry: n, sink, eventStore: undefined })
  const workOf = (): LedgerDocument['deletes'][number]['work'][string] =>
    next.deletes.find((entry) => entry.n === n)!.work[sink]!
  while (workOf().todo.length > 0) {
    const { at, todo } = workOf()
    const place = { entry: n, sink, at, to: todo[0]!.to, left: todo.length }
    next = granted(next, { kind: 'declareDelete', ...place, eventStore: undefined })
    next = granted(next, { kind: 'commitDelete', ...place, seq: workOf().seq, retracted: 0, expired: 0 })
  }
  return granted(next, { kind: 'finishDelete', entry: n, sink })
}

/** Two sinks at 5, entry 0 at offset 7 done on both. */
const done = (): LedgerDocument => {
  const doc = granted(passed(passed(withSinks({ left: 'rows', right: 'rows' }), 0, 5), 1, 5), register(7))
  return worked(worked(doc, 0, 'left'), 0, 'right')
}

const listNumbers = (doc: LedgerDocument): readonly number[] => archivable(doc).map(({ n }) => n)

describe('an entry goes to the archive', () => {
  test('when its work is done on every sink and every lane in service has passed it', () => {
    const half = granted(passed(passed(withSinks({ left: 'rows', right: 'rows' }), 0, 5), 1, 5), register(7))
    expect(listNumbers(worked(half, 0, 'left'))).toEqual([])
    expect(listNumbers(done())).toEqual([])
    expect(listNumbers(passed(done(), 0, 8))).toEqual([])
    expect(listNumbers(passed(passed(done(), 0, 8), 1, 9))).toEqual([0])
  })

  test('and no other: what is asked of a document that has moved on is refused', () => {
    expect(refusalOf(done(), archive([0]))).toBe('notReady')
    const doc = passed(passed(done(), 0, 8), 1, 9)
    expect(refusalOf(doc, archive([0, 1]))).toBe('moved')
    expect(refusalOf(doc, archive([0], ['a block that is gone']))).toBe('moved')
    expect(refusalOf(granted(doc, archive([0])), archive([0]))).toBe('moved')
  })

  test('and stays listed by the offset below which all is: it is never taken for new (I-3)', () => {
    const doc = granted(passed(passed(done(), 0, 8), 1, 9), archive([0]))
    expect(doc).toMatchObject({ deletes: [], scannedTo: 9, nextDelete: 1, archive: [{ stored: 'block of 0' }] })
    expect([7, 9].map((offset) => isListed(doc, offset))).toEqual([true, false])
    expect(refusalOf(doc, register(7))).toBe('present')
    expect(granted(doc, register(9)).deletes[0]).toMatchObject({ n: 1 })
  })

  test('without a change of the rules: an epoch that was computed before is declared after', () => {
    const doc = passed(passed(done(), 0, 8), 1, 9)
    expect(refusalOf(granted(doc, archive([0])), declare(doc, 0, 12))).toBe('granted')
  })

  test('with blocks that came before, merged into one', () => {
    const first = granted(passed(passed(done(), 0, 8), 1, 9), archive([0]), register(9))
    const second = passed(passed(worked(worked(first, 1, 'left'), 1, 'right'), 0, 12), 1, 12)
    expect(granted(second, archive([1], ['block of 0'])).archive).toMatchObject([{ stored: 'block of 1' }])
  })
})

describe('the offset below which every record is listed', () => {
  test('is that of the sink which has read furthest without a gap', () => {
    expect(scannedTo(passed(withSinks({ left: 'rows', right: 'rows' }), 1, 9))).toBe(9)
    const cut = granted(withSinks({ left: 'rows' }), { kind: 'cut', lane: 0, at: 4, cuts: [], slots: [0] })
    expect(scannedTo(passed(cut, 1, 9))).toBe(0)
    expect(scannedTo(passed(passed(cut, 1, 9), 0, 4))).toBe(9)
  })

  test('is never that of a sink which began later, or reads one tenant', () => {
    const add: Proposal = { kind: 'addSink', sink: 'late', sinkKind: 'rows', from: 6, to: null, fingerprint: 'f' }
    const late = granted(withSinks({ left: 'rows' }), add)
    expect(scannedTo(passed(late, 1, 9))).toBe(0)
    const replay = { of: 'left', namespace: 'x', fromMs: 0, toMs: 9, tenant: 'ann' }
    const sink = { ...late.sinks['late']!, from: 0, replay }
    expect(scannedTo(passed({ ...late, sinks: { ...late.sinks, late: sink } }, 1, 9))).toBe(0)
  })
})

describe('a sink that is retired', () => {
  const retire: Proposal = { kind: 'retireSink', sink: 'right', retired: true }

  /** Everything is done on `left`, nothing on `right`; both have read to the end. */
  const undone = (entries: number): LedgerDocument => {
    let doc = passed(passed(withSinks({ left: 'rows', right: 'rows' }), 0, 5), 1, 5)
    for (let n = 0; n < entries; n++) doc = granted(doc, register(10 + n))
    doc = passed(passed(doc, 0, 10 + entries), 1, 10 + entries)
    const deletes = doc.deletes.map((entry) => ({
      ...entry,
      work: { ...entry.work, left: { ...entry.work['left']!, state: 'done' as const } },
    }))
    return granted({ ...doc, deletes }, retire)
  }

  test('is waited for, as long as the list is short', () => {
    expect(listNumbers(undone(1_000))).toEqual([])
  })

  test('lapses when the list is longer than a thousand: what it has not done goes to the archive', () => {
    const doc = undone(1_001)
    expect(listNumbers(doc)).toHaveLength(1_001)
    const after = granted(doc, archive([0, 1], [], 12))
    expect(after.sinks['right']).toMatchObject({ retired: true, lapsed: true })
    expect(after.sinks['left']).not.toHaveProperty('lapsed')
    expect(listNumbers(after)).toEqual([])
    expect(Object.keys(granted(after, register(5_000)).deletes.at(-1)!.work)).toEqual(['left'])
    expect(refusalOf(after, { kind: 'retireSink', sink: 'right', retired: false })).toBe('absent')
  })
})

test('a block is forgotten when the log begins behind it: nothing reads there any more', () => {
  const doc = granted(passed(passed(done(), 0, 8), 1, 9), archive([0], [], 8))
  expect(granted(doc, { kind: 'moveStart', start: 7 }).archive).toHaveLength(1)
  expect(granted(doc, { kind: 'moveStart', start: 8 })).toMatchObject({ archive: [], start: 8 })
})
