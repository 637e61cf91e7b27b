/** What the supervisor of lanes of a process decides by itself, told and counted like what befalls a history. */
import type { Happening } from '../../../model/run-handle.ts'
import type { FaultKind } from './fault-kinds.ts'
import type { World } from './world.ts'

const kinds = { cut: 'ownCut', divert: 'ownDivert', rejoin: 'ownRejoin' } as const satisfies Record<string, FaultKind>

/** Knobs with which it never decides so, for a history in which a kind is muted. */
export const knobsWithout = (muted: ReadonlySet<FaultKind> | undefined): Readonly<Record<string, number>> => ({
  ...(muted?.has('ownCut') === true ? { 'catchUp.afterMs': 86_400_000, 'catchUp.perPartitionRanges': 1 } : {}),
  ...(muted?.has('ownDivert') === true ? { 'tenant.eventsPerSecond': 0, 'tenant.shareRatio': 1 } : {}),
})

export const countDecisions = (world: World, name: string, { kind, text, fields }: Happening): void => {
  if (kind !== 'lanes') return
  const told = String(fields['kinds'] ?? '')
  // What is left of a muted kind goes around a lane that its store holds up: it follows from that fault.
  for (const [decision, counted] of Object.entries(kinds))
    if (told.includes(decision) && world.options.muted?.has(counted) !== true) world.count(counted, name, () => text)
}
