/** Who still has something to read: views are equal to their truth only when nobody has. */
import type { LedgerDocument } from '../../../model/ledger-document.ts'

/** A lane of a sink in service that stands below the end of the log, or of its range, as a text; else `undefined`. */
export const laggingLane = ({ lanes, sinks }: LedgerDocument, end: number): string | undefined => {
  for (const [id, { sink, at, to }] of Object.entries(lanes))
    if (!sinks[sink]!.retired && at < Math.min(end, to ?? end)) return `lane ${id} of ${sink} stands at ${at} of ${end}`
  return undefined
}
