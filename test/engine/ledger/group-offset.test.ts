/** The offset that lag tools see: the lowest unfinished one of what serves, and no step back for what comes later. */
import { expect, test } from 'vitest'
import { groupOffset } from '../../../topology/engine/ledger/group-offset.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import { declare, granted, passed, withSinks } from './given-documents.ts'

const added = (sink: string, from: number, more: object = {}): Proposal => ({
  kind: 'addSink',
  ...{ sink, sinkKind: 'rows', from, to: null, fingerprint: 'f' },
  ...more,
})

const replay = { replay: { of: 'rows', namespace: 'n', fromMs: 0, toMs: 1 }, to: 10 }

/** Rows stand at 20, the archive at 12. */
const given = (): LedgerDocument => passed(passed(withSinks({ rows: 'rows', archive: 'objects' }), 0, 20), 1, 12)

test('is the lowest committed offset of the sinks in service, whatever is declared', () => {
  const doc = given()
  expect(groupOffset(doc)).toBe(12)
  expect(groupOffset(granted(doc, declare(doc, 0, 30)))).toBe(12)
  expect(groupOffset(granted(doc, declare(doc, 1, 18)))).toBe(12)
  expect(groupOffset(granted(doc, { kind: 'retireSink', sink: 'archive', retired: true }))).toBe(20)
})

test('takes every lane of a sink into account', () => {
  const cut = granted(given(), { kind: 'cut', lane: 1, at: 15, cuts: [], slots: [0] })
  expect(groupOffset(passed(cut, 2, 40))).toBe(12)
})

test('leaves out replays, and sinks that fill up from behind until they have caught up with the others', () => {
  const doc = granted(given(), added('rows@n', 0, replay), added('late', 0))
  expect(groupOffset(doc)).toBe(12)
  expect(groupOffset(passed(doc, 3, 11))).toBe(12)
  const there = passed(passed(doc, 3, 12), 1, 50)
  expect(groupOffset(there)).toBe(12)
  expect(groupOffset(passed(there, 3, 30))).toBe(20)
})

test('leaves out a sink that comes back, until it has caught up', () => {
  const gone = granted(given(), { kind: 'retireSink', sink: 'archive', retired: true })
  const back = granted(gone, { kind: 'retireSink', sink: 'archive', retired: false })
  expect(groupOffset(back)).toBe(20)
  expect(groupOffset(passed(passed(back, 0, 40), 1, 25))).toBe(25)
})

test('is unknown where no sink tells', () => {
  expect(groupOffset(granted(withSinks({}), added('rows@n', 0, replay)))).toBeUndefined()
})
