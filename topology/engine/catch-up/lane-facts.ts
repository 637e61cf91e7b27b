/** What the planners of catch-up and tenants are given of one partition, about once a second: plain data, no clock. */
import type { LedgerDocument } from '../../model/ledger-document.ts'

export interface LaneFacts {
  /** Offset read up to. */
  readonly position: number
  /** Offsets between the position and the end of the lane or the log. */
  readonly lagEvents: number
  /** Age of the oldest record that is not read, ms; 0 without lag, or where its append time is not known. */
  readonly lagMs: number
  /** Not paused, not failed, not waiting for a store. */
  readonly isServed: boolean
  /** Offsets that it has passed in the last seconds, a second. Absent: it was not watched for long enough. */
  readonly eventsPerSecond?: number
  /** Records that it has taken in the last seconds, a second: those of its tenants. Absent as above. */
  readonly takenPerSecond?: number
  /** Since when its declared epoch is being written; absent: none is. */
  readonly writingSinceMs?: number
  /** The tenant whose data the store does not take, where its error says so. */
  readonly stuckTenant?: string
}

/** What one tenant brings to the live lane. */
export interface TenantRate {
  readonly tenant: string
  readonly eventsPerSecond: number
  readonly bytesPerSecond: number
  /** Of the live lane's bytes over `tenant.windowMs`, 0..1. */
  readonly share: number
  /** The same over the last seconds; absent: not known. */
  readonly recentShare?: number
}

export interface PartitionFacts {
  readonly doc: LedgerDocument
  readonly nowMs: number
  /** One behind the last record of the log, as last seen. */
  readonly end: number
  /** First offset of what has just come; absent: it was not asked for, or the log could not say. */
  readonly freshFrom?: number
  readonly lanes: ReadonlyMap<number, LaneFacts>
  readonly tenants: readonly TenantRate[]
}
