/**
 * What a running topology shows to whoever started it: the CLI, a program, a test.
 */
import type { KnobSetting } from './knobs/knob-setting.ts'
import type { ProfileName } from './knobs/profiles.ts'
import type { Counters, LostRange, TenantScope } from './ledger-document.ts'
import type { Clock } from './ports/clock.ts'
import type { EventLog } from './ports/event-log.ts'
import type { Ledger } from './ports/ledger.ts'
import type { ObjectStore } from './ports/object-store.ts'
import type { Random } from './ports/random.ts'
import type { RowStore } from './ports/row-store.ts'
import type { AlertLine, PinLine, RunSnapshot, TenantRuleLine } from './run-snapshot.ts'
import type { SinkKind } from './sink.ts'

/** Open ports of a run. Whoever opened them closes them, after the run has stopped. */
export interface Resources {
  /** The log of each spout by the spout's name; `default` serves the rest. */
  readonly logs: Readonly<Record<string, EventLog>>
  readonly rows: RowStore
  readonly ledger: Ledger
  readonly objects: ObjectStore
}

export interface RunOptions {
  /** Drain to the end of the log seen at the start, then stop. Default false. */
  readonly untilCaughtUp?: boolean
  /** Only these branches: sinks, bolts for all sinks below them, sinks of namespaces. The others are left as they are. Default: all. */
  readonly only?: readonly string[]
  /** Knobs set for this run; they win over the topology's options. */
  readonly knobs?: Readonly<Record<string, KnobSetting>>
  readonly signal?: AbortSignal
  readonly clock?: Clock
  readonly random?: Random
  /** Folder for spill files, emptied at the start. Default: beside embedded rows, else in the system's temporary folder. */
  readonly spillFolder?: string
  /** Path of the topology file, kept in the catalogue for readers. */
  readonly file?: string
  /** Shown a snapshot every second, and asked what its alerts are. */
  readonly watch?: RunWatch
}

export interface RunWatch {
  /** What stands in the next snapshot. */
  alerts?(): readonly AlertLine[]
  seen?(snapshot: RunSnapshot): void
}

export interface LaneStatus {
  readonly sink: string
  readonly kind: SinkKind
  readonly spout: string
  readonly topic: string
  readonly partition: number
  readonly lane: number
  readonly from: number
  /** `null`: open, a live lane. */
  readonly to: number | null
  readonly tenants: TenantScope
  /** Committed offset. */
  readonly at: number
  readonly declared: number | null
  /** Offset read so far by this process; equals `at` for a reader of the ledger. */
  readonly position: number
  readonly slot: number
  /** Records not yet read; never includes what is held. */
  readonly lagEvents: number
  /** Read and not yet durable. */
  readonly heldEvents: number
  readonly counters: Counters
  /** When an epoch was last committed, ms since 1970; 0 before the first. */
  readonly committedAtMs: number
}

/** A sink over all its lanes, finished ones included in the counters. */
export interface SinkStatus {
  readonly kind: SinkKind
  /** No longer declared; its rows stay. */
  readonly retired: boolean
  /** The namespace of a replay's sink; `null` for a declared one. */
  readonly namespace: string | null
  readonly paused: boolean
  readonly counters: Counters
  readonly lagEvents: number
  readonly heldEvents: number
  /** When an epoch was last committed, ms since 1970; 0 before the first. */
  readonly committedAtMs: number
}

/** `partial`: some sinks have finished; with nothing left to be read, for good: the log had dropped a part. */
export type DeleteState = 'accepted' | 'running' | 'partial' | 'done' | 'failed' | 'refused'

/** One delete as people see it: all records of its request, or of the job that wrote many requests. */
export interface DeleteStatus {
  /** Of the job, else of the request; of the record, where it tells none. */
  readonly id: string
  readonly state: DeleteState
  /** When the log took its first record, ms since 1970. */
  readonly requestedAtMs?: number
  /** Why a record was refused. */
  readonly reason?: string
  readonly partitions: readonly DeleteRecordStatus[]
  /** Events that it took. */
  readonly matched: number
  /** Of these, events that have left every sink in service. */
  readonly retracted: number
  /** Records still to be read for it, over all sinks. */
  readonly remaining: number
}

export interface DeleteRecordStatus {
  readonly spout: string
  readonly partition: number
  readonly offset: number
  readonly state: DeleteState
}

/** Something that a run depends on and that does not answer: it waits, and goes on by itself. */
export interface WaitingFor {
  readonly resource: 'log' | 'rows' | 'objects' | 'ledger'
  /** The topic or the name of the store; no secrets. */
  readonly name: string
  /** Since when no call that failed has succeeded, ms since 1970. */
  readonly sinceMs: number
  readonly reason: string
}

export interface TopologyStatus {
  readonly topology: string
  readonly state: 'running' | 'stopping' | 'stopped' | 'failed' | 'idle'
  /** Without those of retired sinks, which nobody serves. */
  readonly lanes: readonly LaneStatus[]
  /** By name. */
  readonly sinks: Readonly<Record<string, SinkStatus>>
  readonly deletes: readonly DeleteStatus[]
  /** Of this process; of all processes that run the topology, where the status is read beside them. */
  readonly waitingFor: readonly WaitingFor[]
  /** Ranges that sinks have lost. */
  readonly lost: readonly LostStatus[]
}

/** A range that a sink has lost: the log had dropped it, and a person let it go. */
export interface LostStatus extends LostRange {
  readonly spout: string
  readonly topic: string
  readonly partition: number
}

/** Something that a person may want to know. `level` is that of a log line. */
export interface Happening {
  readonly kind:
    | 'started'
    | 'recovered'
    | 'checkpoint'
    | 'deadLetter'
    | 'retrying'
    | 'laneStopped'
    | 'delete'
    | 'caughtUp'
    /** The share of the partitions has changed. */
    | 'assigned'
    /** A process that runs lanes came, went or was replaced. */
    | 'worker'
    /** A knob, or the profile, has another value. */
    | 'knob'
    /** This process, or a worker, gives its lanes away or takes some back. */
    | 'drain'
    /** Lanes were cut, parted or joined. */
    | 'lanes'
    | 'stopped'
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly atMs: number
  readonly text: string
  readonly fields: Readonly<Record<string, string | number | boolean | null>>
}

/** How a run ended. `failed` carries the first error of class `stop`. */
export interface RunOutcome {
  readonly state: 'caughtUp' | 'stopped' | 'failed'
  readonly error: Error | undefined
  /** Records read by this run, dead letters among them counted once per record. */
  readonly records: number
  readonly bytes: number
  readonly deadLetters: number
  readonly elapsedMs: number
}

export interface RunHandle extends AsyncIterable<Happening> {
  status(): TopologyStatus
  /** What people and programs see of the run, as of the last second; `undefined` before the first look. */
  snapshot(): RunSnapshot | undefined
  /** Stops a sink by name, or all sinks below a bolt, with their own progress; the others go on. */
  pause(branch: string): void
  /** Takes that pause back. A sink goes on when no other covers it: its own, or that of a bolt above it. */
  resume(branch: string): void
  /** What holds for tenants from now on, in place of what held before. */
  setTenantRules(rules: readonly TenantRuleLine[]): void
  readonly tenantRules: readonly TenantRuleLine[]
  /** A person's value of a knob, over everything else, until it expires. Throws when it cannot hold. */
  pin(pin: PinLine): void
  unpin(knob: string, author?: string, reason?: string): void
  setProfile(name: ProfileName, reason: string): void
  /** Gives the lanes of a worker to the others, or those of this process to other processes, until `undrain`. */
  drain(worker?: number): void
  undrain(worker?: number): void
  /**
   * Stops the work on a delete by the id of its request or job: no further epoch of it begins. What is taken out stays
   * taken out; there is no undo. An id that is not known yet is held from the moment it is met.
   */
  pauseDelete(id: string): void
  resumeDelete(id: string): void
  /** Changes a knob of this run; out of bounds or unknown throws. */
  tune(knob: string, value: KnobSetting): void
  /**
   * Resolves when everything up to the end of the log seen at the start is durable. Rejects when the run fails before.
   * A live run closes objects by their `idle` and `age` rules only, so with an archive it waits for these as well;
   * `untilCaughtUp` closes them at the end of the log.
   */
  readonly caughtUp: Promise<void>
  /** Resolves when the run has ended, whatever the reason; never rejects. */
  readonly ended: Promise<RunOutcome>
  /** Finishes open epochs within `shutdown.drainMs` (or abandons them: both are safe) and ends the run. */
  stop(): Promise<RunOutcome>
}
