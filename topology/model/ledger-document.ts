/**
 * The ledger document of one partition (PROTOCOL section 2): everything that decides what an epoch contains.
 *
 * Plain JSON. The pure transitions over it live in `engine/ledger`; nobody else makes one.
 */
import type { JsonObject } from './json.ts'
import type { SinkKind } from './sink.ts'

/** Which tenants a lane reads. */
export type TenantScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'only'; readonly names: readonly string[] }
  | { readonly kind: 'except'; readonly names: readonly string[] }

/** Offsets `[from, to)` of some tenants. `to` of a live lane is `null`: open. */
export interface Segment {
  readonly from: number
  readonly to: number
  readonly tenants: TenantScope
}

/** A finished range and where its effects live: the slot of rows, the lane in the names of objects. */
export interface Home extends Segment {
  readonly slot: number
  readonly lane: number
}

/** A serial writer of state shards. `turn` names the lane (`L7`) or delete (`D0`) whose epoch is declared in it. */
export interface Slot {
  readonly seq: number
  readonly turn: string | null
}

/** Records of a lane or finished lanes: received = applied + deadLettered + dropped (I-8). */
export interface Counters {
  readonly received: number
  readonly applied: number
  readonly deadLettered: number
  readonly dropped: number
}

export interface SinkState {
  readonly kind: SinkKind
  readonly from: number
  readonly to: number | null
  /** What the sink's results are a function of: graph, options, formats. */
  readonly fingerprint: string
  readonly retired: boolean
  readonly slots: readonly Slot[]
  readonly homes: readonly Home[]
  /** Of finished lanes. */
  readonly counters: Counters
}

export interface LaneState {
  readonly sink: string
  readonly from: number
  /** `null`: open, a live lane. */
  readonly to: number | null
  readonly tenants: TenantScope
  /** The committed offset. */
  readonly at: number
  /** End of the declared epoch `[at, declared)`. */
  readonly declared: number | null
  readonly seq: number
  readonly slot: number
  /** Fingerprint of the code that declared; an epoch is finished by the code that declared it. */
  readonly code: string
  /** Part size of the declared epoch of an objects sink, bytes. */
  readonly partBytes: number
  readonly counters: Counters
  /** Starts of the lane since `at` last moved. */
  readonly tries: number
  /** When `at` last moved, ms; for people only. */
  readonly committedAtMs: number
}

export type DeleteWorkState = 'waiting' | 'running' | 'done'

/** What one delete still has to do on one sink. */
export interface DeleteWork {
  readonly state: DeleteWorkState
  readonly todo: readonly Home[]
  readonly at: number
  readonly declared: number | null
  readonly seq: number
  readonly known: number
  readonly retracted: number
  /** Offsets of its ranges that the log had dropped before they were read: the work ends partial. Absent: none. */
  readonly expired?: number
}

/** A delete record of the log as the list keeps it. */
export interface DeleteRecord {
  readonly offset: number
  readonly request: JsonObject
}

/** One entry of the delete list: records that were registered by one compare-and-set. */
export interface DeleteEntry {
  readonly records: readonly DeleteRecord[]
  /** Records that the planner refused: they match nothing. */
  readonly refused: readonly { readonly offset: number; readonly reason: string }[]
  /** Per sink, what it had taken when the entry was listed, cut off at the largest offset. */
  readonly cover: Readonly<Record<string, readonly Segment[]>>
  readonly work: Readonly<Record<string, DeleteWork>>
}

export interface LedgerDocument {
  readonly format: 1
  readonly ver: number
  /** +1 whenever a range, the tenants, the delete list or the dead letters change; not on progress. */
  readonly rules: number
  readonly nextLane: number
  /** Start of the log as this topology knows it. */
  readonly start: number
  /** Identity of the log. */
  readonly log: string
  readonly sinks: Readonly<Record<string, SinkState>>
  readonly lanes: Readonly<Record<string, LaneState>>
  readonly deletes: readonly DeleteEntry[]
  /** Offsets that are dead-lettered, per sink, sorted ranges `[from, to)`. The decoder's rejects need no list. */
  readonly deadLetters: Readonly<Record<string, readonly (readonly [from: number, to: number])[]>>
}
