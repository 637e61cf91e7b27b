/** Questions about the plan of a spout. */
import type { PlannedSink, SpoutPlan } from '../model/spout-plan.ts'

/** Sinks that a bolt's tuples, or a state operator's rows, can reach. */
export const sinksBelow = (plan: SpoutPlan, bolt: string): readonly string[] =>
  plan.sinks.filter((sink) => sink.chain.includes(bolt) || sink.operatorBolt === bolt).map((sink) => sink.name)

/** The sink whose rows are the event store: it serves the other sinks' deletes. */
export const eventStoreOf = (plan: SpoutPlan): string | undefined =>
  plan.sinks.find((sink) => sink.kind === 'events')?.name

export const plannedSink = (plan: SpoutPlan, name: string): PlannedSink | undefined =>
  plan.sinks.find((one) => one.name === name)
