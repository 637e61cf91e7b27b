/** Whether a change of the ledger document takes the ground from under what a lane has collected. */
import type { LaneState } from '../model/ledger-document.ts'
import { sameScope } from './ledger/tenant-scope.ts'

/**
 * `before` is the lane as its runner knows it, `now` as the document has it; `position` is how far it has read.
 * A lane that only collects has also lost its ground when another owner has moved it.
 */
export const isLaneDisturbed = (before: LaneState, now: LaneState, position: number, isReading: boolean): boolean => {
  const isCut = now.to !== null && position > now.to
  const isOvertaken = isReading && (now.at !== before.at || now.declared !== before.declared)
  return isCut || isOvertaken || !sameScope(now.tenants, before.tenants)
}
