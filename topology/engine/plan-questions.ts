/** Questions about the plan of a spout. */
import type { PlannedSink, SpoutPlan } from '../model/spout-plan.ts'

/** A sink among bolts that failed; the name of a bolt holds no blank. */
export const sinkLabel = (sink: string): string => `sink ${sink}`

/** Sinks that a bolt's tuples, or a state operator's rows, can reach; of the label of a sink that sink. */
export const sinksBelow = (plan: SpoutPlan, bolt: string): readonly string[] =>
  plan.sinks
    .filter(
      ({ name, chain, operatorBolt }) => chain.includes(bolt) || operatorBolt === bolt || sinkLabel(name) === bolt,
    )
    .map(({ name }) => name)

/** The sink whose rows are the event store: it serves the other sinks' deletes. */
export const eventStoreOf = (plan: SpoutPlan): string | undefined =>
  plan.sinks.find((sink) => sink.kind === 'events' && sink.replay === undefined)?.name

export const plannedSink = (plan: SpoutPlan, name: string): PlannedSink | undefined =>
  plan.sinks.find((one) => one.name === name)
