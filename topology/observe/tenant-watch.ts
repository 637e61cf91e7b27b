/** Tenants by what they bring, the largest first: their share, their lag, and what was done about them. */
import { inScope } from '../engine/ledger/tenant-scope.ts'
import { tenantRuleWords } from '../engine/tenants/tenant-rule.ts'
import type { TenantScope } from '../model/ledger-document.ts'
import type { LagLine, TenantLine, TenantRuleLine } from '../model/run-snapshot.ts'
import type { TenantReport } from '../model/work-report.ts'
import { laneKeyOf, type ObservedPartition } from './lag-tracker.ts'
import { RateWindow } from './rate-window.ts'

// What a person reads, and a row holds.
const toldMax = 50
// Whoever was seen is watched; more than that come and go unseen.
const watchedMax = 2_000
const recentMs = 10_000

type Count = 'records' | 'bytes'

export class TenantWatch {
  readonly #windows = new Map<string, RateWindow<Count>>()

  lines(
    reports: readonly TenantReport[],
    places: readonly ObservedPartition[],
    lag: readonly LagLine[],
    rules: readonly TenantRuleLine[],
    nowMs: number,
  ): readonly TenantLine[] {
    const sums = sumsOf(reports)
    const rates = sums.map((sum) => ({ ...sum, ...this.#rates(sum, nowMs) }))
    const whole = rates.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0)
    rates.sort((left, right) => right.bytesPerSecond - left.bytesPerSecond || right.bytes - left.bytes)
    const ruled = new Set(rules.map(({ tenant }) => tenant))
    const told = rates.filter(({ tenant }, index) => index < toldMax || ruled.has(tenant))
    this.#forget(new Set(sums.map(({ tenant }) => tenant)))
    const scopes = lanesOfSome(places, lag)
    return told.map((one) => ({
      ...one,
      share: whole > 0 ? one.bytesPerSecond / whole : 0,
      ...lagOf(one.tenant, scopes),
      place: placeOf(one.tenant, scopes, rules),
    }))
  }

  #rates({ tenant, records, bytes }: Sum, nowMs: number): Pick<TenantLine, 'eventsPerSecond' | 'bytesPerSecond'> {
    const known = this.#windows.get(tenant)
    const window = known ?? new RateWindow<Count>(['records', 'bytes'])
    if (known === undefined && this.#windows.size < watchedMax) this.#windows.set(tenant, window)
    window.note(nowMs, { records, bytes })
    return {
      eventsPerSecond: window.perSecond('records', recentMs) ?? 0,
      bytesPerSecond: window.perSecond('bytes', recentMs) ?? 0,
    }
  }

  #forget(tenants: ReadonlySet<string>): void {
    for (const tenant of this.#windows.keys()) if (!tenants.has(tenant)) this.#windows.delete(tenant)
  }
}

type Sum = Pick<TenantLine, 'tenant' | 'records' | 'bytes' | 'cpuMs' | 'deletes' | 'newOperations'>

const sumsOf = (reports: readonly TenantReport[]): readonly Sum[] => {
  const sums = new Map<string, { -readonly [Name in keyof Sum]: Sum[Name] }>()
  for (const { tenant, records, bytes, cpuMs, deletes, newOperations } of reports) {
    const known = sums.get(tenant)
    const sum = known ?? { tenant, records, bytes, cpuMs, deletes }
    sums.set(tenant, sum)
    if (newOperations !== undefined) sum.newOperations = [...new Set([...(sum.newOperations ?? []), ...newOperations])]
    if (known !== undefined) {
      sum.records += records
      sum.bytes += bytes
      sum.cpuMs += cpuMs
      sum.deletes += deletes
    }
  }
  return [...sums.values()]
}

interface ScopedLane {
  readonly scope: TenantScope
  readonly line: LagLine
}

/** Lanes with their tenants; those of one tenant alone first. */
const lanesOfSome = (places: readonly ObservedPartition[], lag: readonly LagLine[]): readonly ScopedLane[] => {
  const scopes = new Map<string, TenantScope>()
  for (const { spout, partition, doc } of places)
    for (const [id, lane] of Object.entries(doc.lanes))
      scopes.set(laneKeyOf(spout, partition, Number(id)), lane.tenants)
  // A replay of one tenant says nothing of where its events are now.
  return lag.flatMap((line) => {
    if (line.laneClass === 'replay') return []
    const scope = scopes.get(laneKeyOf(line.spout, line.partition, line.lane))
    return scope === undefined ? [] : [{ scope, line }]
  })
}

/** A lane of its own tells a tenant's lag; else it is as late as the latest live lane that has it. */
const lagOf = (tenant: string, lanes: readonly ScopedLane[]): Pick<TenantLine, 'lagEvents' | 'lagMs'> => {
  const own = lanes.filter(({ scope }) => scope.kind === 'only' && scope.names.includes(tenant))
  const told =
    own.length > 0 ? own : lanes.filter(({ scope, line }) => line.laneClass === 'live' && inScope(scope, tenant))
  return {
    // Every branch has the same events before it: the one that is furthest behind tells.
    lagEvents: Math.max(
      0,
      ...[...Map.groupBy(own, ({ line }) => line.branch).values()].map((some) =>
        some.reduce((sum, { line }) => sum + line.ownEvents, 0),
      ),
    ),
    lagMs: Math.max(0, ...told.map(({ line }) => line.lagMs)),
  }
}

const placeOf = (tenant: string, lanes: readonly ScopedLane[], rules: readonly TenantRuleLine[]): string => {
  const rule = rules.find((one) => one.tenant === tenant)
  const where = rule?.branch === undefined ? '' : ` in ${rule.branch}`
  if (rule !== undefined) return `${tenantRuleWords(rule)}${where}`
  const isDiverted = lanes.some(({ scope }) => scope.kind === 'only' && scope.names.includes(tenant))
  return isDiverted ? 'diverted' : 'live'
}
