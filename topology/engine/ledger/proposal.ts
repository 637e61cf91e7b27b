/**
 * Everything that may be asked of a ledger document, as data: proposals cross the border between workers and the
 * supervisor, and only the partition's ledger writer applies them, many in one compare-and-set (PROTOCOL section 2).
 */
import type { Counters, DeleteBlock, ReplayOrigin } from '../../model/ledger-document.ts'
import type { OrderNeed } from '../../model/operator.ts'
import type { SinkKind } from '../../model/sink.ts'
import type { SkippedLane } from './skip-transition.ts'

/** Events that one record of an entry took. */
export type RecordCount = readonly [record: number, count: number]

/** Events that an entry of the delete list took, by its records. */
export interface DeleteCount {
  readonly n: number
  readonly byRecord: readonly RecordCount[]
}

export type Proposal =
  | {
      readonly kind: 'addSink'
      readonly sink: string
      readonly sinkKind: SinkKind
      /** Absent: commutative. */
      readonly order?: OrderNeed
      readonly from: number
      readonly to: number | null
      readonly fingerprint: string
      readonly replay?: ReplayOrigin
    }
  | { readonly kind: 'retireSink'; readonly sink: string; readonly retired: boolean }
  | { readonly kind: 'startLane'; readonly lane: number }
  | {
      readonly kind: 'declare'
      readonly lane: number
      readonly at: number
      readonly to: number
      /** The document's `rules` under which the content of `[at, to)` was computed. */
      readonly rules: number
      readonly code: string
      readonly partBytes: number
      /** Offsets of delete records in `[at, to)`: all must be listed. */
      readonly deletes: readonly number[]
      /** Under which leader the log took the record before `to`, where that is known. */
      readonly leaderEpoch?: number
    }
  | {
      readonly kind: 'commit'
      readonly lane: number
      readonly at: number
      readonly to: number
      readonly seq: number
      readonly counters: Counters
      readonly atMs: number
      /** Events of the epoch that were dropped, by the delete that owns them. */
      readonly dropped?: readonly DeleteCount[]
    }
  | {
      readonly kind: 'cut'
      readonly lane: number
      readonly at: number
      readonly slots: readonly number[]
      readonly cuts: readonly number[]
    }
  | {
      readonly kind: 'divert'
      readonly lane: number
      readonly at: number
      readonly tenant: string
      readonly slot: number
      /** Slot of the lane that keeps the other tenants. Absent: that of the lane, which may be held by what it has declared. */
      readonly restSlot?: number
    }
  | { readonly kind: 'rejoin'; readonly lanes: readonly [number, number]; readonly at: number; readonly slot: number }
  | {
      readonly kind: 'deadLetter'
      readonly sinks: readonly string[]
      readonly offsets: readonly number[]
      readonly tenants: readonly string[]
    }
  | {
      readonly kind: 'registerDeletes'
      /** Of all records, taken and refused: joined ranges, ascending. None may be listed. */
      readonly offsets: readonly (readonly [from: number, to: number])[]
      /** How many are taken. */
      readonly records: number
      /** Digest of the row that holds them; it is durable. */
      readonly stored: string
      readonly isById: boolean
      readonly eventStore: string | undefined
    }
  | {
      readonly kind: 'startDelete'
      /** `n` of the entry, here and below. */
      readonly entry: number
      readonly sink: string
      /** Offsets that an entry by id names in this partition, ascending; a function of its stored row. */
      readonly named?: readonly number[]
      readonly eventStore: string | undefined
    }
  | {
      readonly kind: 'declareDelete'
      readonly entry: number
      readonly sink: string
      readonly at: number
      readonly to: number
      readonly left: number
      readonly eventStore: string | undefined
    }
  | {
      readonly kind: 'commitDelete'
      readonly entry: number
      readonly sink: string
      readonly at: number
      readonly to: number
      readonly seq: number
      readonly left: number
      readonly retracted: number
      /** How many of these each record took: its place in the stored row, and the count. */
      readonly byRecord?: readonly RecordCount[]
      /** Offsets of `[at, to)` that the log had dropped. */
      readonly expired: number
    }
  | { readonly kind: 'finishDelete'; readonly entry: number; readonly sink: string }
  | {
      readonly kind: 'archiveDeletes'
      /** Its row is durable. */
      readonly block: DeleteBlock
      /** Of the list: `n`, ascending. */
      readonly entries: readonly number[]
      /** Blocks whose entries it holds as well: their digests. */
      readonly replaced: readonly string[]
    }
  | { readonly kind: 'moveStart'; readonly start: number }
  /** A process was lost while these records were in user code, on their way to these lanes. */
  | {
      readonly kind: 'suspect'
      readonly lanes: readonly number[]
      readonly from: number
      readonly to: number
      readonly cause: string
      /** Something else may have been the cause: what is suspected already is not charged once more. */
      readonly isDoubtful?: true
    }
  | {
      readonly kind: 'skip'
      /** As they were found; all or none. */
      readonly lanes: readonly SkippedLane[]
      readonly atMs: number
      readonly by: string
      readonly reason: string
    }

/**
 * Why a document does not take a proposal. `waits`: the slot's turn is taken, ask again when the document has changed.
 * `ordered`: the sink keeps one lane, because its branch needs its tuples in order.
 * Everything else means: read the document and begin again.
 */
export type Refusal =
  | 'waits'
  | 'moved'
  | 'rules'
  | 'range'
  | 'unlisted'
  | 'present'
  | 'taken'
  | 'notReady'
  | 'absent'
  | 'ordered'
