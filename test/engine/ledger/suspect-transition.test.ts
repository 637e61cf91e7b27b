import { describe, expect, test } from 'vitest'
import { applyProposal } from '../../../topology/engine/ledger/apply-proposal.ts'
import { addLane, emptyDocument, newSink } from '../../../topology/engine/ledger/document.ts'
import type { Proposal } from '../../../topology/engine/ledger/proposal.ts'
import { allTenants } from '../../../topology/engine/ledger/tenant-scope.ts'
import type { LedgerDocument, Suspect } from '../../../topology/model/ledger-document.ts'
import { plantedFaults } from '../../../topology/model/planted-faults.ts'
import { checkSuspect } from '../../../topology/testing/simulation/invariants/check-suspect.ts'

const given = (): LedgerDocument => {
  const sinks = { a: newSink('rows', 0, null, 'f'), b: newSink('events', 0, null, 'f') }
  let doc: LedgerDocument = { ...emptyDocument('log', 0), ver: 1, sinks }
  for (const sink of ['a', 'b']) doc = addLane(doc, { sink, from: 0, to: null, tenants: allTenants, slot: 0 })
  return doc
}

const apply = (doc: LedgerDocument, ...proposals: readonly Proposal[]): LedgerDocument =>
  proposals.reduce((now, proposal) => {
    const next = applyProposal(now, proposal)
    if (typeof next === 'string') throw new Error(`${proposal.kind} is refused: ${next}`)
    return next
  }, doc)

const loss = (lanes: readonly number[], from: number, to: number): Proposal => {
  return { kind: 'suspect', lanes, from, to, cause: 'it died' }
}

const suspects = (doc: LedgerDocument): readonly (Suspect | undefined)[] =>
  Object.values(doc.lanes).map(({ suspect }) => suspect)

const counters = { received: 0, applied: 0, deadLettered: 0, dropped: 0 }
const epoch = (lane: number, at: number, to: number, seq: number): readonly Proposal[] => [
  { kind: 'declare', lane, at, to, rules: 0, code: 'f', partBytes: 0, deletes: [] },
  { kind: 'commit', lane, at, to, seq, counters, atMs: 0 },
]

describe('a loss', () => {
  test('is charged to the range first, then to the record within', () => {
    const first = apply(given(), loss([0], 100, 600))
    expect(suspects(first)).toEqual([{ from: 100, to: 600, attempts: 1, cause: 'it died' }, undefined])
    const second = apply(first, loss([0], 357, 358))
    expect(suspects(second)[0]).toEqual({ from: 357, to: 358, attempts: 2, cause: 'it died' })
  })

  test('of a named record is charged to every lane that suspects it, so that it ends no more processes', () => {
    const both = apply(given(), loss([0, 1], 100, 600), loss([0], 357, 358), loss([1], 357, 358))
    expect(suspects(both).map((one) => one?.attempts)).toEqual([3, 3])
  })

  test('elsewhere begins a new count', () => {
    const doc = apply(given(), loss([0], 357, 358), loss([0], 400, 500))
    expect(suspects(doc)[0]).toEqual({ from: 400, to: 500, attempts: 1, cause: 'it died' })
  })

  test('that may have another cause makes lanes careful, and counts against nothing that is suspected', () => {
    const doubtful = (from: number, to: number): Proposal => ({
      kind: 'suspect',
      lanes: [0],
      from,
      to,
      cause: 'it died',
      isDoubtful: true,
    })
    const first = apply(given(), doubtful(357, 358))
    expect(suspects(first)).toEqual([{ from: 357, to: 358, attempts: 1, cause: 'it died' }, undefined])
    expect(applyProposal(first, doubtful(357, 358))).toBe('present')
    const certain = apply(given(), loss([0], 300, 400))
    expect(applyProposal(certain, doubtful(500, 501))).toBe('present')
  })

  test('of what is committed by now is charged to nobody', () => {
    const doc = apply(given(), ...epoch(0, 0, 600, 1))
    expect(applyProposal(doc, loss([0], 100, 600))).toBe('present')
  })

  test('changes no rules: what an epoch contains stays the same', () => {
    const doc = given()
    expect(apply(doc, loss([0, 1], 5, 6)).rules).toBe(doc.rules)
  })
})

describe('a suspicion', () => {
  test('ends with the commit behind it, and not before', () => {
    const doc = apply(given(), loss([0], 100, 200), ...epoch(0, 0, 150, 1))
    expect(suspects(doc)[0]).toMatchObject({ from: 100, to: 200 })
    expect(suspects(apply(doc, ...epoch(0, 150, 200, 2)))[0]).toBeUndefined()
  })

  test('goes along to the lanes that a cut or a diversion makes of its range', () => {
    const cut = apply(given(), loss([0], 100, 200), { kind: 'cut', lane: 0, at: 50, cuts: [150], slots: [1, 0] })
    const parts = Object.values(cut.lanes).flatMap(({ from, suspect }) =>
      suspect ? [[from, suspect.from, suspect.to]] : [],
    )
    expect(parts).toEqual(
      expect.arrayContaining([
        [50, 100, 150],
        [150, 150, 200],
      ]),
    )
    const divert = { kind: 'divert', lane: 0, at: 50, tenant: 'ann', slot: 1 } as const
    const diverted = apply(given(), loss([0], 100, 200), divert)
    expect(
      Object.values(diverted.lanes).filter(({ from, suspect }) => from === 50 && suspect !== undefined),
    ).toHaveLength(2)
  })
})

describe('what a history holds a suspicion to', () => {
  const passed = (): void => {
    const before = apply(given(), loss([0], 3, 5))
    const after = apply(before, ...epoch(0, 0, 9, 1))
    checkSuspect('0', before.lanes[0]!, after.lanes[0]!)
  }

  test('it is forgotten when the lane has passed it', () => {
    expect(passed).not.toThrow()
    plantedFaults.add('suspect-kept')
    expect(passed).toThrow(/suspects \[3, 5\) of 1 losses, and stands at 9/)
    plantedFaults.clear()
  })

  test('it is not forgotten before, and not charged elsewhere', () => {
    const lane = apply(given(), loss([0], 3, 5)).lanes[0]!
    const { suspect, ...forgetful } = lane
    expect(() => checkSuspect('0', lane, forgetful)).toThrow(/has forgotten/)
    const wider = { ...lane, suspect: { ...suspect!, to: 9, attempts: 2 } }
    expect(() => checkSuspect('0', lane, wider)).toThrow(/charges/)
  })
})
