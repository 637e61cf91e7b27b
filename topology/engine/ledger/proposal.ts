/**
 * Everything that may be asked of a ledger document, as data: proposals cross the border between workers and the
 * supervisor, and only the partition's ledger writer applies them, many in one compare-and-set (PROTOCOL section 2).
 */
import type { Counters, DeleteRecord } from '../../model/ledger-document.ts'
import type { SinkKind } from '../../model/sink.ts'

export type Proposal =
  | {
      readonly kind: 'addSink'
      readonly sink: string
      readonly sinkKind: SinkKind
      readonly from: number
      readonly to: number | null
      readonly fingerprint: string
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
    }
  | {
      readonly kind: 'commit'
      readonly lane: number
      readonly at: number
      readonly to: number
      readonly seq: number
      readonly counters: Counters
      readonly atMs: number
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
      readonly records: readonly DeleteRecord[]
      readonly refused: readonly { readonly offset: number; readonly reason: string }[]
      readonly eventStore: string | undefined
    }
  | {
      readonly kind: 'startDelete'
      readonly entry: number
      readonly sink: string
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
      /** Offsets of `[at, to)` that the log had dropped. */
      readonly expired: number
    }
  | { readonly kind: 'finishDelete'; readonly entry: number; readonly sink: string }
  | { readonly kind: 'moveStart'; readonly start: number }

/**
 * Why a document does not take a proposal. `waits`: the slot's turn is taken, ask again when the document has changed.
 * Everything else means: read the document and begin again.
 */
export type Refusal = 'waits' | 'moved' | 'rules' | 'range' | 'unlisted' | 'present' | 'taken' | 'notReady' | 'absent'
