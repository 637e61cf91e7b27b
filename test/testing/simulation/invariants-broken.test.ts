/** Each predicate on ledger documents, broken by a pair of documents that no transition makes. */
import { expect, test } from 'vitest'
import { lanesOf } from '../../../topology/engine/ledger/document.ts'
import type { LaneState, LedgerDocument, SinkState } from '../../../topology/model/ledger-document.ts'
import { checkGroupOffset } from '../../../topology/testing/simulation/invariants/check-group-offset.ts'
import { checkLedgerStep } from '../../../topology/testing/simulation/invariants/check-ledger-step.ts'
import { declare, passed, withSinks } from '../../engine/ledger/given-documents.ts'
import { listing, ticked, workProposal } from './random-ticks.ts'

const sinks = { totals: 'rows', store: 'events', archive: 'objects' } as const
// Lane 0 has committed [0, 4) and declared [4, 6); the others have begun.
const begun = passed(withSinks(sinks), 0, 4, { received: 4, applied: 4, deadLettered: 0, dropped: 0 })
const doc = ticked(begun, declare(begun, 0, 6))
const next: LedgerDocument = { ...doc, ver: doc.ver + 1 }

const withLane = (change: Partial<LaneState>, of = next, id = 0): LedgerDocument => ({
  ...of,
  lanes: { ...of.lanes, [id]: { ...of.lanes[id]!, ...change } },
})
const withSink = (change: Partial<SinkState>, of = next, name = 'totals'): LedgerDocument => ({
  ...of,
  sinks: { ...of.sinks, [name]: { ...of.sinks[name]!, ...change } },
})

// A delete at 8 that the store has taken six events before.
const taken = passed(doc, 1, 6)
const listed = ticked(taken, listing(8))
const [entry] = listed.deletes
const worked = (times: number): LedgerDocument => {
  let at = ticked(listed, { kind: 'commit', ...commitOf(listed, 0) })
  at = passed(passed(passed(at, 0, 9), 1, 9), 2, 9)
  for (let time = 0; time < times; time++) at = ticked(at, workProposal(at, 0, 'totals')!)
  return at
}
const commitOf = (of: LedgerDocument, lane: number) => {
  const { at, declared, seq } = of.lanes[lane]!
  const counters = { received: 2, applied: 2, deadLettered: 0, dropped: 0 }
  return { lane, at, to: declared!, seq, counters, atMs: 0 }
}
const withEntry = (of: LedgerDocument, change: Partial<NonNullable<typeof entry>>): LedgerDocument => ({
  ...of,
  ver: of.ver + 1,
  deletes: of.deletes.map((one) => ({ ...one, ...change })),
})
const started = worked(1)
const running = worked(2)

const rest: Pick<LaneState, 'counters' | 'declared' | 'at'> = {
  at: 6,
  declared: null,
  counters: { received: 6, applied: 6, deadLettered: 0, dropped: 0 },
}
const freed = { slots: doc.sinks['totals']!.slots.map((slot) => ({ ...slot, turn: null })) }
const { 0: _first, ...withoutFirst } = next.lanes

type Pair = readonly [what: string, invariant: string, before: LedgerDocument, after: LedgerDocument]

const broken: readonly Pair[] = [
  ['a version that is left out', 'I-4', doc, { ...doc, ver: doc.ver + 2 }],
  ['another log', 'I-1', doc, { ...next, log: 'another' }],
  ['a lane that goes back', 'I-4', doc, withLane({ at: 3 })],
  ['a commit of what was not declared', 'I-4', doc, withLane({ ...rest, at: 5 })],
  ['a commit of less than was declared', 'I-4', doc, withSink(freed, withLane({ ...rest, at: 5 }))],
  ['a declaration that is taken back', 'I-4', doc, withSink(freed, withLane({ declared: null }))],
  ['a declaration that is changed', 'I-4', doc, withLane({ declared: 7 })],
  ['a declaration of nothing', 'I-4', doc, withLane({ at: 6, declared: 6 })],
  ['a lane that has taken more than it holds', 'I-5', doc, withLane({ to: 5 })],
  ['a turn that nobody waits for', 'I-4', doc, withLane(rest)],
  ['an epoch without its turn', 'I-4', doc, withSink(freed)],
  [
    'a slot that goes back',
    'I-4',
    doc,
    withSink({ slots: doc.sinks['totals']!.slots.map(() => ({ seq: 0, turn: null })) }),
  ],
  ['two epochs of one seq', 'I-4', doc, withLane({ ...rest, declared: 8 })],
  ['a lane of other tenants', 'I-5', doc, withLane({ tenants: { kind: 'only', names: ['ann'] } })],
  ['a lane that is gone with what it had taken', 'I-4', doc, { ...next, lanes: withoutFirst, rules: doc.rules + 1 }],
  ['a gap behind a cut', 'I-5', doc, { ...withLane({ to: 6 }), rules: doc.rules + 1 }],
  ['a range that rules do not tell', 'I-4', doc, withLane({ to: 6 })],
  ['rules that go back', 'I-4', doc, { ...next, rules: doc.rules - 1 }],
  ['two lanes for the same records', 'I-5', doc, { ...next, nextLane: 4, rules: doc.rules + 1, lanes: twice() }],
  ['a counter that does not add up', 'I-8', doc, withSink(freed, withLane({ ...rest, counters: short() }))],
  ['a record that nobody read', 'I-8', doc, withSink(freed, withLane({ ...rest, counters: whole(7) }))],
  ['a start beyond a lane', 'I-2', doc, { ...next, start: 5 }],
  ['a start that goes back', 'I-4', { ...doc, start: 0 }, { ...next, start: -1 }],
  ['a dead letter that was applied', 'I-2', doc, { ...next, rules: doc.rules + 1, deadLetters: { totals: [[2, 3]] } }],
  ['a dead letter without rules', 'I-4', doc, { ...next, deadLetters: { totals: [[9, 10]] } }],
  ['a dead letter that is forgotten', 'I-2', { ...doc, deadLetters: { totals: [[9, 10]] } }, next],
  ['a sink that is gone', 'I-5', doc, { ...next, sinks: {} }],
  ['a sink that is another', 'I-1', doc, withSink({ fingerprint: 'g' })],
  ['a delete that covers less than was taken', 'I-3', taken, { ...listed, deletes: [{ ...entry!, cover: {} }] }],
  ['a delete that is listed twice', 'I-3', listed, twiceListed()],
  ['a delete that is forgotten', 'I-3', worked(0), { ...worked(0), ver: worked(0).ver + 1, deletes: [] }],
  ['work that begins before its events are there', 'I-3', listed, begunEarly()],
  ['work that leaves a range out', 'I-3', started, withEntry(started, { work: leftOut() })],
  ['work that is done and is not', 'I-3', running, withEntry(running, { work: workOf({ state: 'done' }) })],
  ['work that goes back', 'I-4', running, withEntry(running, { work: workOf({ state: 'waiting' }) })],
  ['a cover that is lost', 'I-3', running, withEntry(running, { cover: {} })],
]

function whole(received: number): LaneState['counters'] {
  return { received, applied: received, deadLettered: 0, dropped: 0 }
}
function short(): LaneState['counters'] {
  return { received: 6, applied: 5, deadLettered: 0, dropped: 0 }
}
function twice(): LedgerDocument['lanes'] {
  return { ...next.lanes, 3: { ...next.lanes[2]!, at: 0, declared: null } }
}
function twiceListed(): LedgerDocument {
  return { ...ticked(listed, listing(9)), deletes: [entry!, { ...entry!, n: 1 }] }
}
function workOf(change: object): NonNullable<typeof entry>['work'] {
  return { ...running.deletes[0]!.work, totals: { ...running.deletes[0]!.work['totals']!, ...change } }
}
function leftOut(): NonNullable<typeof entry>['work'] {
  return workOf({ todo: [], declared: null })
}
function begunEarly(): LedgerDocument {
  return withEntry(listed, { work: { ...entry!.work, totals: { ...entry!.work['totals']!, state: 'running' } } })
}

test.each(broken)('%s breaks %s', (_what, invariant, before, after) => {
  expect(() => checkLedgerStep(before, after)).toThrow(`${invariant}: `)
})

test('the documents that are broken above are right before', () => {
  checkLedgerStep(doc, next)
  checkLedgerStep(taken, { ...listed, ver: taken.ver + 1 })
  for (let times = 0; times < 3; times++)
    checkLedgerStep(worked(times), { ...worked(times + 1), ver: worked(times).ver + 1 })
  expect(lanesOf(doc, 'totals')).toHaveLength(1)
})

test('a group is told what every sink in service has passed, and never less than before', () => {
  const caughtUp = passed(passed(doc, 1, 6), 2, 5)
  expect(() => checkGroupOffset(undefined, 4, caughtUp)).not.toThrow()
  expect(() => checkGroupOffset(undefined, 5, caughtUp)).toThrow(
    'I-2: the group was told 5, and lane 0 of totals stands at 4',
  )
  expect(() => checkGroupOffset(4, 3, caughtUp)).toThrow('I-4: the group offset went back from 4 to 3')
})
