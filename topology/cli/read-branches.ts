/** Branches that `--only` names: each a sink or a bolt of the topology. */
import { planSpout } from '../declare/plan-spout.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { Topology } from '../model/topology.ts'
import { sinksOfBranches } from '../plan-marks.ts'
import type { CommandInput } from './command-input.ts'

/** Notes names that mean nothing. Gives sinks. */
export const readBranches = (input: CommandInput, topology: Topology | undefined): readonly string[] => {
  const names = input.texts('only')
  if (names.length === 0 || topology === undefined) return []
  try {
    const plans = topology.spouts.map((spout) => planSpout(topology, spout.name))
    return sinksOfBranches(topology, plans, names)
  } catch (error) {
    input.note({ at: '--only', text: messageOf(error) })
    return []
  }
}
