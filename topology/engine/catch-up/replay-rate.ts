/**
 * How fast a lane of a replay may read, as the ledger document says, until a supervisor that sees more than this partition
 * has said it: its sinks read together, so each has the whole rate of the partition, and lanes of one sink share it.
 */
import type { LaneState, LedgerDocument } from '../../model/ledger-document.ts'
import { lanesOf } from '../ledger/document.ts'

/** Records a second; infinite: no limit. What readers see is live work, whatever it was begun with. */
export const replayRate = (doc: LedgerDocument, { sink }: LaneState): number => {
  const { rate, isPromoted } = doc.sinks[sink]?.replay ?? {}
  return rate === undefined || isPromoted === true ? Number.POSITIVE_INFINITY : rate / lanesOf(doc, sink).length
}
