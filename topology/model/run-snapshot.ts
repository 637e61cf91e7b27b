/**
 * One process of a running topology as people and programs see it: what `status`, `lag`, the metrics, the alerts, the
 * controller and the page are made of. Plain JSON; every process publishes its own beside the rows, every second.
 */
import type { LaneClass } from './lane-permit.ts'
import type { Counters } from './ledger-document.ts'
import type { SinkKind } from './sink.ts'
import type { OpenCall, StageReport } from './work-report.ts'

export const snapshotFormat = 1

/** One lane. Lag counts from the position read; what is read and not durable is held. */
export interface LagLine {
  readonly branch: string
  readonly spout: string
  readonly topic: string
  readonly partition: number
  readonly lane: number
  readonly laneClass: LaneClass
  /** `all`, one name, `a, b`, or `all but a`. */
  readonly tenant: string
  readonly lagEvents: number
  readonly lagBytes: number
  /** Of the lag, the records of its own tenants, as far as that is known: it passes over those of others. */
  readonly ownEvents: number
  /** Age of the oldest record that is not read, ms; 0 without lag. */
  readonly lagMs: number
  readonly heldEvents: number
  readonly heldMs: number
  /** How long what is read may honestly be held: until its epoch closes by age. Absent: nobody reads it. */
  readonly closeMs?: number
  /** Read in the last seconds. */
  readonly eventsPerSecond: number
  readonly bytesPerSecond: number
  /** Change of the lag, events a second; above 0 it grows. */
  readonly slopeEventsPerSecond: number
  /** Event time passed per time; `null` while nothing is read. */
  readonly drainMultiple: number | null
  /** When the lag will be gone, ms from now, as a range; `null` when it will not at this rate. */
  readonly etaMs: readonly [low: number, high: number] | null
  /** Until the log drops the oldest record that is not read; `null` where it keeps everything. */
  readonly retentionMsLeft: number | null
  readonly mayRead: boolean
  /** A person holds its tenants back: it waits for them, and is late by intent. */
  readonly isBlocked?: true
}

export type BranchState = 'ok' | 'catching-up' | 'detached' | 'paused' | 'stalled' | 'waiting' | 'failed'

export interface BranchLine {
  readonly branch: string
  readonly kind: SinkKind
  readonly namespace: string | null
  readonly state: BranchState
  /** Why, in a sentence for people; empty when `ok`. */
  readonly reason: string
  readonly sinceMs: number
  readonly isOrdered: boolean
  /** The pauses of people that cover it: its own, and those of bolts above it. Absent: none. */
  readonly pausedBy?: readonly string[]
  /** Of the partitions that the process has now, since there is a topology: they move from process to process. */
  readonly counters: Counters
  /** What the process has seen done itself: it grows with the work, and no partition that comes or goes changes it. */
  readonly counted: Counters
  readonly lagEvents: number
  readonly lagBytes: number
  /** Of its live lanes. */
  readonly freshMs: number
  /** Of all its lanes. */
  readonly lagMs: number
  readonly etaMs: readonly [low: number, high: number] | null
  /** Read of what lies behind, by all its lanes in the last seconds: what comes in for lanes that follow is not in it. */
  readonly drainEventsPerSecond: number
  readonly committedAtMs: number
}

export interface TenantLine {
  readonly tenant: string
  readonly records: number
  readonly bytes: number
  readonly cpuMs: number
  readonly deletes: number
  readonly eventsPerSecond: number
  readonly bytesPerSecond: number
  /** Of the bytes of all tenants, 0..1, in the last seconds. */
  readonly share: number
  readonly lagEvents: number
  readonly lagMs: number
  /** `live`, or what was done about it: `diverted`, `limited to 500/s`, `blocked`. */
  readonly place: string
  /** Kinds of operations that it did for the first time within the last minutes. Absent: none. */
  readonly newOperations?: readonly string[]
}

export interface WorkerLine {
  readonly worker: number
  /** Whose it is, where a snapshot is of several processes. */
  readonly process?: string
  readonly pid: number
  readonly startedAtMs: number
  readonly state: 'starting' | 'running' | 'silent' | 'draining' | 'drained'
  readonly beatAtMs: number
  readonly lanes: number
  readonly rssBytes: number
  readonly heldBytes: number
  readonly budgetBytes: number
  readonly loopDelayMs: number
  /** How often it was replaced, and why the last time. */
  readonly replaced: number
  readonly lastReason: string
}

export interface DependencyLine {
  readonly kind: 'log' | 'rows' | 'objects' | 'ledger'
  readonly name: string
  readonly state: 'ok' | 'slow' | 'failing'
  /** Mean of the last seconds. */
  readonly latencyMs: number
  readonly failingSinceMs?: number
  readonly reason: string
  /** Everything that shares it, computed. */
  readonly impact: readonly string[]
}

/** What limits the drain now, and which knob moves it. */
export interface Binding {
  readonly stage: StageReport['stage'] | 'cpu' | 'permit'
  readonly name: string
  /** Share of the time in which it was busy, 0..1. */
  readonly usedRatio: number
  readonly knob: string
  readonly advice: string
}

export interface PinLine {
  readonly knob: string
  readonly value: number | string
  readonly author: string
  readonly reason: string
  readonly untilMs: number
}

export interface TenantRuleLine {
  readonly tenant: string
  /** Absent: in all branches. */
  readonly branch?: string
  readonly rule: 'limit' | 'block'
  readonly eventsPerSecond?: number
  readonly author: string
  readonly reason: string
  readonly untilMs: number | null
}

export interface AlertLine {
  readonly rule: string
  readonly level: 'warning' | 'critical'
  readonly subject: string
  readonly text: string
  readonly sinceMs: number
  /** What to do: a symptom of the runbook. */
  readonly symptom: string
}

export interface RunSnapshot {
  readonly format: typeof snapshotFormat
  readonly topology: string
  /** `host#1`. */
  readonly process: string
  readonly state: 'running' | 'stopping' | 'drained'
  readonly startedAtMs: number
  readonly atMs: number
  readonly profile: {
    readonly mode: string
    readonly name: string
    readonly sinceMs: number
    readonly reason: string
    /** Share of their size that epochs have while memory is short; absent: all of it. */
    readonly epochShare?: number
  }
  /** Knobs that were set for this run, by its program or `spillway.yaml`; what is not here comes from the profile. */
  readonly settings?: Readonly<Record<string, number | string>>
  readonly verdict: {
    readonly kind: 'ok' | 'catching-up' | 'surge' | 'stalled' | 'saturated' | 'failed'
    readonly text: string
  }
  readonly totals: {
    readonly eventsPerSecond: number
    readonly bytesPerSecond: number
    readonly inFlightEvents: number
    readonly heldBytes: number
    readonly budgetBytes: number
    readonly deadLetters: number
  }
  readonly lag: readonly LagLine[]
  readonly branches: readonly BranchLine[]
  readonly tenants: readonly TenantLine[]
  readonly workers: readonly WorkerLine[]
  readonly stages: readonly StageReport[]
  readonly calls: readonly OpenCall[]
  readonly binding: Binding | null
  /** Of the CPU time of the last seconds, what deletes took, 0..1. */
  readonly deleteShare?: number
  readonly dependencies: readonly DependencyLine[]
  readonly pins: readonly PinLine[]
  readonly tenantRules: readonly TenantRuleLine[]
  readonly alerts: readonly AlertLine[]
}
