/**
 * What people hold back now: paused sinks, and tenants that are blocked. It waits in the log for as long as they want it
 * to, so a run that ends by itself does not wait for it, and says so.
 */
import type { LedgerDocument, TenantScope } from '../../model/ledger-document.ts'
import { sinksOfBranch } from '../plan-questions.ts'
import { isRuleOver, rulesBySink, type TenantRule } from '../tenants/tenant-rule.ts'
import type { EngineParts } from './engine-parts.ts'

/** Without tenants: whether all of a sink is held; else whether everything that a lane of these tenants would read is. */
export type IsHeld = (sink: string, tenants?: TenantScope) => boolean

export interface Holding {
  readonly paused: ReadonlySet<string>
  readonly tenantRules: readonly TenantRule[]
}

export const isHeldBy =
  ({ clock, knobs, plans }: Pick<EngineParts, 'clock' | 'knobs' | 'plans'>, holding: Holding): IsHeld =>
  (sink, tenants) => {
    if (holding.paused.has(sink)) return true
    if (tenants?.kind !== 'only') return false
    const nowMs = clock.nowMs()
    const rules = rulesBySink(holding.tenantRules, (branch) => sinksOfBranch(plans, branch))
    const isBlocked = (tenant: string): boolean =>
      knobs?.names('tenant.blockedNames').includes(tenant) === true ||
      rules.some(
        (one) =>
          one.tenant === tenant &&
          one.rule === 'block' &&
          !isRuleOver(one, nowMs) &&
          (one.branch === undefined || one.branch === sink),
      )
    return tenants.names.every(isBlocked)
  }

export interface LeftBehind {
  readonly tenants: readonly string[]
  readonly sinks: readonly string[]
}

/** Whose work is not done because it is held. */
export const leftBehind = (
  views: readonly { readonly doc: LedgerDocument; readonly end: number }[],
  isHeld: IsHeld,
): LeftBehind => {
  const tenants = new Set<string>()
  const sinks = new Set<string>()
  for (const { doc, end } of views)
    for (const lane of Object.values(doc.lanes)) {
      if (doc.sinks[lane.sink]?.retired !== false || lane.at >= Math.min(end, lane.to ?? end)) continue
      if (isHeld(lane.sink)) sinks.add(lane.sink)
      else if (lane.tenants.kind === 'only' && isHeld(lane.sink, lane.tenants))
        for (const name of lane.tenants.names) tenants.add(name)
    }
  return { tenants: [...tenants].sort(), sinks: [...sinks].sort() }
}
