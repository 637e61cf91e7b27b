/**
 * Whether a replay from `from` on can tell duplicates (PROTOCOL section 3): what was accepted below must be known, so the
 * sink that it recomputes must have read up to there. Else the replay would accept what the live lane then finds accepted.
 */
import type { LedgerDocument } from '../model/ledger-document.ts'
import type { PlannedSink } from '../model/spout-plan.ts'
import { lanePosition, lanesOf } from './ledger/document.ts'

export const knowsTokens = (doc: LedgerDocument, { name, dedupes }: PlannedSink, from: number): boolean =>
  dedupes.length === 0 || lanesOf(doc, name).every(([, lane]) => lanePosition(lane) >= from)
