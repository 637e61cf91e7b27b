/** One lane's lag in figures, from what was seen of it in the last minutes. */
import { laneClassOf } from '../engine/lane-class.ts'
import type { LaneState, TenantScope } from '../model/ledger-document.ts'
import type { LagLine } from '../model/run-snapshot.ts'
import type { LaneReport } from '../model/work-report.ts'
import type { ObservedPartition } from './lag-tracker.ts'
import type { PartitionCurve } from './partition-curve.ts'
import type { RateWindow } from './rate-window.ts'

export type LaneCount = 'position' | 'bytes' | 'own' | 'lag' | 'appendMs'

const recentMs = 10_000
const slopeMs = 30_000

/** `all`, one name, `a, b`, or `all but a`. */
export const tenantText = (tenants: TenantScope): string =>
  tenants.kind === 'all' ? 'all' : `${tenants.kind === 'except' ? 'all but ' : ''}${tenants.names.join(', ')}`

export const figuresOf = (
  { doc, spout, topic, partition }: ObservedPartition,
  id: number,
  lane: LaneState,
  window: RateWindow<LaneCount>,
): Omit<LagLine, 'lagEvents' | 'lagBytes' | 'ownEvents' | 'heldEvents' | keyof Times> => {
  const rate = (name: LaneCount, ms: number): number => window.perSecond(name, ms) ?? 0
  const multiple = rate('appendMs', slopeMs) / 1_000
  return {
    branch: lane.sink,
    ...{ spout, topic, partition, lane: id },
    laneClass: laneClassOf(doc, lane),
    tenant: tenantText(lane.tenants),
    eventsPerSecond: Math.max(0, rate('position', recentMs)),
    bytesPerSecond: Math.max(0, rate('bytes', recentMs)),
    slopeEventsPerSecond: rate('lag', slopeMs),
    drainMultiple: rate('position', recentMs) > 0 && multiple > 0 ? multiple : null,
    etaMs: null,
  }
}

/** What a person has blocked waits for them alone. */
export const isAwaited = ({ isBlocked }: Pick<LagLine, 'isBlocked'>): boolean => isBlocked !== true

export type Times = Pick<LagLine, 'lagMs' | 'heldMs' | 'closeMs' | 'retentionMsLeft' | 'mayRead'>

export const timesOf = (
  { retentionMs }: ObservedPartition,
  unreadMs: number | undefined,
  report: LaneReport | undefined,
  nowMs: number,
): Times => ({
  lagMs: unreadMs === undefined ? 0 : Math.max(0, Math.round(nowMs - unreadMs)),
  heldMs: report?.heldSinceMs === undefined ? 0 : Math.max(0, nowMs - report.heldSinceMs),
  ...(report?.closeMs === undefined ? {} : { closeMs: report.closeMs }),
  retentionMsLeft:
    retentionMs === undefined || unreadMs === undefined ? null : Math.round(unreadMs + retentionMs - nowMs),
  mayRead: report?.phase !== 'waiting',
})

/** Append time of the next record; no earlier than that of the last one read, for logs are about in order. */
export const unreadMsOf = (
  curve: PartitionCurve,
  position: number,
  report: LaneReport | undefined,
): number | undefined => {
  const found = curve.appendMsAt(position)
  return found === undefined ? report?.positionMs : Math.max(found, report?.positionMs ?? 0)
}

export const bytesEachOf = (window: RateWindow<LaneCount>): number => {
  const [events, bytes] = [window.perSecond('position', slopeMs) ?? 0, window.perSecond('bytes', slopeMs) ?? 0]
  return events > 0 ? bytes / events : 0
}
