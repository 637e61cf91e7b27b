/**
 * The ledger document of one partition as lanes, cursors and deletes see it: its newest state, and a way to ask for a
 * change. The ledger writer itself where lanes run beside it, a copy that follows it where they run in a worker.
 */
import type { LedgerDocument } from '../../model/ledger-document.ts'
import type { Proposal } from '../ledger/proposal.ts'
import type { Verdict } from './ledger-writer.ts'

export interface PartitionLedger {
  /** The newest that is known here. */
  readonly doc: LedgerDocument
  /** Resolves with the tick that decided it. Rejects with class `stop` only, or `Abandoned`. */
  propose(proposal: Proposal): Promise<Verdict>
  /** Reads the stored document again. */
  refresh(): Promise<LedgerDocument>
}
