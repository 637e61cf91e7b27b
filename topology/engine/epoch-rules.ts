/**
 * When an open epoch closes. May depend on wall-clock time freely: the end is declared before anything is written, so
 * when it closes never decides what a reader sees in the end (I-1).
 */
import type { SinkKind } from '../model/sink.ts'

export interface OpenEpochStats {
  readonly kind: SinkKind
  /** Records and raw bytes read into the epoch. */
  readonly records: number
  readonly bytes: number
  readonly spilledBytes: number
  /** Objects that it would become; 0 for other sinks. */
  readonly outputs?: number
  /** Where it spills to there is no room for more. */
  readonly isFull?: boolean
  /** When the first record was read into it; `undefined` while it is empty. */
  readonly openedAtMs: number | undefined
  /** When the last record was read into it. */
  readonly lastAtMs: number
}

export interface EpochBounds {
  readonly ageMs: number
  /** How old it may become while its objects are small; 0 or absent: as old as any. */
  readonly maxAgeMs?: number
  readonly idleMs: number
  readonly bytes: number
  readonly records: number
  readonly spilledBytes: number
}

export type CloseReason = 'age' | 'bytes' | 'records' | 'idle' | 'pressure' | 'stop' | 'end'

/** The first rule that closes the epoch now, if any. An epoch without records stays open: there is nothing to declare. */
export const closeReason = (stats: OpenEpochStats, bounds: EpochBounds, nowMs: number): CloseReason | undefined => {
  if (stats.openedAtMs === undefined) return undefined
  if (stats.isFull === true) return 'pressure'
  if (stats.kind === 'objects') {
    if (stats.spilledBytes >= bounds.spilledBytes) return 'bytes'
    if (nowMs - stats.lastAtMs >= bounds.idleMs) return 'idle'
  } else {
    if (stats.bytes >= bounds.bytes) return 'bytes'
    if (stats.records >= bounds.records) return 'records'
  }
  return nowMs - stats.openedAtMs >= ageOf(stats, bounds) ? 'age' : undefined
}

// Below this an object costs more to list and to open than its bytes.
const smallObjectBytes = 262_144

const ageOf = ({ kind, bytes, outputs = 0 }: OpenEpochStats, bounds: EpochBounds): number =>
  bytes < outputs * smallObjectBytes ? longestOpenMs(kind, bounds) : bounds.ageMs

/** How old an epoch may become at most. */
export const longestOpenMs = (kind: SinkKind, { ageMs, maxAgeMs = 0 }: EpochBounds): number =>
  kind === 'objects' ? Math.max(ageMs, maxAgeMs) : ageMs

/** When a rule of time would close the epoch; infinite while it is empty. */
export const closesAtMs = (stats: OpenEpochStats, bounds: EpochBounds): number => {
  if (stats.openedAtMs === undefined) return Number.POSITIVE_INFINITY
  const byAge = stats.openedAtMs + ageOf(stats, bounds)
  return stats.kind === 'objects' ? Math.min(byAge, stats.lastAtMs + bounds.idleMs) : byAge
}
