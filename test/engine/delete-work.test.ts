import { describe, expect, test } from 'vitest'
import { piecesOf, rangesLeft, sweptProposals } from '../../topology/engine/delete-work.ts'
import { allTenants } from '../../topology/engine/ledger/tenant-scope.ts'
import type { DeleteEntry, DeleteWork, Home } from '../../topology/model/ledger-document.ts'

describe('what a pass reads', () => {
  test('is ranges joined, and points outside of them, in the order of the log', () => {
    const ranges = [
      { from: 50, to: 70 },
      { from: 10, to: 20 },
      { from: 60, to: 90 },
    ]
    expect(piecesOf(ranges, [1, 9, 10, 19, 20, 30, 89, 90])).toEqual([
      { kind: 'points', offsets: [1, 9] },
      { kind: 'range', from: 10, to: 20 },
      { kind: 'points', offsets: [20, 30] },
      { kind: 'range', from: 50, to: 90 },
      { kind: 'points', offsets: [90] },
    ])
  })

  test('is nothing where nothing is left', () => expect(piecesOf([], [])).toEqual([]))
})

const home = (from: number, to: number): Home => ({ from, to, tenants: allTenants, slot: 0, lane: from })
const entry = (work: Partial<DeleteWork>): DeleteEntry => ({
  n: 4,
  offsets: [[99, 100]],
  records: 1,
  stored: 'digest',
  isById: false,
  cover: {},
  work: {
    archive: { state: 'running', todo: [], at: 0, declared: null, seq: 2, retracted: 0, ...work },
  },
  counted: { sink: '', byRecord: [] },
})
const counts = { retracted: 5, byRecord: [[0, 5]], expired: 1 } as const
const toldOf = (work: Partial<DeleteWork>, upTo: number): readonly unknown[] =>
  sweptProposals(entry(work), 'archive', upTo, counts, undefined).map((one) => {
    const { kind, at, to, seq, left, retracted }: Record<string, unknown> = { ...one }
    return [
      kind,
      ...(kind === 'finishDelete' ? [] : [at, to, left]),
      ...(kind === 'commitDelete' ? [seq, retracted] : []),
    ]
  })

describe('what the ledger is told behind a sweep', () => {
  test('is every range that is done, its counts once, and the end', () => {
    expect(toldOf({ todo: [home(0, 10), home(20, 30)], at: 3 }, Number.POSITIVE_INFINITY)).toEqual([
      ['declareDelete', 3, 10, 2],
      ['commitDelete', 3, 10, 2, 3, 5],
      ['declareDelete', 20, 30, 1],
      ['commitDelete', 20, 30, 1, 4, 0],
      ['finishDelete'],
    ])
  })

  test('goes as far as the sweep has come', () => {
    const todo = [home(0, 10), home(20, 30)]
    expect(toldOf({ todo }, 25).slice(2)).toEqual([
      ['declareDelete', 20, 25, 1],
      ['commitDelete', 20, 25, 1, 4, 0],
    ])
    expect(toldOf({ todo: [home(20, 30), home(0, 10)], at: 20 }, 15)).toEqual([])
  })

  test('is nothing of ranges that lie over one another: a sweep takes them one after the other', () => {
    const work = { todo: [home(0, 10), home(10, 20), home(10, 20), home(12, 20)], at: 4 }
    expect(rangesLeft(entry(work), 'archive').map(({ from, to }) => [from, to])).toEqual([
      [4, 10],
      [10, 20],
    ])
    expect(toldOf(work, Number.POSITIVE_INFINITY)).toEqual([
      ['declareDelete', 4, 10, 4],
      ['commitDelete', 4, 10, 4, 3, 5],
      ['declareDelete', 10, 20, 3],
      ['commitDelete', 10, 20, 3, 4, 0],
    ])
  })

  test('begins with what an earlier owner had declared', () => {
    expect(toldOf({ todo: [home(0, 10)], at: 2, declared: 6 }, 10)).toEqual([
      ['commitDelete', 2, 6, 1, 2, 5],
      ['declareDelete', 6, 10, 1],
      ['commitDelete', 6, 10, 1, 3, 0],
      ['finishDelete'],
    ])
    expect(toldOf({ todo: [home(0, 10)], at: 2, declared: 6 }, 5)).toEqual([])
  })

  test('is the end alone where an entry has nothing to read', () => expect(toldOf({}, 0)).toEqual([['finishDelete']]))
})
