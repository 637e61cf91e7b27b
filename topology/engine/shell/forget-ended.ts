/** Runners of lanes that have ended are let go when there are many: a run that lives for months sees lanes without end (I-6). */
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { LaneRunner } from './lane-runner.ts'

// So many cost nothing yet.
const endedMax = 64

export const forgetEnded = (
  lanes: Map<number, Pick<LaneRunner, 'isActive'>>,
  { lanes: living }: LedgerDocument,
): void => {
  if (lanes.size <= Object.keys(living).length + endedMax) return
  for (const [id, lane] of lanes) if (!lane.isActive && living[id] === undefined) lanes.delete(id)
}
