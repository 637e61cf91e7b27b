/**
 * I-5: for every tenant, finished ranges, lanes and lost ranges hold each offset of a sink exactly once.
 */
import type { LedgerDocument } from '../../../model/ledger-document.ts'
import { Violation } from '../violation.ts'
import { isFor, type Range, rangesOf, tenantsOf, tenantText } from './ranges.ts'

/** Throws a `Violation` where a sink of the document is not tiled. */
export const checkTiling = (doc: LedgerDocument): void => {
  for (const sink of Object.keys(doc.sinks)) checkTilingOf(doc, sink)
}

export const checkTilingOf = (doc: LedgerDocument, sink: string): void => {
  const ranges = rangesOf(doc, sink)
  const only = doc.sinks[sink]!.replay?.tenant
  const tenants = tenantsOf(ranges)
  if (only !== undefined) tenants.add(only)
  for (const tenant of tenants) {
    const of = ranges.filter((range) => isFor(range.tenants, tenant))
    if (only === undefined || only === tenant) checkTenant(doc, sink, tenant, of)
    else if (of.length > 0)
      throw broken(doc, sink, tenant, `is read from ${of[0]!.from} on, and belongs to ${only} alone`)
  }
}

const checkTenant = (doc: LedgerDocument, sink: string, tenant: string, ranges: Range[]): void => {
  const { from, to } = doc.sinks[sink]!
  ranges.sort((left, right) => left.from - right.from)
  let at = from
  for (const range of ranges) {
    if (range.from > at) throw broken(doc, sink, tenant, `has no range for ${at} to ${range.from}`)
    if (range.from < at) throw broken(doc, sink, tenant, `has two ranges for ${range.from}`)
    at = range.to ?? Number.POSITIVE_INFINITY
  }
  const end = to ?? Number.POSITIVE_INFINITY
  if (at < end) throw broken(doc, sink, tenant, `has no range from ${at} on`)
  if (at > end) throw broken(doc, sink, tenant, `has a range beyond its end at ${end}`)
}

const broken = ({ ver }: LedgerDocument, sink: string, tenant: string, what: string): Violation =>
  new Violation('I-5', `sink ${sink} ${what} (${tenantText(tenant)}, version ${ver})`)
