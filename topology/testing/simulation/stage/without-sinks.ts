/** The same topology with some sinks left out, and the bolts that lead to nothing without them. */
import type { BoltNode, Topology } from '../../../model/topology.ts'

export const withoutSinks = (topology: Topology, names: ReadonlySet<string> | undefined): Topology => {
  if (names === undefined || names.size === 0) return topology
  const sinks = topology.sinks.filter(({ name }) => !names.has(name))
  let bolts: readonly BoltNode[] = topology.bolts
  for (;;) {
    const needed = new Set([...sinks, ...bolts].flatMap(({ inputs }) => inputs))
    const kept = bolts.filter(({ name }) => needed.has(name))
    if (kept.length === bolts.length) break
    bolts = kept
  }
  // A spout that feeds nothing any more stays: which spout a record is drawn for must not change.
  return { ...topology, bolts, sinks }
}
