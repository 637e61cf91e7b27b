/**
 * The life of a replay as pure changes of a ledger document: it begins as one sink for each declared one, may be told
 * another rate, may go on without an end, may take the place of what readers see, and may be dropped (PROTOCOL section 8).
 *
 * Keeps I-3 and I-5. Going on without an end gives the very document that one without an end from the start and a cut
 * there would give. What is dropped may not return, because deletes pass it by.
 */
import type { LedgerDocument, ReplayOrigin, ReplayRequest, SinkState } from '../../model/ledger-document.ts'
import { namespacedSink } from '../../model/namespace.ts'
import type { PlannedSink } from '../../model/spout-plan.ts'
import { addLane, withSink } from './document.ts'
import { addSink } from './lane-transitions.ts'
import { allTenants, onlyTenant } from './tenant-scope.ts'

/** Offsets of a partition; `to` is `null` where the replay goes on with what comes. */
export interface ReplayedRange {
  readonly from: number
  readonly to: number | null
}

/** Adds what is missing, and lets what ends go on where the request has no end. The same document when nothing changes. */
export const withReplay = (
  doc: LedgerDocument,
  sinks: readonly PlannedSink[],
  range: ReplayedRange,
  request: ReplayRequest,
): LedgerDocument => {
  let next = doc
  for (const { name: of, kind: sinkKind, fingerprint, order } of sinks) {
    const sink = namespacedSink(of, request.namespace)
    const replay: ReplayOrigin = { ...request, of }
    const added = addSink(next, { kind: 'addSink', sink, sinkKind, order, ...range, fingerprint, replay })
    if (typeof added !== 'string') next = added
    else if (request.toMs === null) next = followOn(next, sink)
  }
  return next
}

/** What is behind its end stands in no cover: its lane drops what listed deletes match, as that of a new sink does. */
const followOn = (doc: LedgerDocument, sink: string): LedgerDocument => {
  const state = doc.sinks[sink]!
  if (state.to === null || state.replay === undefined) return doc
  const tenants = state.replay.tenant === undefined ? allTenants : onlyTenant(state.replay.tenant)
  const open = withSink(doc, sink, { to: null, replay: { ...state.replay, toMs: null } })
  return addLane({ ...open, rules: doc.rules + 1 }, { sink, from: state.to, to: null, tenants, slot: 0 })
}

/** Sinks of a namespace that are still in it. */
export const sinksOfNamespace = (
  doc: LedgerDocument,
  namespace: string,
): readonly (readonly [name: string, state: SinkState & { readonly replay: ReplayOrigin }])[] =>
  Object.entries(doc.sinks).flatMap(([name, state]) => {
    const { replay } = state
    return replay?.namespace === namespace && state.lapsed !== true ? [[name, { ...state, replay }] as const] : []
  })

const withOrigins = (
  doc: LedgerDocument,
  namespace: string,
  change: (replay: ReplayOrigin, of: string) => ReplayOrigin,
): LedgerDocument => {
  let next = doc
  for (const [name, { replay }] of sinksOfNamespace(doc, namespace)) {
    const changed = change(replay, replay.of)
    if (changed !== replay) next = withSink(next, name, { replay: changed })
  }
  return next
}

/** `undefined`: no limit. */
export const withRate = (doc: LedgerDocument, namespace: string, rate: number | undefined): LedgerDocument =>
  withOrigins(doc, namespace, (replay) => {
    if (replay.rate === rate) return replay
    const { rate: _before, ...rest } = replay
    return rate === undefined ? rest : { ...rest, rate }
  })

/** What readers see is live work, and lag tools are told of it. `read`: the namespace that is read, by the declared sink. */
export const withPromoted = (doc: LedgerDocument, read: Readonly<Record<string, string>>): LedgerDocument => {
  let next = doc
  for (const { replay } of Object.values(doc.sinks)) {
    if (replay === undefined) continue
    next = withOrigins(next, replay.namespace, (one, of) => {
      const isPromoted = read[of] === one.namespace
      if (isPromoted === (one.isPromoted === true)) return one
      const { isPromoted: _before, ...rest } = one
      return isPromoted ? { ...rest, isPromoted } : rest
    })
  }
  return next
}

/** They leave service for good: nothing is read for them and no delete waits for them. What they wrote stays. */
export const withoutSinks = (doc: LedgerDocument, names: readonly string[]): LedgerDocument => {
  let next = doc
  for (const name of names)
    if (doc.sinks[name] !== undefined && doc.sinks[name].lapsed !== true)
      next = withSink(next, name, { retired: true, lapsed: true })
  return next
}

export const withoutNamespace = (doc: LedgerDocument, namespace: string): LedgerDocument =>
  withoutSinks(
    doc,
    sinksOfNamespace(doc, namespace).map(([name]) => name),
  )
