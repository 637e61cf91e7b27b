/** Ledger documents for the tests of transitions, and the question whether a sink's ranges tile the partition. */
import fc from 'fast-check'
import { applyProposal } from '../../../topology/engine/ledger/apply-proposal.ts'
import { emptyDocument, lanesOf, noCounters } from '../../../topology/engine/ledger/document.ts'
import { lostOf } from '../../../topology/engine/ledger/lost-ranges.ts'
import type { Proposal, Refusal } from '../../../topology/engine/ledger/proposal.ts'
import { lanesBehind } from '../../../topology/engine/ledger/skip-transition.ts'
import { inScope } from '../../../topology/engine/ledger/tenant-scope.ts'
import type { Counters, LaneState, LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { SinkKind } from '../../../topology/model/sink.ts'

export const tenants = ['ann', 'bob', 'cyd'] as const

/** Applies proposals that all must be granted. */
export const granted = (doc: LedgerDocument, ...proposals: readonly Proposal[]): LedgerDocument => {
  let next = doc
  for (const proposal of proposals) {
    const step = applyProposal(next, proposal)
    if (typeof step === 'string') throw new Error(`${JSON.stringify(proposal)} was refused: ${step}`)
    next = step
  }
  return next
}

/** Why a proposal is refused; `granted` when it is not. */
export const refusalOf = (doc: LedgerDocument, proposal: Proposal): Refusal | 'granted' => {
  const step = applyProposal(doc, proposal)
  return typeof step === 'string' ? step : 'granted'
}

export const withSinks = (sinks: Readonly<Record<string, SinkKind>>, start = 0): LedgerDocument =>
  granted(
    emptyDocument('log', start),
    ...Object.entries(sinks).map(
      ([sink, sinkKind]): Proposal => ({ kind: 'addSink', sink, sinkKind, from: start, to: null, fingerprint: 'f' }),
    ),
  )

export const laneOf = (doc: LedgerDocument, id: number): LaneState => doc.lanes[id]!

export const declare = (doc: LedgerDocument, lane: number, to: number, more: object = {}): Proposal => ({
  kind: 'declare',
  lane,
  at: doc.lanes[lane]?.at ?? 0,
  to,
  rules: doc.rules,
  code: 'f',
  partBytes: 0,
  deletes: [],
  ...more,
})

export const commit = (doc: LedgerDocument, lane: number, counters: Counters = noCounters): Proposal => {
  const { at, declared, seq } = laneOf(doc, lane)
  return { kind: 'commit', lane, at, to: declared ?? at, seq, counters, atMs: 0 }
}

/** Declares and commits `[at, to)`. */
export const passed = (doc: LedgerDocument, lane: number, to: number, counters?: Counters): LedgerDocument => {
  const declared = granted(doc, declare(doc, lane, to))
  return granted(declared, commit(declared, lane, counters))
}

/** How many lanes, finished and lost ranges of a sink hold a place: 1 everywhere, or I-5 is broken. */
export const holders = (doc: LedgerDocument, sink: string, offset: number, tenant: string): number =>
  [...doc.sinks[sink]!.homes, ...lanesOf(doc, sink).map(([, lane]) => lane), ...lostOf(doc, sink)].filter(
    ({ from, to, tenants: scope }) =>
      offset >= from && offset < (to ?? Number.POSITIVE_INFINITY) && inScope(scope, tenant),
  ).length

/** A random thing that an owner or a supervisor asks for; most are well-formed, some are not. */
export const anyMove = fc.record({
  kind: fc.constantFrom('declare', 'commit', 'cut', 'divert', 'rejoin', 'skip'),
  pick: fc.nat(20),
  other: fc.nat(20),
  step: fc.nat(6),
  slot: fc.nat(3),
  tenant: fc.constantFrom(...tenants),
})
export type Move = typeof anyMove extends fc.Arbitrary<infer Value> ? Value : never

export const proposalOf = (doc: LedgerDocument, move: Move): Proposal | undefined => {
  const ids = Object.keys(doc.lanes).map(Number)
  const [id, other] = [ids[move.pick % ids.length], ids[move.other % ids.length]]
  if (id === undefined || other === undefined) return undefined
  const lane = laneOf(doc, id)
  const at = (lane.declared ?? lane.at) + move.step
  const one: Counters = { received: move.step, applied: move.step, deadLettered: 0, dropped: 0 }
  switch (move.kind) {
    case 'declare':
      return declare(doc, id, lane.at + move.step)
    case 'commit':
      return commit(doc, id, one)
    case 'cut':
      return { kind: 'cut', lane: id, at, cuts: move.other % 2 === 0 ? [] : [at + 2], slots: [move.slot, 0] }
    case 'divert':
      return { kind: 'divert', lane: id, at, tenant: move.tenant, slot: move.slot }
    case 'rejoin':
      return { kind: 'rejoin', lanes: [id, other], at, slot: move.slot }
    case 'skip':
      return { kind: 'skip', lanes: lanesBehind(doc, at, () => move.pick % 2 === 0), atMs: 0, by: 'ann', reason: '' }
    default:
      return move.kind satisfies never
  }
}
