/**
 * Remembers where in the user's file a topology and its nodes were declared.
 *
 * Beside the topology, not in it: a topology is plain data whose content must not depend on where it was written.
 */
import type { Topology, TopologyNode } from '../model/topology.ts'
import type { SourceLocation } from './problem.ts'

const locations = new WeakMap<Topology | TopologyNode, SourceLocation>()

export const rememberLocation = (of: Topology | TopologyNode, at: SourceLocation | undefined): void => {
  if (at !== undefined) locations.set(of, at)
}

/** Where it was declared; `undefined` when it was not made by `defineTopology` in this process. */
export const locationOf = (of: Topology | TopologyNode): SourceLocation | undefined => locations.get(of)
