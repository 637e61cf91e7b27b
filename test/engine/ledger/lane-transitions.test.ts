/** Each change of lanes, with what it requires refused one by one (PROTOCOL sections 3 and 8). */
import { describe, expect, test } from 'vitest'
import type { Counters } from '../../../topology/model/ledger-document.ts'
import { commit, declare, granted, laneOf, passed, refusalOf, withSinks } from './given-documents.ts'

const rows = withSinks({ rows: 'rows' })
const all = { kind: 'all' } as const
const counters: Counters = { received: 5, applied: 3, deadLettered: 1, dropped: 1 }

describe('declare', () => {
  const declared = granted(rows, declare(rows, 0, 5))

  test('takes the next sequence number and the turn of the slot; rules stay', () => {
    expect(laneOf(declared, 0)).toMatchObject({ at: 0, declared: 5, seq: 1, code: 'f' })
    expect(declared.sinks['rows']!.slots[0]).toEqual({ seq: 1, turn: 'L0' })
    expect(declared.rules).toBe(rows.rules)
  })

  test.each([
    ['a lane that is gone', rows, declare(rows, 7, 5), 'moved'],
    ['another committed offset', rows, declare(rows, 0, 5, { at: 2 }), 'moved'],
    ['an epoch that is declared already', declared, declare(declared, 0, 6), 'moved'],
    ['an empty range', rows, declare(rows, 0, 0), 'range'],
    ['other rules than the content was computed under', rows, declare(rows, 0, 5, { rules: rows.rules - 1 }), 'rules'],
    ['a delete that is not listed', rows, declare(rows, 0, 5, { deletes: [3] }), 'unlisted'],
  ])('refuses %s', (_, doc, proposal, why) => {
    expect(refusalOf(doc, proposal)).toBe(why)
  })

  test('refuses an end behind that of the lane', () => {
    const cut = granted(rows, { kind: 'cut', lane: 0, at: 4, cuts: [], slots: [1] })
    expect(refusalOf(cut, declare(cut, 0, 5))).toBe('range')
    expect(refusalOf(cut, declare(cut, 0, 4))).toBe('granted')
  })

  test('waits while another lane has its epoch in the slot', () => {
    const cut = granted(rows, { kind: 'cut', lane: 0, at: 4, cuts: [], slots: [0] })
    const busy = granted(cut, declare(cut, 0, 4))
    expect(refusalOf(busy, declare(busy, 1, 9))).toBe('waits')
    expect(refusalOf(granted(busy, commit(busy, 0)), declare(busy, 1, 9))).toBe('granted')
  })

  test('of an archive has no slot: its lanes count for themselves', () => {
    const archive = withSinks({ archive: 'objects' })
    const once = granted(archive, declare(archive, 0, 3, { partBytes: 77 }))
    expect(laneOf(once, 0)).toMatchObject({ seq: 1, partBytes: 77 })
    expect(once.sinks['archive']!.slots).toEqual([])
  })
})

describe('commit', () => {
  const declared = granted(rows, { kind: 'startLane', lane: 0 }, declare(rows, 0, 5))

  test('moves the lane once, frees the turn, keeps the counters; rules stay', () => {
    const done = granted(declared, commit(declared, 0, counters))
    expect(laneOf(done, 0)).toMatchObject({ at: 5, declared: null, seq: 1, tries: 0, counters })
    expect(done.sinks['rows']!.slots[0]).toEqual({ seq: 1, turn: null })
    expect(done.rules).toBe(declared.rules)
    expect(refusalOf(done, commit(declared, 0))).toBe('moved')
  })

  test.each([{ at: 1 }, { to: 4 }, { seq: 2 }, { lane: 9 }])('refuses another epoch: %j', (other) => {
    expect(refusalOf(declared, { ...commit(declared, 0), ...other })).toBe('moved')
  })

  test('of the last epoch makes a finished range of the lane and hands its counters on (I-8)', () => {
    const cut = granted(rows, { kind: 'cut', lane: 0, at: 5, cuts: [], slots: [2] })
    const done = passed(cut, 0, 5, counters)
    expect(done.lanes[0]).toBeUndefined()
    expect(done.sinks['rows']).toMatchObject({ counters, homes: [{ from: 0, to: 5, tenants: all, slot: 0 }] })
  })

  test('joins neighbours of one slot, but keeps the ranges of an archive apart: its names hold the lane', () => {
    for (const [kind, homes] of [
      ['rows', 1],
      ['events', 1],
      ['objects', 2],
      ['custom', 2],
    ] as const) {
      let doc = withSinks({ sink: kind })
      doc = granted(doc, { kind: 'cut', lane: 0, at: 5, cuts: [9], slots: [0, 1] })
      doc = passed(passed(doc, 1, 9), 0, 5)
      expect(doc.sinks['sink']!.homes, kind).toHaveLength(homes)
    }
  })

  test('keeps ranges of different slots apart', () => {
    const cut = granted(rows, { kind: 'cut', lane: 0, at: 5, cuts: [9], slots: [1, 1] })
    const done = passed(passed(cut, 1, 9), 0, 5)
    expect(done.sinks['rows']!.homes.map(({ from, to, slot }) => [from, to, slot])).toEqual([
      [5, 9, 1],
      [0, 5, 0],
    ])
  })
})

describe('cut', () => {
  test('ends the lane and tiles what lies behind, each part in its slot; rules grow', () => {
    const cut = granted(rows, { kind: 'cut', lane: 0, at: 3, cuts: [6], slots: [1, 2] })
    expect(Object.values(cut.lanes).map(({ from, to, slot }) => [from, to, slot])).toEqual([
      [0, 3, 0],
      [3, 6, 1],
      [6, null, 2],
    ])
    expect(cut.rules).toBe(rows.rules + 1)
  })

  const declared = granted(rows, declare(rows, 0, 5))
  test.each([
    ['inside the declared epoch', declared, [4], 'range'],
    ['at its end', declared, [5], 'granted'],
    ['twice at one place', rows, [3, 3], 'range'],
    ['backward', rows, [6, 3], 'range'],
  ])('%s', (_, doc, [at = 0, ...cuts], answer) => {
    expect(refusalOf(doc, { kind: 'cut', lane: 0, at, cuts, slots: [0, 0] })).toBe(answer)
  })

  test('at the committed offset leaves no lane behind', () => {
    const cut = granted(rows, { kind: 'cut', lane: 0, at: 0, cuts: [], slots: [3] })
    expect(Object.keys(cut.lanes)).toEqual(['1'])
    expect(refusalOf(cut, { kind: 'cut', lane: 0, at: 1, cuts: [], slots: [] })).toBe('absent')
  })
})

describe('divert and rejoin', () => {
  const diverted = granted(rows, { kind: 'divert', lane: 0, at: 4, tenant: 'ann', slot: 2 })

  test('a diversion parts one tenant from the rest; rules grow', () => {
    expect(Object.values(diverted.lanes).map(({ from, tenants, slot }) => [from, tenants, slot])).toEqual([
      [0, all, 0],
      [4, { kind: 'except', names: ['ann'] }, 0],
      [4, { kind: 'only', names: ['ann'] }, 2],
    ])
    expect(diverted.rules).toBe(rows.rules + 1)
  })

  test('a tenant that the lane does not read, or the only one, cannot be parted from it', () => {
    expect(refusalOf(diverted, { kind: 'divert', lane: 1, at: 6, tenant: 'ann', slot: 0 })).toBe('range')
    expect(refusalOf(diverted, { kind: 'divert', lane: 2, at: 6, tenant: 'ann', slot: 0 })).toBe('range')
  })

  test('a rejoin makes one lane of both again; rules grow', () => {
    const joined = granted(diverted, { kind: 'rejoin', lanes: [1, 2], at: 7, slot: 1 })
    expect(laneOf(joined, 3)).toMatchObject({ from: 7, to: null, tenants: all, slot: 1 })
    expect([laneOf(joined, 1).to, laneOf(joined, 2).to]).toEqual([7, 7])
    expect(joined.rules).toBe(diverted.rules + 1)
  })

  test('lanes of different ends, overlapping tenants, or with an epoch beyond the place are not joined', () => {
    const at = (doc: typeof rows, lanes: [number, number], place: number): string =>
      refusalOf(doc, { kind: 'rejoin', lanes, at: place, slot: 0 })
    expect(at(diverted, [0, 1], 7)).toBe('range')
    expect(at(diverted, [1, 1], 7)).toBe('range')
    expect(at(diverted, [1, 9], 7)).toBe('absent')
    expect(at(granted(diverted, declare(diverted, 2, 8)), [1, 2], 7)).toBe('range')
  })
})

describe('dead letters', () => {
  const letter = (offset: number, tenant = 'ann') =>
    ({ kind: 'deadLetter', sinks: ['rows'], offsets: [offset], tenants: [tenant] }) as const

  test('are sorted ranges; rules grow, and once only', () => {
    const doc = granted(rows, letter(4), letter(2), letter(3), letter(9))
    expect(doc.deadLetters['rows']).toEqual([
      [2, 5],
      [9, 10],
    ])
    expect(doc.rules).toBe(rows.rules + 4)
    expect(refusalOf(doc, letter(3))).toBe('present')
  })

  test('cannot take back what is applied or declared (I-2)', () => {
    const declared = granted(rows, declare(rows, 0, 5))
    expect(refusalOf(declared, letter(4))).toBe('taken')
    expect(refusalOf(granted(declared, commit(declared, 0)), letter(4))).toBe('taken')
    expect(refusalOf(declared, letter(5))).toBe('granted')
  })

  test('of a tenant whose own lane has not come there are taken', () => {
    const diverted = granted(rows, { kind: 'divert', lane: 0, at: 0, tenant: 'ann', slot: 2 })
    const ahead = passed(diverted, 1, 9)
    expect(refusalOf(ahead, letter(4, 'bob'))).toBe('taken')
    expect(refusalOf(ahead, letter(4, 'ann'))).toBe('granted')
  })

  test('of a sink that is not there are refused', () => {
    expect(refusalOf(rows, { ...letter(4), sinks: ['rows', 'nobody'] })).toBe('absent')
  })
})

describe('sinks', () => {
  test('a new one begins at the start of the log as the topology knows it; rules grow', () => {
    const doc = granted(withSinks({ rows: 'rows' }, 40), {
      kind: 'addSink',
      sink: 'late',
      sinkKind: 'events',
      from: 0,
      to: null,
      fingerprint: 'g',
    })
    expect(doc.sinks['late']).toMatchObject({ from: 40, fingerprint: 'g', retired: false })
    expect(laneOf(doc, 1)).toMatchObject({ sink: 'late', from: 40, at: 40, to: null })
    expect(doc.rules).toBe(2)
  })

  test('one is not added twice, and retired once', () => {
    const again = { kind: 'addSink', sink: 'rows', sinkKind: 'rows', from: 0, to: null, fingerprint: 'f' } as const
    expect(refusalOf(rows, again)).toBe('present')
    const retired = granted(rows, { kind: 'retireSink', sink: 'rows', retired: true })
    expect(refusalOf(retired, { kind: 'retireSink', sink: 'rows', retired: true })).toBe('present')
    expect(retired.rules).toBe(rows.rules)
  })

  test('starts of a lane are counted until it has moved', () => {
    const tried = granted(rows, { kind: 'startLane', lane: 0 }, { kind: 'startLane', lane: 0 })
    expect(laneOf(tried, 0).tries).toBe(2)
    expect(laneOf(passed(tried, 0, 3), 0).tries).toBe(0)
    expect(refusalOf(rows, { kind: 'startLane', lane: 5 })).toBe('absent')
  })
})
