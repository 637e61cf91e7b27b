import { expect, test } from 'vitest'
import { applyProposal } from '../../../topology/engine/ledger/apply-proposal.ts'
import { emptyDocument } from '../../../topology/engine/ledger/document.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import { applyPatch, patchOf } from '../../../topology/engine/workers/document-patch.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'

const commit = { received: 2, applied: 2, deadLettered: 0, dropped: 0 }
const proposals: readonly Proposal[] = [
  { kind: 'addSink', sink: 'totals', sinkKind: 'rows', from: 0, to: null, fingerprint: 'f' },
  { kind: 'addSink', sink: 'store', sinkKind: 'events', from: 0, to: null, fingerprint: 'f' },
  { kind: 'startLane', lane: 0 },
  { kind: 'declare', lane: 0, at: 0, to: 10, rules: 2, code: 'f', partBytes: 0, deletes: [] },
  { kind: 'commit', lane: 0, at: 0, to: 10, seq: 1, counters: commit, atMs: 5 },
  { kind: 'cut', lane: 0, at: 20, cuts: [30], slots: [1, 0] },
  { kind: 'registerDeletes', offsets: [[12, 13]], records: 1, stored: 'a', isById: false, eventStore: 'store' },
  { kind: 'registerDeletes', offsets: [[40, 41]], records: 1, stored: 'b', isById: false, eventStore: 'store' },
  { kind: 'startDelete', entry: 0, sink: 'totals', eventStore: 'store' },
  { kind: 'deadLetter', sinks: ['totals'], offsets: [25], tenants: ['ann'] },
  { kind: 'suspect', lanes: [0, 1], from: 10, to: 15, cause: 'it died' },
  { kind: 'moveStart', start: 3 },
]

/** Every state that the proposals lead through. */
const states = (): readonly LedgerDocument[] => {
  const found = [{ ...emptyDocument('log', 0), ver: 1 }]
  for (const proposal of proposals) {
    const next = applyProposal(found.at(-1)!, proposal)
    if (typeof next !== 'string') found.push({ ...next, ver: found.at(-1)!.ver + 1 })
  }
  return found
}

test('a copy that takes every patch is always the document', () => {
  const all = states()
  expect(all.length).toBeGreaterThan(9)
  let copy = structuredClone(all[0]!)
  for (const [index, next] of all.entries()) {
    if (index === 0) continue
    copy = applyPatch(copy, structuredClone(patchOf(all[index - 1]!, next)))
    expect(copy).toEqual(next)
  }
})

test('a patch over several changes leads to the same', () => {
  const all = states()
  const [first, last] = [all[0]!, all.at(-1)!]
  expect(applyPatch(structuredClone(first), structuredClone(patchOf(first, last)))).toEqual(last)
  expect(applyPatch(structuredClone(last), structuredClone(patchOf(last, { ...first, ver: 99 })))).toEqual({
    ...first,
    ver: 99,
  })
})

test('what has not changed is not sent, and is the same object behind it', () => {
  const all = states()
  const [before, after] = [all[2]!, all[3]!]
  const patch = patchOf(before, after)
  expect(Object.keys(patch.tables)).toEqual(['lanes'])
  expect(Object.keys(patch.tables['lanes']!.set)).toEqual(['0'])
  expect(applyPatch(before, patch).sinks).toBe(before.sinks)
})

test('a patch of another version is refused', () => {
  const all = states()
  expect(() => applyPatch(all[3]!, patchOf(all[0]!, all[1]!))).toThrow('does not fit')
})
