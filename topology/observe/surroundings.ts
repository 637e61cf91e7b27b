/**
 * What is seen beside the snapshot of a run: disks, pools of connections, work in the background, rejects by cause. All
 * of it plain data that the composition gathers; what is not known is an empty list, and nothing is concluded from it.
 */
import type { PoolUsage } from '../model/ports/dependency.ts'
import type { DeleteStatus } from '../model/run-handle.ts'

/** A file system, or a quota, that the run needs room in. */
export interface DiskSpace {
  /** `data`, `spill`: what it is for. */
  readonly name: string
  readonly path: string
  readonly totalBytes: number
  readonly freeBytes: number
}

/** Work that nobody waits for: it can stop for days unseen. */
export interface BackgroundWork {
  /** Reading for a delete; objects to be rewritten and rows to be released for one. */
  readonly kind: 'delete' | 'rewrite'
  readonly name: string
  /** What is left to be done; with 0 it is idle. */
  readonly pending: number
  /** Grows while it works. */
  readonly done: number
  readonly sinceMs: number
}

/** Rejected records since the start of the run. */
export interface RejectCount {
  /** The bolt, `decode`, or the sink; the topic where nobody tells. */
  readonly operator: string
  readonly cause: string
  readonly tenant: string
  readonly count: number
}

export interface Surroundings {
  readonly disks: readonly DiskSpace[]
  readonly pools: readonly PoolUsage[]
  readonly background: readonly BackgroundWork[]
  readonly rejects: readonly RejectCount[]
  readonly deletes: readonly DeleteStatus[]
  /** What the container or machine gives, 0: unknown. */
  readonly memoryLimitBytes: number
  /** By branch: how old the newest record is that should be visible and is not, ms. */
  readonly canaries: readonly CanaryAge[]
}

export interface CanaryAge {
  readonly branch: string
  /** 0: everything that was marked has been seen. */
  readonly ageMs: number
  /** Why it counts as not visible. */
  readonly missing: 'not committed' | 'not found'
  /** Committed, and yet not found where it belongs. */
  readonly place: string
}

export const noSurroundings: Surroundings = {
  disks: [],
  pools: [],
  background: [],
  rejects: [],
  deletes: [],
  memoryLimitBytes: 0,
  canaries: [],
}
