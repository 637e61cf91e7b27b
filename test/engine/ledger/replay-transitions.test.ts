/** What becomes of a replay in a ledger document. */
import { expect, test } from 'vitest'
import { laneClassOf } from '../../../topology/engine/lane-class.ts'
import { emptyDocument, lanesOf } from '../../../topology/engine/ledger/document.ts'
import { groupOffset } from '../../../topology/engine/ledger/group-offset.ts'
import { addSink, commit, cut, declare } from '../../../topology/engine/ledger/lane-transitions.ts'
import {
  withoutNamespace,
  withPromoted,
  withRate,
  withReplay,
} from '../../../topology/engine/ledger/replay-transitions.ts'
import type { LedgerDocument, ReplayRequest } from '../../../topology/model/ledger-document.ts'
import { plantedFaults } from '../../../topology/model/planted-faults.ts'
import type { PlannedSink } from '../../../topology/model/spout-plan.ts'

const node = { name: 'totals', kind: 'rows', fingerprint: 'f', order: 'commutative' } as PlannedSink // the rest is not looked at
const ended: ReplayRequest = { namespace: 'v2', fromMs: 0, toMs: 9 }
const open: ReplayRequest = { ...ended, toMs: null }
const live = addSink(emptyDocument('log', 0), {
  kind: 'addSink',
  ...{ sink: 'totals', sinkKind: 'rows', from: 0, to: null, fingerprint: 'f' },
}) as LedgerDocument // the name is new

const begin = (doc: LedgerDocument, request: ReplayRequest, to: number | null): LedgerDocument =>
  withReplay(doc, [node], { from: 2, to }, request)

test('what goes on after it had an end is what began without one and was cut there (I-5)', () => {
  const extended = begin(begin(live, ended, 5), open, null)
  const [lane] = lanesOf(begin(live, open, null), 'totals@v2')[0]!
  const one = cut(begin(live, open, null), { kind: 'cut', lane, at: 5, cuts: [], slots: [0] })
  expect(extended).toEqual(one)
})

test('the same request again changes nothing', () => {
  const begun = begin(begin(live, ended, 5), open, null)
  expect(begin(begun, open, null)).toBe(begun)
  expect(withRate(withRate(begun, 'v2', 5), 'v2', 5)).toEqual(withRate(begun, 'v2', 5))
  expect(withRate(withRate(begun, 'v2', 5), 'v2', undefined)).toEqual(begun)
})

test('what readers see is live work, and the group offset tells of it; what they no longer see is not', () => {
  const begun = begin(live, open, null)
  const lane = (doc: LedgerDocument): string => laneClassOf(doc, lanesOf(doc, 'totals@v2')[0]![1])
  const promoted = withPromoted(begun, { totals: 'v2' })
  expect([lane(begun), lane(promoted), lane(withPromoted(promoted, {}))]).toEqual(['replay', 'live', 'replay'])
  const ahead = {
    ...promoted,
    lanes: Object.fromEntries(
      Object.entries(promoted.lanes).map(([id, one]) => [id, { ...one, at: one.sink === 'totals' ? 9 : 4 }]),
    ),
  }
  expect([groupOffset(ahead), groupOffset(withPromoted(ahead, {}))]).toEqual([4, 9])
})

test('what is dropped may not return, and the others stay', () => {
  const dropped = withoutNamespace(begin(begin(live, open, null), { ...open, namespace: 'v3' }, null), 'v2')
  const states = Object.entries(dropped.sinks).map(([name, { retired, lapsed }]) => [name, retired, lapsed === true])
  expect(states).toEqual([
    ['totals', false, false],
    ['totals@v2', true, true],
    ['totals@v3', false, false],
  ])
})

test('a sink that needs its tuples in order reads what is behind the end when it has read what lies before (I-1)', () => {
  const ordered = { ...node, order: 'partitionOrdered' } as PlannedSink // as above
  const extended = withReplay(
    withReplay(live, [ordered], { from: 2, to: 5 }, ended),
    [ordered],
    { from: 2, to: null },
    open,
  )
  const [first, second] = lanesOf(extended, 'totals@v2').map(([id]) => id) as [number, number] // it has two
  const declareAt = (doc: LedgerDocument, lane: number, at: number, to: number): ReturnType<typeof declare> =>
    declare(doc, { kind: 'declare', lane, at, to, rules: doc.rules, code: 'f', partBytes: 0, deletes: [] })
  expect(declareAt(extended, second, 5, 7)).toBe('waits')
  plantedFaults.add('ordered-lanes-together')
  expect(declareAt(extended, second, 5, 7)).not.toBe('waits')
  plantedFaults.clear()
  const declared = declareAt(extended, first, 2, 5) as LedgerDocument // it is the first
  const counters = { received: 0, applied: 0, deadLettered: 0, dropped: 0 }
  const over = commit(declared, {
    kind: 'commit',
    lane: first,
    at: 2,
    to: 5,
    seq: 1,
    counters,
    atMs: 0,
  }) as LedgerDocument // it was declared
  expect(declareAt(over, second, 5, 7)).not.toBe('waits')
})
