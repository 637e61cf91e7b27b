/**
 * What a sink has lost: ranges that the log had dropped before they were read. With lanes and finished ranges they tile
 * the partition (I-5), and no delete looks for anything in them: what was never taken is not taken out.
 */
import type { LedgerDocument, LostRange, Segment } from '../../model/ledger-document.ts'
import { isEmptyScope, subtractScope } from './tenant-scope.ts'

export const lostOf = (doc: LedgerDocument, sink: string): readonly LostRange[] =>
  (doc.lost ?? []).filter((range) => range.sink === sink)

/** The segments without what is lost, offset by offset and tenant by tenant. */
export const withoutLost = (segments: readonly Segment[], lost: readonly Segment[]): readonly Segment[] =>
  lost.reduce<readonly Segment[]>((rest, range) => rest.flatMap((one) => subtract(one, range)), segments)

const subtract = (segment: Segment, lost: Segment): readonly Segment[] => {
  const { from, to, tenants } = segment
  const [start, end] = [Math.max(from, lost.from), Math.min(to, lost.to)]
  if (start >= end) return [segment]
  const others = subtractScope(tenants, lost.tenants)
  const pieces: Segment[] = [
    { from, to: start, tenants },
    { from: start, to: end, tenants: others },
    { from: end, to, tenants },
  ]
  return pieces.filter((one) => one.to > one.from && !isEmptyScope(one.tenants))
}
