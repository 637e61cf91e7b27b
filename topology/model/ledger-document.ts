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

/** A serial writer of state shards. `turn` names the lane (`L7`) or delete (`D0:totals`) whose epoch is declared in it. */
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

/** What a replay was asked for. The same request again goes on with it, another one cannot have its namespace. */
export interface ReplayRequest {
  readonly namespace: string
  /** Append times `[fromMs, toMs)`, ms since 1970; 0: from the beginning. */
  readonly fromMs: number
  /** `null`: it has no end and goes on with what comes. */
  readonly toMs: number | null
  /** Only this tenant. Absent: all. */
  readonly tenant?: string
  /** Only events of these event times `[startMs, endMs)`. Absent: all. */
  readonly timeframe?: { readonly startMs: number; readonly endMs: number }
}

/** A replay's sink: the request, and the declared sink that it recomputes. */
export interface ReplayOrigin extends ReplayRequest {
  readonly of: string
  /** Records that may be read for it in this partition a second. Absent: no limit. Decides when, never what. */
  readonly rate?: number
  /** Readers see it in the place of the declared sink: it is live work, not a replay. */
  readonly isPromoted?: true
}

/**
 * Which results of a topology readers see. It has a document of its own, so one compare-and-set changes it as a whole,
 * whatever the store is, and whoever reads it sees all of one promotion or nothing of it.
 */
export interface ServedCatalogue {
  /** By the declared sink: the namespace that is read in its place. What is not in it is read as it was declared. */
  readonly sinks: Readonly<Record<string, string>>
  /** What was read before: the way back. */
  readonly before: Readonly<Record<string, string>>
  /** Namespaces that were dropped: they are never read again. */
  readonly dropped: readonly string[]
  readonly atMs: number
  /** Who changed it, and why; for people only. */
  readonly by: string
  readonly reason: string
}

export interface SinkState {
  readonly kind: SinkKind
  readonly from: number
  readonly to: number | null
  /** What the sink's results are a function of: graph, options, formats. */
  readonly fingerprint: string
  readonly retired: boolean
  /** It was retired for so long that deletes went by without it: it may not return. */
  readonly lapsed?: boolean
  readonly slots: readonly Slot[]
  readonly homes: readonly Home[]
  /** Of finished lanes. */
  readonly counters: Counters
  /** Its branch needs tuples in order: its lanes are never cut. Absent: any order does. */
  readonly isOrdered?: true
  /** Absent for a declared sink. */
  readonly replay?: ReplayOrigin
  /** Where other sinks stood when it began behind them: up to here it only fills up. Absent: it began with them. */
  readonly backfillTo?: number
}

/** Offsets `[from, to)` of a sink that the log had dropped before they were read, and that a person let go. */
export interface LostRange extends Segment {
  readonly sink: string
  /** End of an epoch that was declared in it: rows and objects may hold a part of what lies below. Absent: nothing was. */
  readonly declared?: number
  readonly atMs: number
  /** Who let it go, and why; for people only. */
  readonly by: string
  readonly reason: string
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
  /** Under which leader the log took the last record that was declared. Absent: not known. */
  readonly leaderEpoch?: number
  /** What was under way when a process that ran the lane died or hung. Absent: nothing is suspected. */
  readonly suspect?: Suspect
}

/**
 * Offsets `[from, to)` that were in user code when a process was lost: read again one by one, so that the next loss names
 * the record. It decides how a lane reads, never what it gives.
 */
export interface Suspect {
  readonly from: number
  readonly to: number
  /** Processes that were lost over it. */
  readonly attempts: number
  /** Of the last loss, in words for people. */
  readonly cause: string
}

export type DeleteWorkState = 'waiting' | 'running' | 'done'

/** What one delete still has to do on one sink. */
export interface DeleteWork {
  readonly state: DeleteWorkState
  readonly todo: readonly Home[]
  readonly at: number
  readonly declared: number | null
  readonly seq: number
  readonly retracted: number
  /** Offsets of its ranges that the log had dropped before they were read: the work ends partial. Absent: none. */
  readonly expired?: number
}

/** A delete record of the log that was taken. */
export interface DeleteRecord {
  readonly offset: number
  readonly request: JsonObject
  /** When the log took it, ms; for people only. */
  readonly atMs?: number
}

/** A delete record that the planner refused: it matches nothing, for ever. */
export interface RefusedDelete {
  readonly offset: number
  readonly reason: string
  /** Id of the request, where one could be read. */
  readonly id: string | null
  readonly atMs?: number
}

/** What the stored row of an entry holds, by ascending offset. */
export interface DeleteText {
  readonly records: readonly DeleteRecord[]
  readonly refused: readonly RefusedDelete[]
}

/** One entry of the delete list: records that were registered by one compare-and-set. What they say stands in a stored row. */
export interface DeleteEntry {
  /** Place in the list, from 0; never used twice. */
  readonly n: number
  /** Of its records, taken and refused: joined ranges `[from, to)`, ascending. */
  readonly offsets: readonly (readonly [from: number, to: number])[]
  /** How many were taken. */
  readonly records: number
  /** Digest of the row that holds its `DeleteText`. */
  readonly stored: string
  /** Whether every record that was taken names its events by `keen.id`. */
  readonly isById: boolean
  /** Per sink whose work is not done, what it had taken when the entry was listed, cut off at the largest offset. */
  readonly cover: Readonly<Record<string, readonly Segment[]>>
  readonly work: Readonly<Record<string, DeleteWork>>
  /** Events that each record has taken, in the order of the stored row, as one sink has counted them. */
  readonly counted: { readonly sink: string; readonly byRecord: readonly number[] }
}

/** Entries that are done, merged into one stored row. */
export interface DeleteBlock {
  /** Digest of the row that holds its `ArchivedDeletes`. */
  readonly stored: string
  readonly entries: number
  readonly records: number
  /** Lowest offset of its records, and one behind the largest. */
  readonly from: number
  readonly to: number
  /** Offsets of events that they can match: those that are named by id, or all before the last record. */
  readonly reach: readonly [from: number, to: number]
  /** Length of the row's text. */
  readonly bytes: number
}

/** What the stored row of a block holds: entries by ascending `n`. */
export interface ArchivedDeletes {
  readonly entries: readonly ArchivedDelete[]
}

export interface ArchivedDelete extends DeleteText {
  readonly n: number
  readonly isById: boolean
  /** Final counts, in the order of the records. */
  readonly counted: readonly number[]
  /** Whether the log had dropped something that it had to take out. */
  readonly isPartial: boolean
}

export interface LedgerDocument {
  readonly format: 2
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
  /** By ascending `n`; without those that the archive holds. */
  readonly deletes: readonly DeleteEntry[]
  /** `n` of the next entry. */
  readonly nextDelete: number
  readonly archive: readonly DeleteBlock[]
  /** Every delete record below is listed, or was. */
  readonly scannedTo: number
  /** Offsets that are dead-lettered, per sink, sorted ranges `[from, to)`. The decoder's rejects need no list. */
  readonly deadLetters: Readonly<Record<string, readonly (readonly [from: number, to: number])[]>>
  /** What sinks have lost, in the order in which it was let go. Absent: nothing. */
  readonly lost?: readonly LostRange[]
  /** Only in the document of `catalogueKey`, which has no sinks and no lanes. */
  readonly served?: ServedCatalogue
}
