/**
 * How long an epoch may honestly stay open: whoever reads a lane tells it, for the options of a sink and the class of a
 * lane change it. What is held no longer than that is neither late nor stuck.
 */
import type { BranchLine, LagLine } from '../model/run-snapshot.ts'

/** The longest of a branch's lanes; before anybody has told, what holds for its kind. */
export const closeMsOf = (
  { branch, kind }: Pick<BranchLine, 'branch' | 'kind'>,
  lag: readonly LagLine[],
  knob: (name: string) => number,
): number => {
  const told = lag.flatMap((line) => (line.branch === branch ? (line.closeMs ?? []) : []))
  if (told.length > 0) return Math.max(...told)
  if (kind === 'objects' || kind === 'custom') return knob('objects.ageMs')
  return knob(kind === 'rows' ? 'epoch.schemaMs' : 'epoch.ageMs')
}

/** Of what a lane holds, the part that has been held for longer than that. */
export const overdueEvents = ({ heldEvents, heldMs, closeMs = 0 }: LagLine): number => {
  if (closeMs === 0) return heldEvents
  return heldMs <= closeMs ? 0 : (heldEvents * (heldMs - closeMs)) / heldMs
}
