/**
 * The plan of a partition: the declared sinks, and behind them the replays that its ledger document holds of them.
 *
 * A replay is a sink like any other, with the bolts of the one that it recomputes. So whoever runs the topology serves
 * it, and a delete that is listed later reaches it too (I-3). It is served only while what it recomputes is declared
 * and means the same: other bolts would mix two meanings in its rows (I-1). Where a namespace has taken the place of a
 * sink that meant something else, the namespace alone is served.
 */
import type { LedgerDocument, ReplayOrigin, SinkState } from '../model/ledger-document.ts'
import { namespacedSink } from '../model/namespace.ts'
import type { PlannedSink, SpoutPlan } from '../model/spout-plan.ts'

/** `declared`: the plan of the topology alone. */
export const withReplays = (declared: SpoutPlan, doc: LedgerDocument): SpoutPlan => {
  const own = declared.sinks.filter((node) => node.isSuperseded !== true)
  const replays = Object.entries(doc.sinks).flatMap(([name, state]) => replaySink(declared, name, state) ?? [])
  const all = [...own, ...replays, ...missingPromoted(declared, doc)]
  const sinks = declared.only === undefined ? all : all.filter((node) => isServed(declared.only, node))
  const store = eventStoreIn(declared, doc)
  const plan = { ...declared, sinks }
  return store === undefined || sinks.includes(store) ? plan : { ...plan, eventStore: store }
}

/**
 * The event store of the document, or what has taken its place, if the plan means the same by it; else deletes read the
 * log alone. Whether it is a source of an earlier entry is asked of that entry.
 */
const eventStoreIn = (declared: SpoutPlan, doc: LedgerDocument): PlannedSink | undefined => {
  const store = declared.sinks.find(({ kind }) => kind === 'events')
  if (store === undefined) return undefined
  const name = store.isSuperseded === true ? namespacedSink(store.name, store.promotedIn) : store.name
  const state = doc.sinks[name]
  if (name !== store.name) return (state?.replay && replaySink(declared, name, state)) || undefined
  return state === undefined || (state.fingerprint === store.fingerprint && !state.retired) ? store : undefined
}

const isServed = (only: SpoutPlan['only'], { name, replay }: Pick<PlannedSink, 'name' | 'replay'>): boolean =>
  only === undefined || only.includes(name) || (replay !== undefined && only.includes(replay.of))

const replaySink = (declared: SpoutPlan, name: string, state: SinkState): PlannedSink | undefined => {
  const { replay, fingerprint, lapsed } = state
  // It may not return, and must not keep the declared sinks from running.
  if (lapsed === true) return undefined
  const base = replay && declared.sinks.find((one) => one.name === replay.of && one.fingerprint === fingerprint)
  return replay && base && replayed(base, name, replay)
}

const replayed = (base: PlannedSink, name: string, replay: ReplayOrigin): PlannedSink => {
  const { promotedIn: _read, isSuperseded: _own, ...node } = base
  return { ...node, name, replay }
}

/** A partition that came later has what readers see as well. */
const missingPromoted = (declared: SpoutPlan, doc: LedgerDocument): readonly PlannedSink[] =>
  declared.sinks.flatMap((base) => {
    const { name: of, promotedIn: namespace } = base
    if (namespace === undefined) return []
    const name = namespacedSink(of, namespace)
    if (doc.sinks[name] !== undefined) return []
    return [replayed(base, name, { namespace, of, fromMs: 0, toMs: null, isPromoted: true })]
  })

/**
 * Whether whoever runs this plan takes a sink of the document out of service: it is no longer declared. Left alone is
 * what it does not serve by its own choice, and a replay of another definition, which whoever has that one serves.
 */
export const isAbandoned = (declared: SpoutPlan, doc: LedgerDocument, sink: string): boolean => {
  if (declared.only !== undefined) return false
  if (withReplays(declared, doc).sinks.some(({ name }) => name === sink)) return false
  const replay = doc.sinks[sink]?.replay
  return (
    replay === undefined || doc.sinks[sink]?.lapsed === true || !declared.sinks.some(({ name }) => name === replay.of)
  )
}

/** A sink that is served and means something else than what the document holds of it, or than what readers see in its place. */
export const changedSink = (declared: SpoutPlan, doc: LedgerDocument): string | undefined =>
  declared.sinks.find((node) => {
    const { name, promotedIn, isSuperseded } = node
    const stored = [isSuperseded === true ? [] : name, promotedIn === undefined ? [] : namespacedSink(name, promotedIn)]
    const isOther = (one: string): boolean => (doc.sinks[one]?.fingerprint ?? node.fingerprint) !== node.fingerprint
    return isServed(declared.only, node) && stored.flat().some(isOther)
  })?.name

// A user's own sink need not know of namespaces: it could write over the live results.
const recomputed: Readonly<Record<PlannedSink['kind'], boolean>> = {
  rows: true,
  events: true,
  objects: true,
  custom: false,
}

/** Declared sinks that a replay recomputes. */
export const recomputedSinks = (declared: SpoutPlan): readonly PlannedSink[] =>
  declared.sinks.filter((node) => recomputed[node.kind])
