/** Questions about the plan of a spout. */

import type { PlannedSink, SpoutPlan } from '../model/spout-plan.ts'
import type { ServedSinks } from './ledger/is-document-caught-up.ts'

/** A sink among bolts that failed; the name of a bolt holds no blank. */
export const sinkLabel = (sink: string): string => `sink ${sink}`

/** Sinks that a bolt's tuples, what it has held back no duplicates of, or a state operator's rows, can reach; of the label of a sink that sink. */
export const sinksBelow = (plan: SpoutPlan, bolt: string): readonly string[] =>
  plan.sinks
    .filter(
      ({ name, chain, operatorBolt, dedupes }) =>
        chain.includes(bolt) ||
        operatorBolt === bolt ||
        sinkLabel(name) === bolt ||
        dedupes.some((dedupe) => dedupe.bolt === bolt),
    )
    .map(({ name }) => name)

/** The sinks that people mean by a branch: the sink of that name, or all below the bolt. */
export const sinksOfBranch = (plans: readonly SpoutPlan[], branch: string): readonly string[] => [
  ...new Set(
    plans.flatMap((plan) => [
      ...(plannedSink(plan, branch) === undefined ? [] : [branch]),
      ...sinksBelow(plan, branch),
    ]),
  ),
]

/** The sink whose rows are the event store: it serves the other sinks' deletes. */
export const eventStoreNode = (plan: SpoutPlan): PlannedSink | undefined =>
  plan.eventStore ?? plan.sinks.find((sink) => sink.kind === 'events' && sink.replay === undefined)

export const eventStoreOf = (plan: SpoutPlan): string | undefined => eventStoreNode(plan)?.name

export const plannedSink = (plan: SpoutPlan, name: string): PlannedSink | undefined =>
  plan.sinks.find((one) => one.name === name)

/** What whoever has this plan serves, and nothing else. */
export const servedSinks = (plan: SpoutPlan): ServedSinks => ({
  names: new Set(plan.sinks.map(({ name }) => name)),
  eventStore: eventStoreOf(plan),
})
