/**
 * What whoever runs lanes tells its supervisor every second: plain data, small, without anything of a record's content.
 * Counts grow from the start of the reporter; whoever wants rates compares two reports.
 */
import type { LaneClass, WorkClass } from './lane-permit.ts'
import type { ErrorClass } from './spillway-error.ts'

export interface LaneReport {
  readonly spout: string
  readonly partition: number
  readonly lane: number
  /** Offset read up to. */
  readonly position: number
  /** Append time of the last record read, ms since 1970; absent before the first. */
  readonly positionMs?: number
  /** Read by this runner of the lane. */
  readonly records: number
  readonly bytes: number
  /** When the oldest record that is read and not durable was read, ms since 1970. */
  readonly heldSinceMs?: number
  /** How long its epochs may stay open when all is well, by the options of its sink and the class of the lane. */
  readonly closeMs?: number
  /** What it does: a phase of its machine, or why it does not read. */
  readonly phase:
    | 'reading'
    | 'declaring'
    | 'revising'
    | 'writing'
    | 'committing'
    | 'restarting'
    | 'waiting'
    | 'paused'
    | 'stopped'
  readonly phaseSinceMs: number
  /** The tenant whose data the store did not take at the last try, where its error says so. */
  readonly stuckTenant?: string
}

/** Work for one tenant in one partition and class of lanes; a batch that several lanes share counts once. */
export interface TenantReport {
  readonly spout: string
  readonly partition: number
  readonly laneClass: LaneClass
  readonly tenant: string
  readonly records: number
  readonly bytes: number
  readonly cpuMs: number
  readonly deletes: number
  /** Kinds of operations that it did for the first time within the last minutes. Absent: none. */
  readonly newOperations?: readonly string[]
}

/** Where time goes. `name`: the topic, bolt or sink. CPU and waiting are told apart. */
export interface StageReport {
  readonly stage: 'fetch' | 'decode' | 'bolt' | 'settle' | 'write' | 'ledger'
  readonly name: string
  readonly workClass: WorkClass
  readonly calls: number
  readonly records: number
  readonly bytes: number
  readonly cpuMs: number
  /** Time in which a call was open, without its CPU time. */
  readonly waitMs: number
  readonly errors: number
  /** The same by class. */
  readonly errorsByClass?: Readonly<Record<ErrorClass, number>>
  /** Of the calls that ended since the last report, ms; 0 without any. */
  readonly recentMeanMs: number
  readonly recentMaxMs: number
  readonly inFlight: number
  /** When the oldest open call began, ms since 1970. */
  readonly oldestSinceMs?: number
}

/** A call that has not ended yet. */
export interface OpenCall {
  readonly stage: StageReport['stage']
  readonly name: string
  /** What exactly: a range of offsets, a statement, an object's name. */
  readonly what: string
  readonly partition?: number
  readonly lane?: number
  readonly tenant?: string
  readonly sinceMs: number
}

export interface WorkReport {
  /** 0: the supervisor's own process; else the number of the worker. */
  readonly worker: number
  readonly pid: number
  readonly startedAtMs: number
  readonly atMs: number
  readonly rssBytes: number
  readonly heldBytes: number
  readonly budgetBytes: number
  /** Longest delay of the event loop since the last report, ms. */
  readonly loopDelayMs: number
  /** Share of the time since the last report in which the event loop was busy, 0..1. Absent: nobody measures it. */
  readonly loopUsedRatio?: number
  readonly lanes: readonly LaneReport[]
  readonly tenants: readonly TenantReport[]
  readonly stages: readonly StageReport[]
  /** The oldest first, at most 50. */
  readonly calls: readonly OpenCall[]
}
