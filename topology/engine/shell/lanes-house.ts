/** Where the lanes of a run live: in this process, or in workers. */
import type { WaitingFor } from '../../model/run-handle.ts'
import type { WorkerLine } from '../../model/run-snapshot.ts'
import type { WorkReport } from '../../model/work-report.ts'
import type { EngineParts } from './engine-parts.ts'
import type { OpenLanes } from './partition-lanes.ts'
import { PartitionRunner } from './partition-runner.ts'

export interface LanesHouse {
  readonly open: OpenLanes
  /** Resolves when lanes would begin at once, or after a bound. */
  usable(boundMs: number): Promise<void>
  /** Processes that run lanes; 1 where they run in this one. */
  workers(): number
  /** Of the workers. */
  reports(): readonly WorkReport[]
  /** What the workers wait for. */
  waits(): readonly WaitingFor[]
  lines(): readonly WorkerLine[]
  /** A person has paused or resumed a delete by the id of its request or job. */
  setDeletePaused(id: string, isPaused: boolean): void
  /** No more lanes for this worker: what it has goes to the others. Throws `badConfiguration` (reject) for one that is not there. */
  setDrained(worker: number, isDrained: boolean): void
  /** Nothing new begins: what is open is closed. */
  stopping(): void
  close(): Promise<void>
}

export interface HouseHooks {
  /** Nothing can go on: the run ends with the error. */
  lost(error: unknown): void
}

export type BuildHouse = (parts: EngineParts, hooks: HouseHooks) => LanesHouse

/** Lanes beside their supervisor: the way of the library, of tests, and of resources that live in memory. */
export const sameProcess: BuildHouse = (parts) => ({
  open: (place) => PartitionRunner.open(parts, place),
  usable: async () => undefined,
  workers: () => 1,
  reports: () => [],
  waits: () => [],
  lines: () => [],
  setDeletePaused: () => undefined,
  setDrained: () => undefined,
  stopping: () => undefined,
  close: async () => undefined,
})
