/**
 * Which lanes share a cursor: one fetch, one decoding and one run of the bolts.
 *
 * Lanes of the same tenants that stand at the same place share from there on. One that stands a little ahead of a
 * cursor waits for it, because reading the same records twice costs more than the wait; for a slow one it waits as long
 * as for a fast one, about a second, so it must be nearer to that.
 */
import type { TenantScope } from '../model/ledger-document.ts'
import { sameScope } from './ledger/tenant-scope.ts'

// About a second of reading: the longest that a lane ahead waits for the cursor behind it.
export const joinDistanceRecords = 100_000

export interface CursorPlace {
  readonly position: number
  readonly tenants: TenantScope
  /** How far its lanes read; infinite for a live one. */
  readonly limit: number
  /** How far it comes in about a second. Absent: far. */
  readonly reach?: number
}

/** The cursor that a lane at `position` joins, now (same place) or when the cursor arrives there; -1: none. */
export const cursorToJoin = (cursors: readonly CursorPlace[], position: number, tenants: TenantScope): number => {
  let best = -1
  cursors.forEach((cursor, index) => {
    const distance = position - cursor.position
    const reach = Math.min(cursor.reach ?? joinDistanceRecords, joinDistanceRecords)
    const isWithin = distance >= 0 && distance <= reach && cursor.limit > position
    if (!isWithin || !sameScope(cursor.tenants, tenants)) return
    if (best < 0 || cursor.position > cursors[best]!.position) best = index
  })
  return best
}
