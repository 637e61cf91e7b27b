/** The groups of a history's logs: whatever a member tells its group is held against the ledger. */
import { checkGroupOffset } from '../invariants/check-group-offset.ts'
import { SimulatedGroup } from '../servers/simulated-group.ts'
import type { World } from './world.ts'

export type Groups = Readonly<Record<string, SimulatedGroup>>

/** By spout. */
export const openGroups = (world: World): Groups => {
  const { dice, note, clock, scenario, streams, topology } = world
  const sessionMs = 200 + Math.floor(streams.of('group').next() * 6_000)
  const settings = { partitions: scenario.partitions, sessionMs, nowMs: () => clock.nowMs(), dice, note }
  const told = (spout: string) => (place: number, offset: number) => {
    const doc = world.servers.document(spout, place)
    if (doc !== undefined) world.guard(() => checkGroupOffset(undefined, offset, doc))
  }
  return Object.fromEntries(
    topology.spouts.map(({ name }) => [name, new SimulatedGroup({ ...settings, told: told(name) })]),
  )
}
