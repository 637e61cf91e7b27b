/**
 * Ranges of offsets and tenants as the predicates see them, tenant by tenant: what is named, and one tenant that is not.
 *
 * Nothing here is taken from the engine, whose set algebra it is meant to judge.
 */
import type { LedgerDocument, TenantScope } from '../../../model/ledger-document.ts'

export interface Range {
  readonly from: number
  /** `null`: open. */
  readonly to: number | null
  readonly tenants: TenantScope
}

/** Offsets `[from, to)`. */
export interface Span {
  from: number
  to: number
}

/** No project holds a control character: the tenant that nobody names. */
export const otherTenant = '\0'

export const isFor = (scope: TenantScope, tenant: string): boolean =>
  scope.kind === 'all' || scope.names.includes(tenant) === (scope.kind === 'only')

/** Tenants that some range names, and one that none does. */
export const tenantsOf = (ranges: Iterable<Range>): Set<string> => {
  const tenants = new Set([otherTenant])
  for (const { tenants: scope } of ranges) if (scope.kind !== 'all') for (const name of scope.names) tenants.add(name)
  return tenants
}

/** Finished ranges, lanes and lost ranges of a sink: together they tile it. */
export const rangesOf = (doc: LedgerDocument, sink: string): Range[] => {
  const ranges: Range[] = [...(doc.sinks[sink]?.homes ?? [])]
  for (const lane of Object.values(doc.lanes)) if (lane.sink === sink) ranges.push(lane)
  if (doc.lost !== undefined) for (const one of doc.lost) if (one.sink === sink) ranges.push(one)
  return ranges
}

/** What a sink has committed, and what it has declared unless `committedOnly`. */
export const takenBy = (doc: LedgerDocument, sink: string, committedOnly: boolean): Range[] => {
  const ranges: Range[] = [...(doc.sinks[sink]?.homes ?? [])]
  for (const { sink: of, from, at, declared, tenants } of Object.values(doc.lanes)) {
    if (of !== sink) continue
    const to = committedOnly ? at : (declared ?? at)
    if (to > from) ranges.push({ from, to, tenants })
  }
  return ranges
}

/** Offsets of one tenant, ascending, joined where they touch or overlap. */
export const spansOf = (ranges: readonly Range[], tenant: string, end: number = Number.POSITIVE_INFINITY): Span[] => {
  const spans: Span[] = []
  for (const { from, to, tenants } of ranges)
    if (from < end && isFor(tenants, tenant)) spans.push({ from, to: Math.min(to ?? Number.POSITIVE_INFINITY, end) })
  spans.sort((left, right) => left.from - right.from)
  const joined: Span[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    if (last !== undefined && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else joined.push(span)
  }
  return joined
}

/** The first offset and tenant of `inner` that `outer` lacks; offsets at and above `end` are not asked for. */
export const firstMissing = (
  inner: readonly Range[],
  outer: readonly Range[],
  end: number = Number.POSITIVE_INFINITY,
): { readonly offset: number; readonly tenant: string } | undefined => {
  for (const tenant of tenantsOf([...inner, ...outer])) {
    const have = spansOf(outer, tenant)
    for (const span of spansOf(inner, tenant, end)) {
      const holder = have.find(({ from, to }) => from <= span.from && to > span.from)
      if (holder === undefined) return { offset: span.from, tenant }
      if (holder.to < span.to) return { offset: holder.to, tenant }
    }
  }
  return undefined
}

export const tenantText = (tenant: string): string =>
  tenant === otherTenant ? 'a tenant of no lane of its own' : tenant

/** The declared event store in service: it serves the deletes of the other sinks, so it keeps what they need. */
export const eventStoreIn = ({ sinks }: LedgerDocument): string | undefined =>
  Object.keys(sinks).find((name) => {
    const { kind, replay, retired } = sinks[name]!
    return kind === 'events' && replay === undefined && !retired
  })
