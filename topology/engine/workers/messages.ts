/**
 * What a supervisor and the workers that run its lanes say to each other: plain data that survives a copy, in order. No
 * record's content crosses, only where lanes stand and what the ledger is asked.
 *
 * `desk` names one partition of one spout for as long as the supervisor has it; one that comes back has another number.
 */
import type { LanePermits } from '../../model/lane-permit.ts'
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { Happening, WaitingFor } from '../../model/run-handle.ts'
import type { PlainError } from '../../model/spillway-error.ts'
import type { WorkReport } from '../../model/work-report.ts'
import type { KnobState } from '../knob-desk.ts'
import type { Proposal, Refusal } from '../ledger/proposal.ts'
import type { CountedRange } from '../shell/read-tally.ts'
import type { DocumentPatch } from './document-patch.ts'

export interface FailedSink {
  readonly sink: string
  readonly error: PlainError
}

/** What a verdict says beside the document, which the worker has by then. */
export type PlainVerdict =
  | { readonly kind: 'applied' | 'unknown' }
  | { readonly kind: 'refused'; readonly why: Refusal }
  /** The ledger failed for good. */
  | { readonly kind: 'failed'; readonly error: PlainError }
  /** The run, or this process's hold on the partition, is ending. */
  | { readonly kind: 'abandoned' }

export type ToWorker =
  /** First of all, and whenever it changes. `workers`: how many share the budget of the process. */
  | { readonly kind: 'knobs'; readonly state: KnobState; readonly workers: number }
  | { readonly kind: 'open'; readonly desk: number; readonly order: OpenOrder }
  | { readonly kind: 'takeSlots'; readonly desk: number; readonly slots: readonly number[] }
  /** Answered by `gave` when their lanes are at rest. */
  | { readonly kind: 'giveSlots'; readonly desk: number; readonly slots: readonly number[]; readonly mostMs: number }
  | { readonly kind: 'document'; readonly desk: number; readonly patch: DocumentPatch }
  /** `ver`: of the document that the verdict was reached on; it was sent before. */
  | {
      readonly kind: 'verdict'
      readonly desk: number
      readonly id: number
      readonly ver: number
      readonly verdict: PlainVerdict
    }
  | { readonly kind: 'target'; readonly desk: number; readonly target: number }
  | { readonly kind: 'paused'; readonly desk: number; readonly sink: string; readonly isPaused: boolean }
  | { readonly kind: 'permits'; readonly desk: number; readonly permits: LanePermits }
  | { readonly kind: 'deletePaused'; readonly id: string; readonly isPaused: boolean }
  /** It has stopped in another worker, which may hold the turn of a slot. */
  | { readonly kind: 'stopSink'; readonly desk: number; readonly failed: FailedSink }
  /** Nothing new begins, what is open is closed. `ask` comes back with the lanes as they are by then. */
  | { readonly kind: 'wake'; readonly desk: number; readonly ask: number }
  /** Another process has the partition: nothing more is read, what is declared is finished. */
  | { readonly kind: 'leave'; readonly desk: number; readonly ask: number }
  /** Answered by `closed`. */
  | { readonly kind: 'close'; readonly desk: number }
  /** Ends the process when all is let go. */
  | { readonly kind: 'end' }

/** A partition as a worker is given it. */
export interface OpenOrder {
  readonly spout: string
  readonly partition: number
  readonly slots: readonly number[]
  readonly target: number
  readonly doc: LedgerDocument
  readonly paused: readonly string[]
  readonly failed: readonly FailedSink[]
  readonly pausedDeletes: readonly string[]
  readonly permits: LanePermits
}

/** A lane as its supervisor has to know it. */
export interface LaneLine {
  readonly lane: number
  readonly position: number
  readonly isActive: boolean
  readonly isPaused: boolean
  readonly isSettled: boolean
}

/** Records that are about to go through user code, or are in it. */
export interface Mark {
  readonly spout: string
  readonly partition: number
  readonly lanes: readonly number[]
  readonly from: number
  readonly to: number
  /** They were taken before: a loss has nothing to do with them, or it has, and then no record is at fault. */
  readonly isAgain?: true
}

/** What a person is told of a record that was passed over; its bytes stay in the worker, which has made them durable. */
export interface LetterLine {
  readonly spout: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Whose it is, where that is known. */
  readonly project?: string
  readonly cause: string
  readonly message: string
}

export type FromWorker =
  /** It lives. `callSinceMs`: since when its oldest call of user code is open. */
  | { readonly kind: 'alive'; readonly callSinceMs: number | null }
  | { readonly kind: 'ready' }
  /** It cannot serve for a reason that will not pass. */
  | { readonly kind: 'unusable'; readonly error: PlainError }
  | { readonly kind: 'report'; readonly report: WorkReport; readonly waits: readonly WaitingFor[] }
  /** Together, in this order. */
  | { readonly kind: 'propose'; readonly desk: number; readonly proposals: readonly AskedProposal[] }
  | { readonly kind: 'refresh'; readonly desk: number; readonly id: number }
  | { readonly kind: 'mark'; readonly id: number; readonly mark: Mark }
  | { readonly kind: 'unmark'; readonly id: number }
  /** `reads`: since the last one. */
  | {
      readonly kind: 'lanes'
      readonly desk: number
      readonly lanes: readonly LaneLine[]
      readonly isSettled: boolean
      /** The last question of `wake` or `leave` that it knows of; 0: none. */
      readonly ask: number
      readonly reads: readonly CountedRange[]
    }
  | { readonly kind: 'gave'; readonly desk: number; readonly slots: readonly number[] }
  | { readonly kind: 'closed'; readonly desk: number }
  /** It could not be opened, for a reason that will not pass. */
  | { readonly kind: 'deskFailed'; readonly desk: number; readonly error: PlainError }
  | { readonly kind: 'sinkStopped'; readonly desk: number; readonly failed: FailedSink }
  | { readonly kind: 'deadLetter'; readonly desk: number; readonly letter: LetterLine }
  | { readonly kind: 'happening'; readonly happening: Omit<Happening, 'atMs'> }

export interface AskedProposal {
  readonly id: number
  readonly proposal: Proposal
}
