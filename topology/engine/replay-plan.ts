/**
 * The plan of a partition: the declared sinks, and behind them the replays that its ledger document holds of them.
 *
 * A replay is a sink like any other, with the bolts of the one that it recomputes. So whoever runs the topology serves
 * it, and a delete that is listed later reaches it too (I-3). It is served only while what it recomputes is declared
 * and means the same: other bolts would mix two meanings in its rows (I-1).
 */
import type { LedgerDocument, SinkState } from '../model/ledger-document.ts'
import type { PlannedSink, SpoutPlan } from '../model/spout-plan.ts'

/** `declared`: the plan of the topology alone. */
export const withReplays = (declared: SpoutPlan, doc: LedgerDocument): SpoutPlan => {
  const replays = Object.entries(doc.sinks).flatMap(([name, state]) => replaySink(declared, name, state) ?? [])
  return replays.length === 0 ? declared : { ...declared, sinks: [...declared.sinks, ...replays] }
}

const replaySink = (declared: SpoutPlan, name: string, state: SinkState): PlannedSink | undefined => {
  const { replay, fingerprint, lapsed } = state
  // It may not return, and must not keep the declared sinks from running.
  if (lapsed === true) return undefined
  const base = replay && declared.sinks.find((one) => one.name === replay.of && one.fingerprint === fingerprint)
  return replay && base && { ...base, name, replay }
}

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
