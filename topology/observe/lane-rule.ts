/** What people have decided about the tenants of a lane that reads these alone. */
import type { LaneState } from '../model/ledger-document.ts'
import type { TenantRuleLine } from '../model/run-snapshot.ts'

/** A rule of one branch alone counts for that branch. A lane is blocked when all that it reads is. */
export const laneRule = (
  { tenants, sink }: LaneState,
  rules: readonly TenantRuleLine[],
): TenantRuleLine['rule'] | undefined => {
  if (tenants.kind !== 'only') return undefined
  const own = rules.filter((one) => tenants.names.includes(one.tenant) && (one.branch ?? sink) === sink)
  if (own.length === 0) return undefined
  return own.every(({ rule }) => rule === 'block') ? 'block' : 'limit'
}
