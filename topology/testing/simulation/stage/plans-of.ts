/** What is planned of a topology, once. */
import { planSpout } from '../../../declare/plan-spout.ts'
import type { SpoutPlan } from '../../../model/spout-plan.ts'
import type { Topology } from '../../../model/topology.ts'

// A topology is played many times.
const planned = new WeakMap<Topology, readonly SpoutPlan[]>()

export const plansOf = (topology: Topology): readonly SpoutPlan[] => {
  const known = planned.get(topology)
  if (known !== undefined) return known
  const plans = topology.spouts.map((spout) => planSpout(topology, spout.name))
  planned.set(topology, plans)
  return plans
}
